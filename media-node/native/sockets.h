#ifndef ISTHMUS_SOCKETS_H
#define ISTHMUS_SOCKETS_H

#include "address.h"

/** A bound UDP socket that does not block; -1 and errno where it cannot be had. */
int socket_bind(const address *local);
/** A burst of many calls must survive one busy turn. */
void socket_grow(int fd);
bool socket_port(int fd, uint16_t *port);

#endif
