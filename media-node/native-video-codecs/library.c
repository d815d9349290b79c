#include <dlfcn.h>

#include "video.h"

const char *find_symbols(const char *const *libraries, const struct wanted_symbol *symbols,
                         size_t count) {
  void *handle = NULL;
  for (size_t i = 0; handle == NULL && libraries[i] != NULL; i++) {
    handle = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (handle == NULL) return dlerror();
  for (size_t i = 0; i < count; i++) {
    *symbols[i].address = dlsym(handle, symbols[i].name);
    if (*symbols[i].address == NULL) return dlerror();
  }
  return NULL;
}
