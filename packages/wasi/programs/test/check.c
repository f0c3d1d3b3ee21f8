/* check: reads to the end, and tells how many bytes came and whether they were those of `fill`. */
#include "../tool.h"
TOOL("check");

int main(void) {
  static char buffer[40000];
  unsigned long at = 0, wrong = 0;
  ssize_t n;
  while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
    for (ssize_t i = 0; i < n; i++, at++) wrong += buffer[i] != (char)(at * 2654435761u >> 24);
  if (n < 0) return fail("read");
  put_number(at, 0);
  put(" bytes, ");
  put_number(wrong, 0);
  put(" wrong\n");
  flush();
  return wrong != 0;
}
