/* Addresses as the tools take them: HOST is a name or four numbers. */
#ifndef NET_H
#define NET_H

#include "tool.h"

/* 0 when the text is no address, and no name that has one. */
static inline int address_of(const char *host, const char *port, struct lsmkit_sockaddr_in *to) {
  unsigned length = sizeof *to;
  memset(to, 0, sizeof *to);
  char *end;
  unsigned long number = strtoul(port, &end, 10);
  if (*port == '\0' || *end != '\0' || number > 65535) return 0;
  if (lsmkit_resolve(host, to, &length) != 0 || to->family != LSMKIT_AF_INET) return 0;
  to->port = lsmkit_port((unsigned)number);
  return 1;
}

static inline int connect_to(const struct lsmkit_sockaddr_in *to, int type) {
  int fd = lsmkit_socket(LSMKIT_AF_INET, type, 0);
  if (fd >= 0 && lsmkit_connect(fd, to, sizeof *to) == 0) return fd;
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return -1;
}

static inline int listen_on(const struct lsmkit_sockaddr_in *at) {
  int fd = lsmkit_socket(LSMKIT_AF_INET, LSMKIT_SOCK_STREAM, 0);
  if (fd >= 0 && lsmkit_bind(fd, at, sizeof *at) == 0 && lsmkit_listen(fd, 16) == 0) return fd;
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return -1;
}

#endif
