#ifndef USAGE_H
#define USAGE_H

#include <stddef.h>
#include <stdint.h>

uint64_t monotonic_ns(void);
uint64_t wall_ns(void);
/** Run time of all living threads of a process, by the scheduler's own account. */
uint64_t process_cpu_ns(int pid);
uint64_t own_cpu_ns(void);
/** Sorts; 0 where there is none. */
uint32_t percentile(uint32_t *values, size_t count, double share);

#endif
