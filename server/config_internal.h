#ifndef CONFIG_INTERNAL_H
#define CONFIG_INTERNAL_H
/* The table of keys, which reading, writing and the defaults share. */
#include "config.h"

enum kind { KIND_INT, KIND_BOOL, KIND_TEXT, KIND_ADDR };

/* One key: where it stands, what it may be, what it is if not given. */
struct key {
	const char *section, *name;
	enum kind kind;
	size_t offset, size;		/* in struct config; size of a text */
	int64_t min, max, def;
	const char *comment;
};
#define CONFIG_KEYS	41
extern const struct key config_keys[CONFIG_KEYS];
#define CONFIG_SECTIONS	5
extern const char *const config_sections[CONFIG_SECTIONS];

/* config_set_int(k, v, out): into a field of 32 or 64 bits. */
void config_set_int(const struct key *k, long v, struct config *out);

#endif
