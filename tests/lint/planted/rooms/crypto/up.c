#include "sys.h"
#include <jansson.h>
#include <time.h>
