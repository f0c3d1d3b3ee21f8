/* fill COUNT [SIZE]: writes that many bytes of a sequence, SIZE at a time; says on standard error how it went. */
#include "../tool.h"
TOOL("fill");

int main(int argc, char **argv) {
  if (argc < 2) usage("fill COUNT [SIZE]");
  unsigned long count = strtoul(argv[1], NULL, 10), size = argc > 2 ? strtoul(argv[2], NULL, 10) : 65536, at = 0;
  char *buffer = malloc(size);
  if (buffer == NULL) return fail("malloc");
  while (at < count) {
    unsigned long part = count - at < size ? count - at : size;
    for (unsigned long i = 0; i < part; i++) buffer[i] = (char)((at + i) * 2654435761u >> 24);
    /* one write each: none may come up short */
    ssize_t n = write(STDOUT_FILENO, buffer, part);
    if (n != (ssize_t)part) return n < 0 ? fail("write") : (complain("short write", NULL), 1);
    at += part;
  }
  return 0;
}
