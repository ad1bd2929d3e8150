#ifndef NAME_H
#define NAME_H
/* Key names of signed notes. */
#include <stdbool.h>
#include <stddef.h>

/*
 * name_valid(p, n): not empty, UTF-8, without control characters, Unicode
 * spaces and '+'.
 */
bool name_valid(const void *p, size_t n);

#endif
