/* peluit-audit, the auditor's verifier: main and nothing but. */
#include "audit.h"

int
main(int argc, char **argv)
{
	return audit_main(argc, argv);
}
