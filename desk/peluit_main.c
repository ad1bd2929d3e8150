/* peluit, the investigator's desk: main and nothing but. */
#include "peluit.h"

int
main(int argc, char **argv)
{
	return peluit_main(argc, argv);
}
