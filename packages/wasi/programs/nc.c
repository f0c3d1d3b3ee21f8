/*
 * nc [-u [-w SECONDS]] HOST PORT, nc -l [HOST] PORT, nc -U [-l] PATH: connects standard input and output to a socket.
 */
#include <poll.h>

#include "net.h"
TOOL("nc");

static int unix_socket(const char *path, int listens) {
  struct lsmkit_sockaddr_un name = {LSMKIT_AF_UNIX, {0}};
  if (strlen(path) >= sizeof name.path) return errno = ENAMETOOLONG, -1;
  strcpy(name.path, path);
  unsigned length = (unsigned)(2 + strlen(path) + 1);
  int fd = lsmkit_socket(LSMKIT_AF_UNIX, LSMKIT_SOCK_STREAM, 0);
  if (fd < 0) return -1;
  if (listens ? lsmkit_bind(fd, &name, length) < 0 || lsmkit_listen(fd, 1) < 0 : lsmkit_connect(fd, &name, length) < 0)
    return -1;
  return fd;
}

/* A side that listens is done when the other one has sent all; a client sends the rest of its input first, as it may have
 * had none when the other side had already ended. */
static int talk(int fd, int listens) {
  static char buffer[65536];
  struct pollfd ends[2] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  // poll leaves out what is negative
  while (ends[0].fd >= 0 || (ends[1].fd >= 0 && !listens)) {
    if (poll(ends, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return fail("poll");
    }
    if (ends[1].revents != 0) {
      ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
      if (n > 0 && write_all(fd, buffer, (size_t)n) < 0) return fail("write");
      if (n <= 0) {
        lsmkit_shutdown(fd, 1);
        ends[1].fd = -1;
      }
    }
    if (ends[0].revents != 0) {
      ssize_t n = read(fd, buffer, sizeof buffer);
      if (n < 0) return fail("read");
      if (n == 0) ends[0].fd = -1;
      if (write_all(STDOUT_FILENO, buffer, (size_t)n) < 0) return 1;
    }
  }
  return 0;
}

/* Answers of UDP have no end: this is done when the input has, and `seconds` have passed without an answer. */
static int talk_datagrams(int fd, int seconds) {
  static char buffer[65536];
  struct pollfd ends[2] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    int ready = poll(ends, 2, ends[1].fd < 0 ? seconds * 1000 : -1);
    if (ready == 0) return 0;
    if (ready < 0 && errno != EINTR) return fail("poll");
    if (ready < 0) continue;
    if (ends[1].revents != 0) {
      ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
      if (n > 0 && write(fd, buffer, (size_t)n) < 0) return fail("write");
      if (n <= 0) ends[1].fd = -1;
    }
    if (ends[0].revents != 0) {
      ssize_t n = read(fd, buffer, sizeof buffer);
      if (n < 0) return fail("read");
      if (write_all(STDOUT_FILENO, buffer, (size_t)n) < 0) return 1;
    }
  }
}

static void use(void) { usage("nc [-u [-w SECONDS]] HOST PORT | nc -l [HOST] PORT | nc -U [-l] PATH"); }

int main(int argc, char **argv) {
  int listens = 0, is_unix = 0, is_udp = 0, seconds = 1, option, fd;
  while ((option = getopt(argc, argv, "luUw:")) != -1) switch (option) {
      case 'l': listens = 1; break;
      case 'u': is_udp = 1; break;
      case 'U': is_unix = 1; break;
      case 'w': seconds = atoi(optarg); break;
      default: use();
    }
  if (is_udp && (listens || is_unix)) use();
  const char *last = argc > optind ? argv[argc - 1] : "";
  if (is_unix && argc - optind == 1) fd = unix_socket(last, listens);
  else {
    struct lsmkit_sockaddr_in at;
    const char *host = argc - optind == 2 ? argv[optind] : "0.0.0.0";
    if (is_unix || argc - optind > 2 || argc - optind < (listens ? 1 : 2) || !address_of(host, last, &at))
      use();
    fd = listens ? listen_on(&at) : connect_to(&at, is_udp ? LSMKIT_SOCK_DGRAM : LSMKIT_SOCK_STREAM);
  }
  if (fd >= 0 && listens) fd = lsmkit_accept(fd, NULL, NULL);
  if (fd < 0) return fail(last);
  return is_udp ? talk_datagrams(fd, seconds) : talk(fd, listens);
}
