/*
 * httpd [-1] [-p PORT] DIRECTORY: serves files; -1 ends after one connection.
 *
 * It has the hole that such programs used to have: `..` in a path leads out of the directory. What keeps a client from
 * /etc/shadow is the kernel it runs on.
 */
#include "net.h"
TOOL("httpd");

static void answer(int fd, const char *status, int file) {
  static const char head[] = "\r\nConnection: close\r\n\r\n";
  write_all(fd, "HTTP/1.0 ", 9);
  write_all(fd, status, strlen(status));
  write_all(fd, head, sizeof head - 1);
  if (file >= 0) copy_all(file, fd);
}

static void serve(int fd, const char *root) {
  static char request[4096], path[PATH_MAX];
  size_t used = 0;
  while (used < sizeof request - 1 && strstr(request, "\r\n\r\n") == NULL) {
    ssize_t n = read(fd, request + used, sizeof request - 1 - used);
    if (n <= 0) break;
    used += (size_t)n;
    request[used] = '\0';
  }
  char *target = request + 4, *end = strchr(target, ' ');
  if (strncmp(request, "GET ", 4) != 0 || end == NULL || strlen(root) + (size_t)(end - target) + 1 > sizeof path) {
    answer(fd, "400 Bad Request", -1);
    return;
  }
  *end = '\0';
  strcpy(path, root);
  strcat(path, target);
  int file = open(path, O_RDONLY);
  if (file >= 0) answer(fd, "200 OK", file);
  else answer(fd, errno == ENOENT || errno == ENOTDIR ? "404 Not Found" : "403 Forbidden", -1);
  if (file >= 0) close(file);
  memset(request, 0, sizeof request);
}

int main(int argc, char **argv) {
  const char *port = "80";
  int once = 0, option;
  while ((option = getopt(argc, argv, "1p:")) != -1) switch (option) {
      case '1': once = 1; break;
      case 'p': port = optarg; break;
      default: usage("httpd [-1] [-p PORT] DIRECTORY");
    }
  struct lsmkit_sockaddr_in at;
  if (argc - optind != 1 || !address_of("127.0.0.1", port, &at)) usage("httpd [-1] [-p PORT] DIRECTORY");
  lsmkit_signal(LSMKIT_SIGPIPE, LSMKIT_SIG_IGN);
  int fd = listen_on(&at);
  if (fd < 0) return fail(port);
  do {
    int client = lsmkit_accept(fd, NULL, NULL);
    if (client < 0) {
      if (errno == EINTR) continue;
      return fail("accept");
    }
    serve(client, argv[optind]);
    close(client);
  } while (!once);
  return 0;
}
