/* id [-Z] [-u]: prints your user, groups and label; -Z the label alone. */
#include "tool.h"
TOOL("id");

int main(int argc, char **argv) {
  const char *option = argc == 2 ? argv[1] : "";
  if (argc > 2 || (*option != '\0' && strcmp(option, "-Z") != 0 && strcmp(option, "-u") != 0)) usage("id [-Z | -u]");
  if (strcmp(option, "-u") == 0) {
    put_number(geteuid(), 0);
  } else {
    const char *label = text_of("/proc/self/attr/current");
    if (*option != '\0') {
      if (label == NULL || *label == '\0') {
        complain("-Z", "no module gives processes labels");
        return 1;
      }
      put(label);
    } else {
      put("uid=");
      put_number(getuid(), 0);
      put(" gid=");
      put_number(getgid(), 0);
      if (geteuid() != getuid()) {
        put(" euid=");
        put_number(geteuid(), 0);
      }
      if (label != NULL && *label != '\0') {
        put(" context=");
        put(label);
      }
    }
  }
  put_char('\n');
  flush();
  return 0;
}
