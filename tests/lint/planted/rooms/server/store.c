#include <lmdb.h>
#include "crypto.h"
#include "page.h"
