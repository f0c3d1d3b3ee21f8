/* rm [-rf] FILE...: removes files; -r directories too. -f ignores files that do not exist. */
#include <dirent.h>

#include "tool.h"
TOOL("rm");

static int remove_tree(char *path, size_t length);

/* What is in a directory. The listing begins anew after each round, as names went away beneath it. */
static int empty(char *path, size_t length) {
  for (int removed = 1; removed;) {
    removed = 0;
    DIR *directory = opendir(path);
    if (directory == NULL) return fail(path);
    int status = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
      const char *name = entry->d_name;
      if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
      size_t whole = length + 1 + strlen(name);
      if (whole >= PATH_MAX) {
        complain(name, "name too long");
        status = 1;
        continue;
      }
      path[length] = '/';
      strcpy(path + length + 1, name);
      if (remove_tree(path, whole) == 0) removed = 1;
      else status = 1;
      path[length] = '\0';
    }
    closedir(directory);
    if (status != 0) return status;
  }
  return 0;
}

static int remove_tree(char *path, size_t length) {
  struct lsmkit_stat st;
  if (lsmkit_lstat(path, &st) < 0) return fail(path);
  if ((st.mode & 0170000) != 0040000) return unlink(path) < 0 ? fail(path) : 0;
  return empty(path, length) != 0 ? 1 : rmdir(path) < 0 ? fail(path) : 0;
}

int main(int argc, char **argv) {
  int tree = 0, force = 0, option, status = 0;
  while ((option = getopt(argc, argv, "rRf")) != -1) switch (option) {
      case 'r':
      case 'R': tree = 1; break;
      case 'f': force = 1; break;
      default: usage("rm [-rf] FILE...");
    }
  if (optind == argc && !force) usage("rm [-rf] FILE...");
  for (int i = optind; i < argc; i++) {
    static char path[PATH_MAX];
    struct lsmkit_stat st;
    if (force && lsmkit_lstat(argv[i], &st) < 0 && errno == ENOENT) continue;
    if (strlen(argv[i]) >= sizeof path) {
      complain(argv[i], "name too long");
      status = 1;
      continue;
    }
    strcpy(path, argv[i]);
    if (tree ? remove_tree(path, strlen(path)) != 0 : unlink(path) < 0 && fail(argv[i])) status = 1;
  }
  return status;
}
