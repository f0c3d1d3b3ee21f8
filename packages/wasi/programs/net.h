/* Addresses of the loopback, as the tools take them: HOST is localhost or four numbers. */
#ifndef NET_H
#define NET_H

#include "tool.h"

/* 0 when the text is no address. */
static inline int address_of(const char *host, const char *port, struct lsmkit_sockaddr_in *to) {
  memset(to, 0, sizeof *to);
  to->family = LSMKIT_AF_INET;
  char *end;
  unsigned long number = strtoul(port, &end, 10);
  if (*port == '\0' || *end != '\0' || number > 65535) return 0;
  to->port = lsmkit_port((unsigned)number);
  if (strcmp(host, "localhost") == 0) host = "127.0.0.1";
  for (int i = 0; i < 4; i++) {
    unsigned long part = strtoul(host, &end, 10);
    if (end == host || part > 255 || *end != (i < 3 ? '.' : '\0')) return 0;
    to->addr[i] = (uint8_t)part;
    host = end + 1;
  }
  return 1;
}

static inline int connect_to(const struct lsmkit_sockaddr_in *to) {
  int fd = lsmkit_socket(LSMKIT_AF_INET, LSMKIT_SOCK_STREAM, 0);
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
