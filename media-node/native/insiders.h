#ifndef ISTHMUS_INSIDERS_H
#define ISTHMUS_INSIDERS_H

#include "address.h"

/** As many as come by TCP to one node. */
#define INSIDERS_MAX 1024

/** Addresses of our own that browsers speak from, who come by TCP: exempt from the refused ranges. */
typedef struct insiders {
  address of[INSIDERS_MAX];
  int count;
} insiders;

void insiders_add(insiders *all, const address *source);
void insiders_remove(insiders *all, const address *source);
bool insiders_hold(const insiders *all, const address *source);

#endif
