#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hex_read(const char *text, uint8_t *bytes, int max) {
  int length = 0;
  for (; text[0] && text[1] && length < max; text += 2) {
    unsigned value;
    if (sscanf(text, "%2x", &value) != 1) return false;
    bytes[length++] = (uint8_t)value;
  }
  return length > 0;
}

static srtp_suite suite_of(const char *name) {
  if (strcmp(name, "cm") == 0) return SRTP_CM;
  return strcmp(name, "gcm") == 0 ? SRTP_GCM : SRTP_NONE;
}

static bool take(options *read, const char *name, const char *value) {
  if (!strcmp(name, "calls")) read->calls = atoi(value);
  else if (!strcmp(name, "packetsPerS")) read->packets_per_s = atoi(value);
  else if (!strcmp(name, "burst")) read->burst = atoi(value);
  else if (!strcmp(name, "payloadBytes")) read->payload_bytes = atoi(value);
  else if (!strcmp(name, "warmUpS")) read->warm_up_s = atof(value);
  else if (!strcmp(name, "measuredS")) read->measured_s = atof(value);
  else if (!strcmp(name, "suite")) read->suite = suite_of(value);
  else if (!strcmp(name, "key")) return hex_read(value, read->key, sizeof read->key);
  else if (!strcmp(name, "map")) read->map = value;
  else if (!strcmp(name, "portA")) read->port_a = atoi(value);
  else if (!strcmp(name, "portB")) read->port_b = atoi(value);
  else if (!strcmp(name, "pid")) read->relay_pid = atoi(value);
  else return false;
  return true;
}

bool options_read(options *read, int count, char **args) {
  *read = (options){.calls = 1, .packets_per_s = 50, .burst = 1, .payload_bytes = 160,
                    .warm_up_s = 1, .measured_s = 3, .port_a = 20000, .port_b = 20001};
  for (int i = 1; i < count; i++) {
    char *equals = strchr(args[i], '=');
    if (equals) *equals = 0;
    if (!equals || !take(read, args[i], equals + 1)) {
      fprintf(stderr, "not understood: %s\n", args[i]);
      return false;
    }
  }
  return read->map && read->calls > 0 && read->packets_per_s > 0 && read->payload_bytes >= 4;
}
