/* wget [-O FILE] http://HOST[:PORT]/PATH: fetches a page, to standard output unless -O names a file. */
#include "net.h"
TOOL("wget");

int main(int argc, char **argv) {
  const char *to = NULL;
  int option;
  while ((option = getopt(argc, argv, "O:")) != -1) {
    if (option != 'O') usage("wget [-O FILE] http://HOST[:PORT]/PATH");
    to = optarg;
  }
  if (argc - optind != 1 || strncmp(argv[optind], "http://", 7) != 0) usage("wget [-O FILE] http://HOST[:PORT]/PATH");
  static char host[256];
  const char *rest = argv[optind] + 7, *port = "80", *path = strchr(rest, '/');
  size_t length = path == NULL ? strlen(rest) : (size_t)(path - rest);
  if (length >= sizeof host) usage("wget [-O FILE] http://HOST[:PORT]/PATH");
  memcpy(host, rest, length);
  char *colon = strchr(host, ':');
  if (colon != NULL) {
    *colon = '\0';
    port = colon + 1;
  }
  struct lsmkit_sockaddr_in at;
  if (!address_of(host, port, &at)) {
    complain(host, "no address: a name that has one, or four numbers");
    return 2;
  }
  int fd = connect_to(&at, LSMKIT_SOCK_STREAM);
  if (fd < 0) return fail(argv[optind]);
  const char *parts[] = {"GET ", path == NULL ? "/" : path, " HTTP/1.0\r\nHost: ", host, "\r\n\r\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (write_all(fd, parts[i], strlen(parts[i])) < 0) return fail("write");

  /* the head, up to an empty line */
  static char head[8192];
  size_t used = 0;
  while (used < sizeof head - 1 && (used < 4 || memcmp(head + used - 4, "\r\n\r\n", 4) != 0)) {
    ssize_t n = read(fd, head + used, 1);
    if (n <= 0) break;
    used += (size_t)n;
  }
  const char *status = strchr(head, ' ');
  if (strncmp(head, "HTTP/", 5) != 0 || status == NULL) {
    complain(argv[optind], "no answer of HTTP");
    return 1;
  }
  int code = atoi(status);
  if (code != 200) {
    char *end = strchr(head, '\r');
    if (end != NULL) *end = '\0';
    complain(argv[optind], status + 1);
    return 8;
  }
  int out = STDOUT_FILENO;
  if (to != NULL && (out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666)) < 0) return fail(to);
  return copy_all(fd, out) < 0 ? fail("read") : 0;
}
