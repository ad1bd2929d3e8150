#ifndef RESPONSE_H
#define RESPONSE_H
/*
 * Clocks that are read in epochs.  What happened in epoch N happened at some
 * moment of it, so between two events of epochs N and M lie more than
 * M - N - 1 and less than M - N + 1 epochs.
 */
#include <stdint.h>

enum response { RESPONSE_KEPT, RESPONSE_UNCERTAIN, RESPONSE_LATE };

/*
 * response_judge(from, to, epoch_seconds, hours): whether what came in epoch
 * ${to} came within ${hours} of what came in epoch ${from}.  With epochs of
 * 6 hours and 48 hours: kept to 7 epochs, late from 9, uncertain at 8.
 */
enum response response_judge(uint64_t from, uint64_t to,
    uint64_t epoch_seconds, uint64_t hours);
/* response_hours(from, to, epoch_seconds): the middle of what is possible. */
uint64_t response_hours(uint64_t from, uint64_t to, uint64_t epoch_seconds);

#endif
