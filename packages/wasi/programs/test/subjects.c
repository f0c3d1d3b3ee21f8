/* build: -Wno-unused-parameter */
/*
 * subjects NAME...: what WASI preview 1 promises of files, in the directory that is descriptor 3, which is empty. A line
 * for each subject: its name and `ok`, or the first thing that was not so. Without names it tells them all.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

#define ROOT 3
#define ALL 0x1fffffffull
#define FILE_RIGHTS (__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL | \
  __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE | __WASI_RIGHTS_FD_FILESTAT_SET_TIMES | \
  __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_FDSTAT_SET_FLAGS | __WASI_RIGHTS_FD_ADVISE | __WASI_RIGHTS_FD_SYNC | \
  __WASI_RIGHTS_FD_DATASYNC)
#define READ_RIGHTS (__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL | __WASI_RIGHTS_FD_FILESTAT_GET)
#define CREATE __WASI_OFLAGS_CREAT
#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW

static const char *wrong;
static char text[160];

/* Ends the subject with what was asked, and what came of it. */
#define IS(expression, expected) do { \
  unsigned long long got_ = (unsigned long long)(expression), want_ = (unsigned long long)(expected); \
  if (got_ != want_) { snprintf(text, sizeof text, "%s is %llu, not %llu", #expression, got_, want_); wrong = text; return; } \
} while (0)
#define EITHER(expression, a, b) do { \
  unsigned long long got_ = (unsigned long long)(expression); \
  if (got_ != (a) && got_ != (b)) { snprintf(text, sizeof text, "%s is %llu", #expression, got_); wrong = text; return; } \
} while (0)

static __wasi_errno_t open_as(const char *path, int how, uint64_t rights, __wasi_lookupflags_t look, __wasi_fd_t *fd) {
  return __wasi_path_open(ROOT, look, path, (__wasi_oflags_t)how, rights, rights, 0, fd);
}
static int make(const char *path, const char *content) {
  __wasi_fd_t fd;
  __wasi_size_t n;
  __wasi_ciovec_t io = {(const uint8_t *)content, strlen(content)};
  if (open_as(path, CREATE | __WASI_OFLAGS_TRUNC, FILE_RIGHTS, 0, &fd) != 0) return 1;
  int rc = io.buf_len > 0 ? __wasi_fd_write(fd, &io, 1, &n) : 0;
  return __wasi_fd_close(fd) | rc;
}
static __wasi_errno_t gone(const char *path) { return __wasi_path_unlink_file(ROOT, path); }
static __wasi_errno_t content(const char *path, char *to, __wasi_size_t size, __wasi_size_t *n) {
  __wasi_fd_t fd;
  __wasi_iovec_t io = {(uint8_t *)to, size};
  __wasi_errno_t rc = open_as(path, 0, READ_RIGHTS, FOLLOW, &fd);
  if (rc != 0) return rc;
  rc = __wasi_fd_read(fd, &io, 1, n);
  __wasi_errno_t closed = __wasi_fd_close(fd);
  return rc != 0 ? rc : closed;
}

static void open_create_existing(void) {
  __wasi_fd_t fd;
  IS(make("f", "x"), 0);
  IS(open_as("f", CREATE | __WASI_OFLAGS_EXCL, FILE_RIGHTS, 0, &fd), __WASI_ERRNO_EXIST);
  IS(gone("f"), 0);
}
static void open_missing(void) {
  __wasi_fd_t fd;
  IS(open_as("none", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOENT);
  IS(open_as("none/deeper", CREATE, FILE_RIGHTS, 0, &fd), __WASI_ERRNO_NOENT);
}
static void open_file_as_directory(void) {
  __wasi_fd_t fd;
  IS(make("f", "x"), 0);
  IS(open_as("f", __WASI_OFLAGS_DIRECTORY, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOTDIR);
  IS(open_as("f/below", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOTDIR);
  IS(gone("f"), 0);
}
static void open_directory_to_write(void) {
  __wasi_fd_t fd;
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  IS(open_as("d", 0, FILE_RIGHTS, 0, &fd), __WASI_ERRNO_ISDIR);
  IS(__wasi_path_remove_directory(ROOT, "d"), 0);
}
static void open_lots(void) {
  __wasi_fd_t fd;
  IS(make("f", "x"), 0);
  for (int i = 0; i < 2000; i++) {
    IS(open_as("f", 0, READ_RIGHTS, 0, &fd), 0);
    IS(__wasi_fd_close(fd), 0);
  }
  IS(gone("f"), 0);
}
static void outside(void) {
  __wasi_fd_t fd;
  EITHER(open_as("../x", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOTCAPABLE, __WASI_ERRNO_PERM);
  EITHER(open_as("/x", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOTCAPABLE, __WASI_ERRNO_PERM);
  IS(__wasi_path_symlink("/etc", ROOT, "l") == 0 && open_as("l/passwd", 0, READ_RIGHTS, FOLLOW, &fd) == 0, 0);
  gone("l");
}
static void truncate_by_open(void) {
  char read[8];
  __wasi_size_t n;
  __wasi_fd_t fd;
  IS(make("f", "text"), 0);
  /* a descriptor that may not write */
  IS(open_as("f", __WASI_OFLAGS_TRUNC, READ_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_close(fd), 0);
  IS(content("f", read, sizeof read, &n), 0);
  IS(n, 0);
  IS(gone("f"), 0);
}
static void truncation(void) {
  __wasi_fd_t fd;
  __wasi_filestat_t stat;
  IS(open_as("f", CREATE, FILE_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_filestat_set_size(fd, 100), 0);
  IS(__wasi_fd_filestat_get(fd, &stat), 0);
  IS(stat.size, 100);
  IS(__wasi_fd_filestat_set_size(fd, 7), 0);
  IS(__wasi_fd_filestat_get(fd, &stat), 0);
  IS(stat.size, 7);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
static void truncation_rights(void) {
  __wasi_fd_t fd, dir;
  __wasi_fdstat_t stat;
  IS(make("f", "x"), 0);
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  IS(__wasi_path_open(ROOT, 0, "d", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_PATH_OPEN | __WASI_RIGHTS_PATH_CREATE_FILE,
    FILE_RIGHTS, 0, &dir), 0);
  IS(__wasi_fd_fdstat_get(dir, &stat), 0);
  IS(stat.fs_rights_base & __WASI_RIGHTS_PATH_FILESTAT_SET_SIZE, 0);
  IS(__wasi_path_open(dir, 0, "n", CREATE, FILE_RIGHTS, 0, 0, &fd), 0);
  IS(__wasi_fd_close(fd), 0);
  EITHER(__wasi_path_open(dir, 0, "n", __WASI_OFLAGS_TRUNC, FILE_RIGHTS, 0, 0, &fd), __WASI_ERRNO_NOTCAPABLE,
    __WASI_ERRNO_PERM);
  IS(__wasi_fd_close(dir), 0);
  IS(gone("d/n"), 0);
  IS(__wasi_path_remove_directory(ROOT, "d"), 0);
  IS(gone("f"), 0);
}
static void allocation(void) {
  __wasi_fd_t fd;
  __wasi_filestat_t stat;
  IS(open_as("f", CREATE, FILE_RIGHTS, 0, &fd), 0);
  __wasi_errno_t rc = __wasi_fd_allocate(fd, 0, 100);
  IS(__wasi_fd_filestat_get(fd, &stat), 0);
  /* a host without it says so, and changes nothing */
  IS(rc == __WASI_ERRNO_NOTSUP ? stat.size == 0 : rc == 0 && stat.size == 100, 1);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
static void advice(void) {
  __wasi_fd_t fd;
  IS(make("f", "x"), 0);
  IS(open_as("f", 0, FILE_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_advise(fd, 0, 10, __WASI_ADVICE_WILLNEED), 0);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
static void positions(void) {
  __wasi_fd_t fd;
  __wasi_filesize_t at;
  __wasi_size_t n;
  char read[8];
  __wasi_iovec_t in = {(uint8_t *)read, 4};
  __wasi_ciovec_t out = {(const uint8_t *)"0123456789", 10};
  IS(open_as("f", CREATE, FILE_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_write(fd, &out, 1, &n), 0);
  IS(__wasi_fd_tell(fd, &at), 0);
  IS(at, 10);
  IS(__wasi_fd_seek(fd, -6, __WASI_WHENCE_CUR, &at), 0);
  IS(at, 4);
  IS(__wasi_fd_read(fd, &in, 1, &n), 0);
  IS(n == 4 && memcmp(read, "4567", 4) == 0, 1);
  IS(__wasi_fd_seek(fd, 0, __WASI_WHENCE_END, &at), 0);
  IS(at, 10);
  IS(__wasi_fd_seek(fd, -1, __WASI_WHENCE_SET, &at), __WASI_ERRNO_INVAL);
  IS(__wasi_fd_pread(fd, &in, 1, 2, &n), 0);
  IS(n == 4 && memcmp(read, "2345", 4) == 0, 1);
  out.buf_len = 3;
  IS(__wasi_fd_pwrite(fd, &out, 1, 8, &n), 0);
  IS(__wasi_fd_pread(fd, &in, 1, 7, &n), 0);
  IS(n == 4 && memcmp(read, "7012", 4) == 0, 1);
  IS(__wasi_fd_tell(fd, &at), 0);
  IS(at, 10);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
static void appending(void) {
  __wasi_fd_t fd;
  __wasi_fdstat_t stat;
  __wasi_filesize_t at;
  __wasi_size_t n;
  char read[8];
  __wasi_ciovec_t out = {(const uint8_t *)"ab", 2};
  IS(make("f", "12"), 0);
  IS(__wasi_path_open(ROOT, 0, "f", 0, FILE_RIGHTS, 0, __WASI_FDFLAGS_APPEND, &fd), 0);
  IS(__wasi_fd_fdstat_get(fd, &stat), 0);
  IS(stat.fs_flags, __WASI_FDFLAGS_APPEND);
  IS(__wasi_fd_write(fd, &out, 1, &n), 0);
  IS(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at), 0);
  IS(__wasi_fd_write(fd, &out, 1, &n), 0);
  IS(__wasi_fd_fdstat_set_flags(fd, 0), 0);
  IS(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at), 0);
  IS(__wasi_fd_write(fd, &out, 1, &n), 0);
  IS(__wasi_fd_close(fd), 0);
  IS(content("f", read, sizeof read, &n), 0);
  IS(n == 6 && memcmp(read, "ababab", 6) == 0, 1);
  IS(gone("f"), 0);
}
static void rights_are_given_up(void) {
  __wasi_fd_t fd;
  __wasi_fdstat_t stat;
  __wasi_size_t n;
  __wasi_ciovec_t out = {(const uint8_t *)"ab", 2};
  IS(open_as("f", CREATE, FILE_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_fdstat_set_rights(fd, READ_RIGHTS, 0), 0);
  IS(__wasi_fd_fdstat_get(fd, &stat), 0);
  IS(stat.fs_rights_base, READ_RIGHTS);
  EITHER(__wasi_fd_write(fd, &out, 1, &n), __WASI_ERRNO_NOTCAPABLE, __WASI_ERRNO_BADF);
  EITHER(__wasi_fd_fdstat_set_rights(fd, FILE_RIGHTS, 0), __WASI_ERRNO_NOTCAPABLE, __WASI_ERRNO_PERM);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
static void renumbering(void) {
  __wasi_fd_t a, b;
  __wasi_filestat_t of_a, of_b;
  IS(open_as("a", CREATE, FILE_RIGHTS, 0, &a), 0);
  IS(open_as("b", CREATE, FILE_RIGHTS, 0, &b), 0);
  IS(__wasi_fd_filestat_get(a, &of_a), 0);
  IS(__wasi_fd_renumber(a, b), 0);
  IS(__wasi_fd_close(a), __WASI_ERRNO_BADF);
  IS(__wasi_fd_filestat_get(b, &of_b), 0);
  IS(of_a.ino, of_b.ino);
  IS(__wasi_fd_close(b), 0);
  IS(gone("a") | gone("b"), 0);
}
static void stat_of_file(void) {
  __wasi_fd_t fd;
  __wasi_filestat_t a, b;
  IS(make("f", "12345"), 0);
  IS(open_as("f", 0, READ_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_filestat_get(fd, &a), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "f", &b), 0);
  IS(a.ino, b.ino);
  IS(a.dev, b.dev);
  IS(a.filetype, __WASI_FILETYPE_REGULAR_FILE);
  IS(a.size, 5);
  IS(a.nlink, 1);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
#define NS 1000000000ull
/* How far a time may be from what was asked for: what a double of seconds leaves (see the README of the kernel). */
static uint64_t most = 240;
static int is_near(uint64_t got, uint64_t want) { return (got > want ? got - want : want - got) < most; }
static void times_by_path(void) {
  __wasi_filestat_t stat;
  IS(make("f", "x"), 0);
  IS(__wasi_path_filestat_set_times(ROOT, 0, "f", 1700000000 * NS, 1600000000 * NS,
    __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "f", &stat), 0);
  IS(stat.atim, 1700000000 * NS);
  IS(stat.mtim, 1600000000 * NS);
  IS(__wasi_path_filestat_set_times(ROOT, 0, "f", 0, 0, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW),
    __WASI_ERRNO_INVAL);
  IS(gone("f"), 0);
}
static void times_by_descriptor(void) {
  __wasi_fd_t fd;
  __wasi_filestat_t before, after;
  IS(open_as("f", CREATE, FILE_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_filestat_get(fd, &before), 0);
  IS(__wasi_fd_filestat_set_times(fd, 0, 1500000000 * NS, __WASI_FSTFLAGS_MTIM), 0);
  IS(__wasi_fd_filestat_get(fd, &after), 0);
  IS(after.mtim, 1500000000 * NS);
  /* what was not asked for stays, to the nanosecond */
  IS(after.atim == before.atim, 1);
  IS(__wasi_fd_filestat_set_times(fd, 0, 0, __WASI_FSTFLAGS_MTIM_NOW), 0);
  IS(__wasi_fd_filestat_get(fd, &after), 0);
  IS(after.mtim >= before.mtim, 1);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
static void times_near(void) {
  __wasi_filestat_t stat;
  IS(make("f", "x"), 0);
  IS(__wasi_path_filestat_set_times(ROOT, 0, "f", 1700000000 * NS + 123456789, 1600000000 * NS + 987654321,
    __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "f", &stat), 0);
  IS(is_near(stat.atim, 1700000000 * NS + 123456789), 1);
  IS(is_near(stat.mtim, 1600000000 * NS + 987654321), 1);
  IS(gone("f"), 0);
}
static void times_exact(void) {
  most = 1;
  times_near();
}
static void times_of_link(void) {
  __wasi_filestat_t link, file;
  IS(make("f", "x"), 0);
  IS(__wasi_path_symlink("f", ROOT, "l"), 0);
  IS(__wasi_path_filestat_set_times(ROOT, 0, "l", 0, 1400000000 * NS, __WASI_FSTFLAGS_MTIM), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "l", &link), 0);
  IS(__wasi_path_filestat_get(ROOT, FOLLOW, "l", &file), 0);
  IS(link.mtim, 1400000000 * NS);
  IS(file.mtim > 1700000000 * NS, 1);
  IS(__wasi_path_filestat_set_times(ROOT, FOLLOW, "l", 0, 1300000000 * NS, __WASI_FSTFLAGS_MTIM), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "f", &file), 0);
  IS(file.mtim, 1300000000 * NS);
  IS(gone("l") | gone("f"), 0);
}
static void links(void) {
  __wasi_filestat_t a, b;
  IS(make("a", "x"), 0);
  IS(__wasi_path_link(ROOT, 0, "a", ROOT, "b"), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "a", &a), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "b", &b), 0);
  IS(a.ino, b.ino);
  IS(a.nlink, 2);
  IS(__wasi_path_link(ROOT, 0, "a", ROOT, "b"), __WASI_ERRNO_EXIST);
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  EITHER(__wasi_path_link(ROOT, 0, "d", ROOT, "c"), __WASI_ERRNO_PERM, __WASI_ERRNO_ACCES);
  IS(__wasi_path_link(ROOT, 0, "a", ROOT, "e/") != 0, 1);
  IS(gone("a") | gone("b") | __wasi_path_remove_directory(ROOT, "d"), 0);
}
static void links_to_links(void) {
  __wasi_filestat_t stat;
  IS(__wasi_path_symlink("target", ROOT, "l"), 0);
  IS(__wasi_path_link(ROOT, 0, "l", ROOT, "m"), 0);
  IS(__wasi_path_filestat_get(ROOT, 0, "m", &stat), 0);
  IS(stat.filetype, __WASI_FILETYPE_SYMBOLIC_LINK);
  IS(gone("l") | gone("m"), 0);
}
static void symlinks(void) {
  char read[16] = "................";
  __wasi_size_t n;
  __wasi_filestat_t stat;
  IS(__wasi_path_symlink("target", ROOT, "l"), 0);
  IS(__wasi_path_readlink(ROOT, "l", (uint8_t *)read, sizeof read, &n), 0);
  IS(n == 6 && memcmp(read, "target", 6) == 0, 1);
  IS(__wasi_path_readlink(ROOT, "l", (uint8_t *)read, 3, &n), 0);
  IS(n, 3);
  IS(__wasi_path_filestat_get(ROOT, 0, "l", &stat), 0);
  IS(stat.filetype, __WASI_FILETYPE_SYMBOLIC_LINK);
  IS(stat.size, 6);
  IS(__wasi_path_symlink("other", ROOT, "l"), __WASI_ERRNO_EXIST);
  EITHER(__wasi_path_symlink("/absolute", ROOT, "m"), __WASI_ERRNO_NOTCAPABLE, 0);
  gone("m");
  IS(gone("l"), 0);
}
static void dangling_symlinks(void) {
  __wasi_fd_t fd;
  IS(__wasi_path_symlink("none", ROOT, "l"), 0);
  IS(open_as("l", 0, READ_RIGHTS, FOLLOW, &fd), __WASI_ERRNO_NOENT);
  EITHER(open_as("l", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_LOOP, __WASI_ERRNO_MLINK);
  IS(open_as("l", CREATE | __WASI_OFLAGS_EXCL, FILE_RIGHTS, FOLLOW, &fd), __WASI_ERRNO_EXIST);
  IS(gone("l"), 0);
}
static void symlink_loops(void) {
  __wasi_fd_t fd;
  IS(__wasi_path_symlink("l", ROOT, "l"), 0);
  IS(open_as("l", 0, READ_RIGHTS, FOLLOW, &fd), __WASI_ERRNO_LOOP);
  IS(open_as("l", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_LOOP);
  IS(gone("l"), 0);
}
static void not_followed(void) {
  __wasi_fd_t fd;
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  IS(__wasi_path_symlink("d", ROOT, "l"), 0);
  EITHER(open_as("l", __WASI_OFLAGS_DIRECTORY, READ_RIGHTS, 0, &fd), __WASI_ERRNO_LOOP, __WASI_ERRNO_NOTDIR);
  IS(open_as("l", __WASI_OFLAGS_DIRECTORY, READ_RIGHTS, FOLLOW, &fd), 0);
  IS(__wasi_fd_close(fd), 0);
  IS(__wasi_path_remove_directory(ROOT, "l"), __WASI_ERRNO_NOTDIR);
  IS(gone("l") | __wasi_path_remove_directory(ROOT, "d"), 0);
}
static void trailing_slashes(void) {
  __wasi_fd_t fd;
  IS(make("f", "x"), 0);
  IS(open_as("f/", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOTDIR);
  IS(__wasi_path_unlink_file(ROOT, "f/"), __WASI_ERRNO_NOTDIR);
  IS(__wasi_path_create_directory(ROOT, "d/"), 0);
  EITHER(__wasi_path_unlink_file(ROOT, "d/"), __WASI_ERRNO_ISDIR, __WASI_ERRNO_PERM);
  IS(__wasi_path_rename(ROOT, "d/", ROOT, "e/"), 0);
  IS(__wasi_path_rename(ROOT, "f", ROOT, "g/") != 0, 1);
  IS(__wasi_path_symlink("f", ROOT, "l/") != 0, 1);
  IS(__wasi_path_remove_directory(ROOT, "e/"), 0);
  IS(gone("f"), 0);
}
static void renaming(void) {
  __wasi_fd_t fd;
  IS(make("a", "a"), 0);
  IS(make("b", "bb"), 0);
  IS(__wasi_path_rename(ROOT, "a", ROOT, "b"), 0);
  IS(open_as("a", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOENT);
  __wasi_filestat_t stat;
  IS(__wasi_path_filestat_get(ROOT, 0, "b", &stat), 0);
  IS(stat.size, 1);
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  IS(__wasi_path_create_directory(ROOT, "e"), 0);
  IS(__wasi_path_rename(ROOT, "d", ROOT, "e"), 0);
  EITHER(__wasi_path_rename(ROOT, "b", ROOT, "e"), __WASI_ERRNO_ISDIR, __WASI_ERRNO_PERM);
  IS(__wasi_path_rename(ROOT, "e", ROOT, "b"), __WASI_ERRNO_NOTDIR);
  IS(make("e/x", ""), 0);
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  EITHER(__wasi_path_rename(ROOT, "d", ROOT, "e"), __WASI_ERRNO_NOTEMPTY, __WASI_ERRNO_EXIST);
  IS(__wasi_path_rename(ROOT, "e", ROOT, "e/f"), __WASI_ERRNO_INVAL);
  IS(gone("e/x") | gone("b") | __wasi_path_remove_directory(ROOT, "d") | __wasi_path_remove_directory(ROOT, "e"), 0);
}
static void removing(void) {
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  IS(__wasi_path_create_directory(ROOT, "d"), __WASI_ERRNO_EXIST);
  IS(make("d/f", ""), 0);
  IS(__wasi_path_remove_directory(ROOT, "d"), __WASI_ERRNO_NOTEMPTY);
  IS(__wasi_path_remove_directory(ROOT, "d/f"), __WASI_ERRNO_NOTDIR);
  EITHER(__wasi_path_unlink_file(ROOT, "d"), __WASI_ERRNO_ISDIR, __WASI_ERRNO_PERM);
  IS(gone("d/f"), 0);
  IS(gone("d/f"), __WASI_ERRNO_NOENT);
  IS(__wasi_path_remove_directory(ROOT, "d"), 0);
  IS(__wasi_path_remove_directory(ROOT, "d"), __WASI_ERRNO_NOENT);
}
static void removed_but_open(void) {
  __wasi_fd_t fd;
  __wasi_size_t n;
  __wasi_ciovec_t out = {(const uint8_t *)"ab", 2};
  __wasi_filestat_t stat;
  IS(open_as("f", CREATE, FILE_RIGHTS, 0, &fd), 0);
  IS(gone("f"), 0);
  IS(__wasi_fd_write(fd, &out, 1, &n), 0);
  IS(__wasi_fd_filestat_get(fd, &stat), 0);
  IS(stat.size, 2);
  IS(stat.nlink, 0);
  IS(__wasi_fd_close(fd), 0);
}
/* How many names there are of `want`, and of others; -1: a kind is wrong, -2: an error. */
static int count(__wasi_fd_t fd, const char *want, int kind, uint32_t size) {
  static uint8_t buffer[512];
  __wasi_dircookie_t cookie = 0;
  __wasi_size_t used;
  int found = 0;
  do {
    if (__wasi_fd_readdir(fd, buffer, size, cookie, &used) != 0) return -2;
    for (uint32_t at = 0; at + sizeof(__wasi_dirent_t) <= used;) {
      __wasi_dirent_t entry;
      memcpy(&entry, buffer + at, sizeof entry);
      if (at + sizeof entry + entry.d_namlen > used) break;
      const char *name = (const char *)buffer + at + sizeof entry;
      if (entry.d_namlen == strlen(want) && memcmp(name, want, entry.d_namlen) == 0) {
        if (entry.d_type != kind) return -1;
        found++;
      }
      at += sizeof entry + entry.d_namlen;
      cookie = entry.d_next;
    }
  } while (used == size);
  return found;
}
static void listing(void) {
  __wasi_fd_t fd;
  char name[8] = "d/f00";
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  for (int i = 0; i < 60; i++) {
    name[3] = (char)('0' + i / 10);
    name[4] = (char)('0' + i % 10);
    IS(make(name, ""), 0);
  }
  IS(__wasi_path_create_directory(ROOT, "d/dir"), 0);
  IS(__wasi_path_symlink("dir", ROOT, "d/link"), 0);
  IS(open_as("d", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READDIR, 0, &fd), 0);
  for (uint32_t size = 40; size <= 512; size += 59) {
    IS(count(fd, "f00", __WASI_FILETYPE_REGULAR_FILE, size), 1);
    IS(count(fd, "f59", __WASI_FILETYPE_REGULAR_FILE, size), 1);
    IS(count(fd, "dir", __WASI_FILETYPE_DIRECTORY, size), 1);
    IS(count(fd, "link", __WASI_FILETYPE_SYMBOLIC_LINK, size), 1);
  }
  IS(gone("d/f07"), 0);
  IS(count(fd, "f07", __WASI_FILETYPE_REGULAR_FILE, 512), 0);
  IS(__wasi_fd_close(fd), 0);
  for (int i = 0; i < 60; i++) {
    name[3] = (char)('0' + i / 10);
    name[4] = (char)('0' + i % 10);
    gone(name);
  }
  IS(gone("d/link") | __wasi_path_remove_directory(ROOT, "d/dir") | __wasi_path_remove_directory(ROOT, "d"), 0);
}
static void directory_descriptor(void) {
  __wasi_fd_t fd;
  __wasi_filesize_t at;
  __wasi_size_t n;
  char read[4];
  __wasi_iovec_t in = {(uint8_t *)read, 4};
  __wasi_fdstat_t stat;
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  IS(open_as("d", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READDIR, 0, &fd), 0);
  IS(__wasi_fd_fdstat_get(fd, &stat), 0);
  IS(stat.fs_filetype, __WASI_FILETYPE_DIRECTORY);
  IS(stat.fs_rights_base & __WASI_RIGHTS_FD_SEEK, 0);
  IS(__wasi_fd_seek(fd, 0, __WASI_WHENCE_CUR, &at) != 0, 1);
  IS(__wasi_fd_read(fd, &in, 1, &n) != 0, 1);
  IS(__wasi_fd_close(fd), 0);
  IS(__wasi_path_remove_directory(ROOT, "d"), 0);
}
static void paths(void) {
  __wasi_fd_t fd;
  IS(__wasi_path_create_directory(ROOT, "d"), 0);
  IS(make("d/f", "x"), 0);
  static const char *const same[] = {"d/f", "./d/f", "d/./f", "d//f", "d/../d/f", ".//.//d/f"};
  for (unsigned i = 0; i < sizeof same / sizeof *same; i++) {
    IS(open_as(same[i], 0, READ_RIGHTS, 0, &fd), 0);
    IS(__wasi_fd_close(fd), 0);
  }
  EITHER(open_as("d/../../x", 0, READ_RIGHTS, 0, &fd), __WASI_ERRNO_NOTCAPABLE, __WASI_ERRNO_PERM);
  IS(open_as("", 0, READ_RIGHTS, 0, &fd) != 0, 1);
  IS(gone("d/f") | __wasi_path_remove_directory(ROOT, "d"), 0);
}
static void syncing(void) {
  __wasi_fd_t fd;
  IS(open_as("f", CREATE, FILE_RIGHTS, 0, &fd), 0);
  IS(__wasi_fd_sync(fd), 0);
  IS(__wasi_fd_datasync(fd), 0);
  IS(__wasi_fd_close(fd), 0);
  IS(gone("f"), 0);
}
static void preopened(void) {
  __wasi_prestat_t stat;
  char name[4];
  IS(__wasi_fd_prestat_get(ROOT, &stat), 0);
  IS(stat.u.dir.pr_name_len, 2);
  IS(__wasi_fd_prestat_dir_name(ROOT, (uint8_t *)name, 2), 0);
  IS(memcmp(name, "/d", 2), 0);
  IS(__wasi_fd_prestat_get(4, &stat), __WASI_ERRNO_BADF);
}

#define SUBJECT(name) {#name, name}
static const struct { const char *name; void (*run)(void); } subjects[] = {
  SUBJECT(advice), SUBJECT(allocation), SUBJECT(appending), SUBJECT(dangling_symlinks), SUBJECT(directory_descriptor),
  SUBJECT(links), SUBJECT(links_to_links), SUBJECT(listing), SUBJECT(not_followed), SUBJECT(open_create_existing),
  SUBJECT(open_directory_to_write), SUBJECT(open_file_as_directory), SUBJECT(open_lots), SUBJECT(open_missing),
  SUBJECT(outside), SUBJECT(paths), SUBJECT(positions), SUBJECT(preopened), SUBJECT(removed_but_open),
  SUBJECT(removing), SUBJECT(renaming), SUBJECT(renumbering), SUBJECT(rights_are_given_up), SUBJECT(stat_of_file),
  SUBJECT(symlink_loops), SUBJECT(symlinks), SUBJECT(syncing), SUBJECT(times_by_descriptor), SUBJECT(times_by_path),
  SUBJECT(times_exact), SUBJECT(times_near), SUBJECT(times_of_link), SUBJECT(trailing_slashes),
  SUBJECT(truncate_by_open), SUBJECT(truncation), SUBJECT(truncation_rights),
};

int main(int argc, char **argv) {
  for (unsigned i = 0; i < sizeof subjects / sizeof *subjects; i++) {
    if (argc == 1) puts(subjects[i].name);
    for (int k = 1; k < argc; k++) {
      if (strcmp(argv[k], subjects[i].name) != 0) continue;
      wrong = NULL;
      subjects[i].run();
      printf("%s: %s\n", subjects[i].name, wrong == NULL ? "ok" : wrong);
    }
  }
  return 0;
}
