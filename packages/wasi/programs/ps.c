/* ps [-Z]: lists processes; -Z their labels. */
#include <ctype.h>
#include <dirent.h>

#include "tool.h"
TOOL("ps");

static int numbers[4096];
static int count;

static int by_number(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* /proc/PID/NAME */
static const char *about(int pid, const char *name) {
  char path[64] = "/proc/";
  char digits[12];
  int at = 0, used = 6;
  do digits[at++] = (char)('0' + pid % 10);
  while ((pid /= 10) != 0);
  while (at > 0) path[used++] = digits[--at];
  path[used++] = '/';
  strcpy(path + used, name);
  return text_of(path);
}

int main(int argc, char **argv) {
  int labels = argc == 2 && strcmp(argv[1], "-Z") == 0;
  if (argc > 2 || (argc == 2 && !labels)) usage("ps [-Z]");
  DIR *dir = opendir("/proc");
  if (dir == NULL) return fail("/proc");
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
    if (isdigit((unsigned char)entry->d_name[0]) && count < 4096) numbers[count++] = atoi(entry->d_name);
  closedir(dir);
  qsort(numbers, (size_t)count, sizeof *numbers, by_number);
  put(labels ? "LABEL                            PID  PPID STAT COMMAND\n" : "  PID  PPID STAT COMMAND\n");
  for (int i = 0; i < count; i++) {
    if (labels) {
      const char *label = about(numbers[i], "attr/current");
      if (label == NULL || *label == '\0') label = "-";
      put(label);
      for (size_t width = strlen(label); width < 30; width++) put_char(' ');
    }
    const char *stat = about(numbers[i], "stat");
    if (stat == NULL) continue;
    const char *name = strchr(stat, '('), *end = strrchr(stat, ')');
    if (name == NULL || end == NULL) continue;
    put_number((unsigned)numbers[i], labels ? 6 : 5);
    put_number((unsigned)atoi(end + 4), 6);
    put_char(' ');
    put_bytes(end + 2, 1);
    put("    ");
    put_bytes(name + 1, (size_t)(end - name - 1));
    put_char('\n');
  }
  flush();
  return 0;
}
