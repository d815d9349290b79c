#ifndef ISTHMUS_LIBRARY_H
#define ISTHMUS_LIBRARY_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>

/* Codecs are found at run time: a machine without the library loses the codec, not the addon. */

struct wanted_symbol {
  const char *name;
  void **address;
};

/* Names of one library, best first. */
#define LIBRARY(...) ((const char *const[]){__VA_ARGS__, NULL})
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Opens the first of these libraries and finds the symbols; the reason where it cannot. */
static inline const char *find_symbols(const char *const *library,
                                       const struct wanted_symbol *symbols, size_t count) {
  void *handle = NULL;
  for (; handle == NULL && *library != NULL; library++) {
    handle = dlopen(*library, RTLD_NOW | RTLD_LOCAL);
  }
  if (handle == NULL) return dlerror();
  for (size_t i = 0; i < count; i++) {
    *symbols[i].address = dlsym(handle, symbols[i].name);
    if (*symbols[i].address == NULL) return dlerror();
  }
  return NULL;
}

/* What dlerror has said is gone with its next error. */
static inline const char *kept(char *room, size_t bytes, const char *reason) {
  if (reason == NULL) return NULL;
  snprintf(room, bytes, "%s", reason);
  return room;
}

#endif
