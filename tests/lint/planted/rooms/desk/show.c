#include "../server/store.h"
#include <sodium.h>
#include "crypto.h"
