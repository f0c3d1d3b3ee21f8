/* The part of lsmkit.h that is no import: the current directory, which wasi-libc keeps for itself. */
#include <limits.h>
#include <unistd.h>

#include "lsmkit.h"

/* wasi-libc begins in `/`; a child begins where its parent was. */
__attribute__((constructor)) static void begin_where_we_are(void) {
  static char path[PATH_MAX];
  if (__lsmkit_getcwd(path, sizeof path) > 0) chdir(path);
}

int lsmkit_chdir(const char *path) {
  if (lsmkit_result(__lsmkit_chdir(path)) < 0) return -1;
  begin_where_we_are();
  return 0;
}
