/* ls [-l] [-Z] [-a] [-d] [FILE...]: lists files; -l modes and owners, -Z labels, -a all, -d no contents. */
#include <dirent.h>

#include "tool.h"
TOOL("ls");

static int lines, labels, all, itself;

static void put_mode(unsigned mode) {
  static const char kinds[] = "?pc?d?b?-?l?s???";
  char text[11] = {kinds[mode >> 12 & 15]};
  for (int i = 0; i < 9; i++) text[i + 1] = "rwxrwxrwx"[i];
  for (int i = 0; i < 9; i++)
    if ((mode >> (8 - i) & 1) == 0) text[i + 1] = '-';
  if (mode & 04000) text[3] = text[3] == 'x' ? 's' : 'S';
  if (mode & 02000) text[6] = text[6] == 'x' ? 's' : 'S';
  if (mode & 01000) text[9] = text[9] == 'x' ? 't' : 'T';
  put(text);
}

static int show(const char *path, const char *name) {
  struct lsmkit_stat st;
  if (lines) {
    if (lsmkit_lstat(path, &st) < 0) return fail(path);
    put_mode(st.mode);
    put_number(st.nlink, 4);
    put_number(st.uid, 6);
    put_number(st.gid, 6);
    put_number(st.size, 9);
    put_char(' ');
  }
  if (labels) {
    const char *label = label_of(path);
    put(label == NULL ? "?" : label);
    put_char(' ');
  }
  put(name);
  put_char('\n');
  return 0;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int list(const char *path) {
  DIR *dir = opendir(path);
  if (dir == NULL) return fail(path);
  char **names = NULL;
  size_t count = 0, room = 0;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    if (entry->d_name[0] == '.' && !all) continue;
    if (count == room) names = realloc(names, (room = room * 2 + 16) * sizeof *names);
    if (names == NULL || (names[count++] = strdup(entry->d_name)) == NULL) return fail(path);
  }
  closedir(dir);
  qsort(names, count, sizeof *names, by_name);
  int status = 0;
  static char whole[PATH_MAX];
  for (size_t i = 0; i < count; i++) {
    size_t length = strlen(path);
    if (length + strlen(names[i]) + 2 > sizeof whole) continue;
    memcpy(whole, path, length);
    if (length > 0 && path[length - 1] != '/') whole[length++] = '/';
    strcpy(whole + length, names[i]);
    status |= show(whole, names[i]);
  }
  return status;
}

int main(int argc, char **argv) {
  int option;
  while ((option = getopt(argc, argv, "lZad1")) != -1) switch (option) {
      case 'l': lines = 1; break;
      case 'Z': labels = 1; break;
      case 'a': all = 1; break;
      case 'd': itself = 1; break;
      case '1': break;
      default: usage("ls [-l] [-Z] [-a] [-d] [FILE...]");
    }
  static char here[] = ".";
  char *const none[] = {here, NULL};
  char *const *paths = optind < argc ? argv + optind : none;
  int status = 0, many = argc - optind > 1;
  for (; *paths != NULL; paths++) {
    struct lsmkit_stat st;
    if (lsmkit_stat(*paths, &st) < 0 && lsmkit_lstat(*paths, &st) < 0) {
      status = fail(*paths);
      continue;
    }
    if (itself || (st.mode & 0170000) != 0040000) {
      status |= show(*paths, *paths);
      continue;
    }
    if (many) {
      put(*paths);
      put(":\n");
    }
    status |= list(*paths);
  }
  flush();
  return status;
}
