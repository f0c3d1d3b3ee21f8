/*
 * Repeats one operation below descriptor 3 and writes how many nanoseconds all took and how many there were, as two
 * numbers of 64 bits. Arguments: a letter for the operation, and how often.
 */
#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

IMPORT(args_get) extern int args_get(char **, char *);
IMPORT(clock_res_get) extern int clock_res_get(int, u64 *);
IMPORT(clock_time_get) extern int clock_time_get(int, u64, u64 *);
IMPORT(fd_close) extern int fd_close(int);
IMPORT(fd_filestat_get) extern int fd_filestat_get(int, void *);
IMPORT(fd_read) extern int fd_read(int, const void *, u32, u32 *);
IMPORT(fd_readdir) extern int fd_readdir(int, void *, u32, u64, u32 *);
IMPORT(fd_write) extern int fd_write(int, const void *, u32, u32 *);
IMPORT(path_filestat_get) extern int path_filestat_get(int, int, const char *, u32, void *);
IMPORT(path_open) extern int path_open(int, int, const char *, u32, int, u64, u64, int, int *);
IMPORT(path_unlink_file) extern int path_unlink_file(int, const char *, u32);

#define FILES 100
#define RIGHT_READ 2
#define RIGHT_WRITE 64
#define RIGHT_READDIR 0x4000
#define RIGHT_STAT 0x200000
#define CREATE_EXCLUSIVE 5
#define DIRECTORY 2
#define MONOTONIC 1
#define ENTRY 24

static char *argv[3];
static char words[256], buffer[4096], name[3];
static const struct { void *at; u32 size; } into = {buffer, 64}, chunk = {buffer, sizeof buffer};
static u64 result[2];
static const struct { void *at; u32 size; } told = {result, sizeof result};

static void check(int error) { if (error != 0) __builtin_trap(); }

/* f00 to f99: all names are of the same length. */
static const char *file(u32 i)
{
  name[0] = 'f';
  name[1] = (char)('0' + i % FILES / 10);
  name[2] = (char)('0' + i % 10);
  return name;
}

static void open_one(u32 i)
{
  int fd;
  u32 count;
  check(path_open(3, 1, file(i), 3, 0, RIGHT_READ, 0, 0, &fd));
  check(fd_read(fd, &into, 1, &count));
  check(fd_close(fd));
}

static void create_one(u32 i)
{
  int fd;
  file(i);
  name[0] = 'n';
  check(path_open(3, 1, name, 3, CREATE_EXCLUSIVE, RIGHT_WRITE, 0, 0, &fd));
  check(fd_close(fd));
  check(path_unlink_file(3, name, 3));
}

/* The whole directory once: how many entries. */
static u32 list(void)
{
  int fd;
  u32 entries = 0, used;
  u64 cookie = 0;
  check(path_open(3, 0, ".", 1, DIRECTORY, RIGHT_READDIR, 0, 0, &fd));
  do {
    check(fd_readdir(fd, buffer, sizeof buffer, cookie, &used));
    for (u32 at = 0; at + ENTRY <= used; ) {
      u32 size = ENTRY + *(u32 *)(buffer + at + 16);
      if (at + size > used) break;
      __builtin_memcpy(&cookie, buffer + at, sizeof cookie);
      at += size;
      entries++;
    }
  } while (used == sizeof buffer);
  check(fd_close(fd));
  return entries;
}

#define DIRECTORY_TYPE 3
#define DEEPEST 8

static char path[256];

/* Reads every file below the directory whose path has `length` bytes, as a search does: how many files. */
static u32 walk(u32 length, u32 depth)
{
  static char listed[DEEPEST][4096];
  char *entries = listed[depth];
  int fd;
  u32 files = 0, used;
  u64 cookie = 0;
  if (depth == DEEPEST) __builtin_trap();
  check(path_open(3, 1, length == 0 ? "." : path, length == 0 ? 1 : length, DIRECTORY, RIGHT_READDIR, 0, 0, &fd));
  do {
    check(fd_readdir(fd, entries, sizeof listed[0], cookie, &used));
    for (u32 at = 0; at + ENTRY <= used; ) {
      u32 size = *(u32 *)(entries + at + 16), longer = length;
      if (at + ENTRY + size > used) break;
      __builtin_memcpy(&cookie, entries + at, sizeof cookie);
      const char *text = entries + at + ENTRY;
      int is_directory = entries[at + 20] == DIRECTORY_TYPE;
      at += ENTRY + size;
      if (text[0] == '.') continue;
      if (longer > 0) path[longer++] = '/';
      for (u32 i = 0; i < size; i++) path[longer++] = text[i];
      if (is_directory) {
        files += walk(longer, depth + 1);
        continue;
      }
      int file_fd;
      u32 count;
      check(path_open(3, 1, path, longer, 0, RIGHT_READ | RIGHT_STAT, 0, 0, &file_fd));
      check(fd_filestat_get(file_fd, buffer));
      do check(fd_read(file_fd, &chunk, 1, &count)); while (count != 0);
      check(fd_close(file_fd));
      files++;
    }
  } while (used == sizeof listed[0]);
  check(fd_close(fd));
  return files;
}

static u64 run(char operation, u32 times)
{
  u64 done = times, unused;
  switch (operation) {
  case 'n': for (u32 i = 0; i < times; i++) check(clock_res_get(MONOTONIC, &unused)); break;
  case 'o': for (u32 i = 0; i < times; i++) open_one(i); break;
  case 's': for (u32 i = 0; i < times; i++) check(path_filestat_get(3, 1, file(i), 3, buffer)); break;
  case 'c': for (u32 i = 0; i < times; i++) create_one(i); break;
  case 'd': done = 0; for (u32 i = 0; i < times; i++) done += list(); break;
  case 'w': done = 0; for (u32 i = 0; i < times; i++) done += walk(0, 0); break;
  default: __builtin_trap();
  }
  return done;
}

__attribute__((export_name("_start"))) void start(void)
{
  u64 from, to;
  u32 times = 0, count;
  check(args_get(argv, words));
  for (const char *digit = argv[2]; *digit != 0; digit++) times = times * 10 + (u32)(*digit - '0');
  check(clock_time_get(MONOTONIC, 1, &from));
  result[1] = run(argv[1][0], times);
  check(clock_time_get(MONOTONIC, 1, &to));
  result[0] = to - from;
  check(fd_write(1, &told, 1, &count));
}
