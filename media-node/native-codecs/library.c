#include <dlfcn.h>

#include "codec.h"

const char *find_symbols(const char *library, const struct wanted_symbol *symbols, size_t count) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) return dlerror();
  for (size_t i = 0; i < count; i++) {
    *symbols[i].address = dlsym(handle, symbols[i].name);
    if (*symbols[i].address == NULL) return dlerror();
  }
  return NULL;
}
