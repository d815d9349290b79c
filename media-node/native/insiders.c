#include "insiders.h"

static int find(const insiders *all, const address *source) {
  int at = 0;
  while (at < all->count && !address_equal(&all->of[at], source)) at++;
  return at;
}

bool insiders_hold(const insiders *all, const address *source) {
  return find(all, source) < all->count;
}

void insiders_add(insiders *all, const address *source) {
  if (all->count < INSIDERS_MAX && !insiders_hold(all, source)) all->of[all->count++] = *source;
}

void insiders_remove(insiders *all, const address *source) {
  int at = find(all, source);
  if (at < all->count) all->of[at] = all->of[--all->count];
}
