/* mv FROM... TO: renames files; TO may be a directory. */
#include <stdio.h>

#include "tool.h"
TOOL("mv");

int main(int argc, char **argv) {
  if (argc < 3) usage("mv FROM... TO");
  struct lsmkit_stat st;
  const char *to = argv[argc - 1];
  int into = lsmkit_stat(to, &st) == 0 && (st.mode & 0170000) == 0040000;
  if (argc > 3 && !into) usage("mv FROM... DIRECTORY");
  int status = 0;
  for (int i = 1; i < argc - 1; i++) {
    static char whole[PATH_MAX];
    const char *slash = strrchr(argv[i], '/');
    const char *name = slash == NULL ? argv[i] : slash + 1;
    if (strlen(to) + strlen(name) + 2 > sizeof whole) {
      complain(name, "name too long");
      return 1;
    }
    strcpy(whole, to);
    if (into) strcat(strcat(whole, "/"), name);
    if (rename(argv[i], whole) < 0) status = fail(argv[i]);
  }
  return status;
}
