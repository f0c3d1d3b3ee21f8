/* Calls on files that fill a buffer or are observed. */
#include "runner.h"
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CALL(name) static long do_##name(const struct callee *self, struct arg *args, int nargs)
#define UNUSED ((void)self, (void)args, (void)nargs)

CALL(openat2)
{
	UNUSED;
	/* a list of flags, mode, resolve */
	struct open_how how = { args[3].num, args[4].num, args[5].num };
	return RC(syscall(SYS_openat2, args[0].num, args[1].text, &how, sizeof how));
}

CALL(read)
{
	UNUSED;
	long n = self->nr == SYS_read ? RC(syscall(SYS_read, args[0].num, buffer, args[1].num))
				      : RC(syscall(SYS_pread64, args[0].num, buffer, args[1].num, args[2].num));
	if (n >= 0)
		put_data(buffer, n);
	return n;
}

static long *offset(struct arg *arg) { return arg->type == 'z' ? 0 : &arg->num; }

CALL(copy_file_range)
{
	UNUSED;
	return RC(syscall(SYS_copy_file_range, args[0].num, offset(&args[1]), args[2].num, offset(&args[3]), args[4].num, 0));
}

CALL(stat)
{
	UNUSED;
	struct stat st;
	long rc = self->nr == SYS_fstat ? RC(syscall(SYS_fstat, args[0].num, &st))
					: RC(syscall(SYS_newfstatat, args[0].num, args[1].text, &st, args[2].num));
	if (rc >= 0)
		put_stat_of(&st);
	return rc;
}

/* Kernel numbers in link texts are not compared. */
static long show_link(char *text, long len)
{
	text[len] = 0;
	char *slash = strstr(text, "/#");
	if ((!strncmp(text, "pipe:[", 6) || !strncmp(text, "socket:[", 8)) && text[len - 1] == ']')
		strcpy(strchr(text, '[') + 1, "#]");
	else if (slash && slash[2] >= '0' && slash[2] <= '9') {
		char *rest = slash + 2;
		while (*rest >= '0' && *rest <= '9')
			rest++;
		memmove(slash + 2, rest, strlen(rest) + 1);
	} else
		return len;
	return strlen(text);
}

CALL(readlink)
{
	UNUSED;
	long n = self->nr == SYS_readlink
			 ? RC(syscall(SYS_readlink, args[0].text, buffer, args[1].num))
			 : RC(syscall(SYS_readlinkat, args[0].num, args[1].text, buffer, args[2].num));
	if (n < 0)
		return n;
	n = show_link(buffer, n);
	put_bytes(buffer, n);
	return n;
}

CALL(getcwd)
{
	UNUSED;
	long n = RC(syscall(SYS_getcwd, buffer, args[0].num));
	if (n > 0)
		put_bytes(buffer, n - 1);
	return n;
}

CALL(getdents64)
{
	UNUSED;
	return list_dir(args[0].num);
}

/* Two times, each `i` UTIME_NOW or UTIME_OMIT, or a list of seconds and nanoseconds. */
static int read_times(struct arg *args, struct timespec *times, int *is_explicit)
{
	int at = 1;
	for (int i = 0; i < 2; i++) {
		is_explicit[i] = args[at].type == 'l';
		if (is_explicit[i]) {
			times[i] = (struct timespec){ args[at + 1].num, args[at + 2].num };
			at += 3;
		} else
			times[i] = (struct timespec){ 0, args[at++].num };
	}
	return at;
}

static void put_time(int is_explicit, struct timespec *time)
{
	if (is_explicit)
		put("[%ld,%ld]", time->tv_sec, time->tv_nsec);
	else
		put("null");
}

CALL(utimensat)
{
	UNUSED;
	struct timespec times[2];
	int is_explicit[2] = { 0, 0 };
	int has_times = args[2].type == 'l';
	int at = 2 + (has_times ? read_times(&args[2], times, is_explicit) : 1);
	long flags = args[at].num;
	long rc = RC(syscall(SYS_utimensat, args[0].num, args[1].text, has_times ? times : 0, flags));
	struct stat st;
	if (rc < 0 || !has_times || !args[1].text ||
	    syscall(SYS_newfstatat, args[0].num, args[1].text, &st, flags & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return rc;
	put("[");
	put_time(is_explicit[0], &st.st_atim);
	put(",");
	put_time(is_explicit[1], &st.st_mtim);
	put("]");
	return rc;
}

CALL(getxattr)
{
	UNUSED;
	void *first = args[0].type == 's' ? (void *)args[0].text : (void *)args[0].num;
	long size = args[2].num;
	long n = RC(syscall(self->nr, first, args[1].text, buffer, size));
	if (n >= 0 && size)
		put_data(buffer, n);
	return n;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

CALL(listxattr)
{
	UNUSED;
	void *first = args[0].type == 's' ? (void *)args[0].text : (void *)args[0].num;
	long size = args[1].num;
	long n = RC(syscall(self->nr, first, buffer, size));
	if (n < 0 || !size)
		return n;
	char *names[1000];
	int count = 0;
	for (char *name = buffer; name < buffer + n; name += strlen(name) + 1)
		names[count++] = name;
	qsort(names, count, sizeof *names, compare_names);
	put("[");
	for (int i = 0; i < count; i++) {
		if (i)
			put(",");
		put_bytes(names[i], strlen(names[i]));
	}
	put("]");
	return n;
}

/* The 64-bit value of the kernel: the C library has none. */
static void put_flags(long flags)
{
	static const struct { const char *name; long bits; } names[] = {
		{ "O_APPEND", O_APPEND }, { "O_NONBLOCK", O_NONBLOCK }, { "O_DIRECT", O_DIRECT }, { "O_NOATIME", O_NOATIME },
		{ "O_PATH", O_PATH }, { "O_TMPFILE", O_TMPFILE }, { "O_LARGEFILE", 0100000 }, { "O_DIRECTORY", O_DIRECTORY },
		{ "O_NOFOLLOW", O_NOFOLLOW },
	};
	static const char *modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
	put("\"%s", modes[flags & 3]);
	flags &= ~3;
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if ((flags & names[i].bits) == names[i].bits) {
			put("|%s", names[i].name);
			flags &= ~names[i].bits;
		}
	put("\"");
}

static long lock(int fd, int command, struct arg *range)
{
	static const char *types[] = { "F_RDLCK", "F_WRLCK", "F_UNLCK" };
	static const char *whences[] = { "SEEK_SET", "SEEK_CUR", "SEEK_END" };
	struct flock lock = { range[0].num, range[1].num, range[2].num, range[3].num, 0 };
	long rc = RC(syscall(SYS_fcntl, fd, command, &lock));
	if (rc < 0 || (command != F_GETLK && command != F_OFD_GETLK))
		return rc;
	if (lock.l_type == F_UNLCK)
		put("[\"F_UNLCK\"]");
	else
		put("[\"%s\",\"%s\",%ld,%ld,%d]", types[lock.l_type], whences[lock.l_whence], (long)lock.l_start,
		    (long)lock.l_len, lock.l_pid);
	return rc;
}

CALL(fcntl)
{
	UNUSED;
	if (args[2].type == 'l')
		return lock(args[0].num, args[1].num, &args[3]);
	long rc = RC(syscall(SYS_fcntl, args[0].num, args[1].num, args[2].num));
	if (rc >= 0 && args[1].num == F_GETFL)
		put_flags(rc);
	return rc;
}

CALL(pipe2)
{
	UNUSED;
	int fds[2];
	long rc = RC(syscall(SYS_pipe2, fds, args[0].num));
	if (rc >= 0)
		put("[%d,%d]", fds[0], fds[1]);
	return rc;
}

#define ONE(name, run) { #name, do_##run, SYS_##name, 0 },
const struct callee file_calls[] = {
	ONE(openat2, openat2) ONE(read, read) ONE(pread64, read) ONE(copy_file_range, copy_file_range)
	ONE(newfstatat, stat) ONE(fstat, stat) ONE(readlink, readlink) ONE(readlinkat, readlink) ONE(getcwd, getcwd)
	ONE(getdents64, getdents64) ONE(utimensat, utimensat) ONE(getxattr, getxattr) ONE(lgetxattr, getxattr)
	ONE(fgetxattr, getxattr) ONE(listxattr, listxattr) ONE(llistxattr, listxattr) ONE(flistxattr, listxattr)
	ONE(fcntl, fcntl) ONE(pipe2, pipe2)
	{ 0 },
};
