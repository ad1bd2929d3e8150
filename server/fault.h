#ifndef FAULT_H
#define FAULT_H
/*
 * Fault points: named places where a test lets the machine fail.  Only in
 * builds with PELUIT_FAULTS; the shipped programs have none of it.
 *
 * PELUIT_FAULT=POINT[@N]=kill|eio|enospc|enomem|pause[,...]
 * With @N the Nth passing fails, without it every one.
 */
#include <stdio.h>

#include "err.h"

#ifdef PELUIT_FAULTS
/*
 * fault_point(name): ERR_OK where nothing is asked for; ERR_SYS (errno EIO or
 * ENOMEM) or ERR_FULL (ENOSPC) as asked; kill does not return, pause does
 * once the process is continued.  ${name} must be in the list of fault.c.
 * Threads: any.
 */
enum err fault_point(const char *name) MUST_USE;
/* fault_list(out): every name, one a line. */
void fault_list(FILE *out);
#else
#define fault_point(name)	(ERR_OK)
#endif

#endif
