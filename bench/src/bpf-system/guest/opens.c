/* Opens and closes /srv/files/file0 below descriptor 3, as often as memory says; counts what was refused. */
#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

typedef unsigned int u32;
typedef unsigned long long u64;

IMPORT(path_open)
extern int path_open(int, int, const char *, u32, int, u64, u64, int, int *);
IMPORT(fd_close) extern int fd_close(int);
IMPORT(args_sizes_get) extern int args_sizes_get(u32 *, u32 *);
IMPORT(proc_exit) extern _Noreturn void proc_exit(int);

#define RIGHT_READ 2

/* argc is one more than the millions of opens. */
__attribute__((export_name("_start"))) void start(void)
{
  u32 argc, size, refused = 0;
  int fd;
  args_sizes_get(&argc, &size);
  for (u32 left = (argc - 1) * 1000000; left > 0; left--) {
    if (path_open(3, 1, "srv/files/file0", 15, 0, RIGHT_READ, 0, 0, &fd))
      refused++;
    else
      fd_close(fd);
  }
  proc_exit(refused ? 1 : 0);
}
