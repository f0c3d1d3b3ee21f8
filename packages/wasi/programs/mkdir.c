/* mkdir [-p] DIRECTORY...: makes directories; -p those above them too. One that is there is then no error. */
#include <sys/stat.h>

#include "tool.h"
TOOL("mkdir");

static int make(char *path, int all) {
  if (mkdir(path, 0777) == 0) return 0;
  struct lsmkit_stat st;
  if (all && errno == EEXIST && lsmkit_stat(path, &st) == 0 && (st.mode & 0170000) == 0040000) return 0;
  return -1;
}

/* Each directory on the way, from the left. */
static int make_way(char *path) {
  for (char *slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
    *slash = '\0';
    int rc = make(path, 1);
    *slash = '/';
    if (rc < 0) return -1;
  }
  return 0;
}

int main(int argc, char **argv) {
  int all = 0, option, status = 0;
  while ((option = getopt(argc, argv, "p")) != -1)
    if (option == 'p') all = 1;
    else usage("mkdir [-p] DIRECTORY...");
  if (optind == argc) usage("mkdir [-p] DIRECTORY...");
  for (int i = optind; i < argc; i++)
    if ((all && make_way(argv[i]) < 0) || make(argv[i], all) < 0) status = fail(argv[i]);
  return status;
}
