/* cp FROM... TO: copies files; TO may be a directory. A new file has the mode of its source. */
#include "tool.h"
TOOL("cp");

static int copy(const char *from, const char *to) {
  struct lsmkit_stat st;
  if (lsmkit_stat(from, &st) < 0) return fail(from);
  if ((st.mode & 0170000) == 0040000) {
    complain(from, "is a directory");
    return 1;
  }
  int in = open(from, O_RDONLY);
  if (in < 0) return fail(from);
  struct lsmkit_stat old;
  int is_new = lsmkit_stat(to, &old) < 0;
  int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (out < 0) return fail(to);
  int status = copy_all(in, out) < 0 ? fail(to) : 0;
  if (is_new && status == 0 && lsmkit_chmod(to, st.mode & 0777 & ~lsmkit_umask(022)) < 0) status = fail(to);
  close(in);
  close(out);
  return status;
}

int main(int argc, char **argv) {
  if (argc < 3) usage("cp FROM... TO");
  struct lsmkit_stat st;
  const char *to = argv[argc - 1];
  int into = lsmkit_stat(to, &st) == 0 && (st.mode & 0170000) == 0040000;
  if (argc > 3 && !into) usage("cp FROM... DIRECTORY");
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
    status |= copy(argv[i], whole);
  }
  return status;
}
