/* runcon LABEL PROGRAM [ARGUMENT...]: executes a program with a label: SELinux's at the exec, Smack's at once. */
#include "tool.h"
TOOL("runcon");

extern char **environ;

static int tell(const char *path, const char *label) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  ssize_t n = write(fd, label, strlen(label));
  close(fd);
  return n < 0 ? -1 : 0;
}

/* With a slash it is a path; else the first of PATH that can be executed. */
static void execute(char **argv) {
  static char path[PATH_MAX];
  const char *from = getenv("PATH");
  if (strchr(argv[0], '/') != NULL || from == NULL) {
    execve(argv[0], argv, environ);
    return;
  }
  int refused = ENOENT;
  for (;;) {
    size_t length = strcspn(from, ":");
    if (length + strlen(argv[0]) + 2 <= sizeof path) {
      memcpy(path, from, length);
      path[length] = '/';
      strcpy(path + length + 1, argv[0]);
      execve(path, argv, environ);
      if (errno != ENOENT) refused = errno;
    }
    if (from[length] == '\0') break;
    from += length + 1;
  }
  errno = refused;
}

int main(int argc, char **argv) {
  if (argc < 3) usage("runcon LABEL PROGRAM [ARGUMENT...]");
  const char *attribute = strchr(argv[1], ':') != NULL ? "/proc/self/attr/exec" : "/proc/self/attr/current";
  if (tell(attribute, argv[1]) < 0) return fail(argv[1]);
  execute(argv + 2);
  fail(argv[2]);
  return errno == ENOENT ? 127 : 126;
}
