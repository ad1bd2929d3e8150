#include <lmdb.h>
#include <microhttpd.h>
#include "sys.h"
