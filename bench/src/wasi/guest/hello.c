/* Says hello. */
#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

IMPORT(fd_write) extern int fd_write(int, const void *, unsigned, unsigned *);

static const char text[] = "hello\n";
static const struct { const void *at; unsigned size; } words = {text, sizeof text - 1};

__attribute__((export_name("_start"))) void start(void)
{
  unsigned count;
  if (fd_write(1, &words, 1, &count) != 0) __builtin_trap();
}
