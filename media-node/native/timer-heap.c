#include "timer-heap.h"

#include <stdlib.h>

bool heap_init(timer_heap *heap, uint32_t capacity) {
  heap->count = 0;
  heap->of = calloc(capacity, sizeof(call *));
  return heap->of != NULL;
}

void heap_free(timer_heap *heap) { free(heap->of); }

static void place(timer_heap *heap, int at, call *it) {
  heap->of[at] = it;
  it->heap_index = at;
}

static void sift_up(timer_heap *heap, int at) {
  call *it = heap->of[at];
  while (at > 0) {
    int parent = (at - 1) / 2;
    if (heap->of[parent]->due_us <= it->due_us) break;
    place(heap, at, heap->of[parent]);
    at = parent;
  }
  place(heap, at, it);
}

static void sift_down(timer_heap *heap, int at) {
  call *it = heap->of[at];
  for (;;) {
    int child = 2 * at + 1;
    if (child >= heap->count) break;
    bool has_right = child + 1 < heap->count;
    if (has_right && heap->of[child + 1]->due_us < heap->of[child]->due_us) child += 1;
    if (it->due_us <= heap->of[child]->due_us) break;
    place(heap, at, heap->of[child]);
    at = child;
  }
  place(heap, at, it);
}

void heap_add(timer_heap *heap, call *it) {
  place(heap, heap->count++, it);
  sift_up(heap, it->heap_index);
}

void heap_move(timer_heap *heap, call *it) {
  if (it->heap_index < 0) return;
  sift_up(heap, it->heap_index);
  sift_down(heap, it->heap_index);
}

void heap_remove(timer_heap *heap, call *it) {
  int at = it->heap_index;
  if (at < 0) return;
  it->heap_index = -1;
  call *last = heap->of[--heap->count];
  if (last == it) return;
  place(heap, at, last);
  heap_move(heap, last);
}
