/* chcon [-h] LABEL FILE...: gives files a label, for the module that labelled them. */
#include "tool.h"
TOOL("chcon");

int main(int argc, char **argv) {
  int follow = 1;
  if (argc > 1 && strcmp(argv[1], "-h") == 0) {
    follow = 0;
    argc--;
    argv++;
  }
  if (argc < 3) usage("chcon [-h] LABEL FILE...");
  const char *label = argv[1];
  /* a context has colons; a label of Smack has none */
  const char *name = strchr(label, ':') != NULL ? "security.selinux" : "security.SMACK64";
  int status = 0;
  for (int i = 2; i < argc; i++) {
    int rc = follow ? setxattr(argv[i], name, label, strlen(label), 0) : lsetxattr(argv[i], name, label, strlen(label), 0);
    if (rc < 0) status = fail(argv[i]);
  }
  return status;
}
