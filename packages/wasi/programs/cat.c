/* cat [FILE...]: copies files, or standard input, to standard output. */
#include "tool.h"
TOOL("cat");

int main(int argc, char **argv) {
  int status = 0;
  if (argc == 1 && copy_all(STDIN_FILENO, STDOUT_FILENO) < 0) return fail("standard input");
  for (int i = 1; i < argc; i++) {
    int fd = strcmp(argv[i], "-") == 0 ? STDIN_FILENO : open(argv[i], O_RDONLY);
    if (fd < 0 || copy_all(fd, STDOUT_FILENO) < 0) status = fail(argv[i]);
    if (fd > STDIN_FILENO) close(fd);
  }
  return status;
}
