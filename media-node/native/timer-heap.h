#ifndef ISTHMUS_TIMER_HEAP_H
#define ISTHMUS_TIMER_HEAP_H

#include "call.h"

/** Calls by when they want to be called; the first is the next. */
typedef struct timer_heap {
  call **of;
  int count;
} timer_heap;

bool heap_init(timer_heap *heap, uint32_t capacity);
void heap_free(timer_heap *heap);
void heap_add(timer_heap *heap, call *it);
void heap_remove(timer_heap *heap, call *it);
/** Its `due_us` has changed. */
void heap_move(timer_heap *heap, call *it);

#endif
