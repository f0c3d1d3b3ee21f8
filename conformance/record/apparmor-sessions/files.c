/* Operations on files, and policy by its files. */
#include "player.h"
#include <dirent.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#define OP(name, expression) static long play_##name(void) { return (expression); }

OP(open, keep(3, open(arg[0], num(1), num(2))))
OP(mkdir, mkdir(arg[0], num(1)))
OP(rmdir, rmdir(arg[0]))
OP(unlink, unlink(arg[0]))
OP(symlink, symlink(arg[0], arg[1]))
OP(link, syscall(SYS_link, arg[0], arg[1]))
OP(rename, syscall(SYS_rename, arg[0], arg[1]))
OP(rename2, syscall(SYS_renameat2, AT_FDCWD, arg[0], AT_FDCWD, arg[1], num(2)))
OP(chmod, syscall(SYS_chmod, arg[0], num(1)))
OP(chown, chown(arg[0], num(1), num(2)))
OP(lchown, lchown(arg[0], num(1), num(2)))
OP(truncate, truncate(arg[0], num(1)))
OP(access, syscall(SYS_access, arg[0], num(1)))
OP(chdir, chdir(arg[0]))
OP(chroot, chroot(arg[0]))
OP(fchmod, fchmod(slot(0), num(1)))
OP(fchown, fchown(slot(0), num(1), num(2)))
OP(ftruncate, ftruncate(slot(0), num(1)))
OP(flock, flock(slot(0), num(1) | LOCK_NB))
OP(fallocate, fallocate(slot(0), 0, 0, num(1)))
OP(utimens, syscall(SYS_utimensat, AT_FDCWD, arg[0], NULL, 0))
OP(setxattr, setxattr(arg[0], arg[1], arg[2], arg_size[2], 0))
OP(removexattr, removexattr(arg[0], arg[1]))
OP(setfl, fcntl(slot(0), F_SETFL, num(1)))
OP(prog, syscall(SYS_link, PROGRAM, arg[0]))
OP(memfd, keep(1, syscall(SYS_memfd_create, arg[0], 0)))

static char buffer[1 << 16];

OP(read, show(buffer, read(slot(0), buffer, 200)))
OP(write, write(slot(0), arg[1], arg_size[1]))
OP(readlink, show(buffer, readlink(arg[0], buffer, 4096)))
OP(getxattr, show(buffer, getxattr(arg[0], arg[1], buffer, 1000)))
OP(listxattr, show(buffer, listxattr(arg[0], buffer, 4000)))
OP(statfs, statfs(arg[0], (struct statfs *)buffer))

static long play_close(void)
{
	long rc = close(slot(0));

	slots[num(0) % SLOTS] = -1;
	return rc;
}

static long play_linkfd(void)
{
	char from[64];

	sprintf(from, "/proc/self/fd/%d", slot(0));
	return linkat(AT_FDCWD, from, AT_FDCWD, arg[1], AT_SYMLINK_FOLLOW);
}

static long play_mknod(void)
{
	switch (arg[1][0]) {
	case 'p': return mknod(arg[0], S_IFIFO | 0644, 0);
	case 'c': return mknod(arg[0], S_IFCHR | 0644, 0x103);
	case 'b': return mknod(arg[0], S_IFBLK | 0644, 0x700);
	case 's': return mknod(arg[0], S_IFSOCK | 0644, 0);
	}
	return mknod(arg[0], S_IFREG | 0644, 0);
}

static long show_stat(long rc, const struct stat *st)
{
	if (rc < 0)
		return -1;
	sprintf(result, "%o %u %u %ld", st->st_mode, st->st_uid, st->st_gid, S_ISDIR(st->st_mode) ? 0 : (long)st->st_size);
	return 0;
}

static struct stat st;
OP(stat, show_stat(stat(arg[0], &st), &st))
OP(lstat, show_stat(lstat(arg[0], &st), &st))
OP(fstat, show_stat(slot(0) < 0 ? (errno = EBADF, -1) : fstat(slot(0), &st), &st))

static long play_setlk(void)
{
	struct flock lock = { .l_type = arg[1][0] == 'r' ? F_RDLCK : arg[1][0] == 'w' ? F_WRLCK : F_UNLCK, .l_len = 1 };

	return fcntl(slot(0), F_SETLK, &lock);
}

static long play_mmap(void)
{
	return mmap(NULL, 4096, num(1), num(2), slot(0), 0) == MAP_FAILED ? -1 : 0;
}

static long play_mprotect(void)
{
	void *at = mmap(NULL, 4096, num(1), num(3), slot(0), 0);

	if (at == MAP_FAILED)
		return strcpy(result, "mmap"), -1;
	return mprotect(at, 4096, num(2));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Numbers behind the names of profiles count from the smallest. */
static long play_getdents(void)
{
	static char *names[1000], relative[1000][300];
	int file = open(arg[0], O_RDONLY | O_DIRECTORY), count = 0, numbered = 1;
	long n, least = 1L << 40;
	char *to = result;

	if (file < 0)
		return -1;
	while ((n = syscall(SYS_getdents64, file, buffer, sizeof buffer)) > 0)
		for (long at = 0; at < n && count < 1000;) {
			struct dirent64 *entry = (void *)(buffer + at);
			if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
				names[count++] = strdup(entry->d_name);
			at += entry->d_reclen;
		}
	close(file);
	for (int i = 0; i < count; i++) {
		char *dot = strrchr(names[i], '.'), *end = dot;
		long number = dot ? strtol(dot + 1, &end, 10) : 0;
		numbered &= dot && dot[1] && !*end;
		least = number < least ? number : least;
	}
	for (int i = 0; i < count; i++) {
		char *dot = strrchr(names[i], '.');
		if (numbered) {
			snprintf(relative[i], 300, "%.*s.#%ld", (int)(dot - names[i]), names[i], atol(dot + 1) - least);
			free(names[i]);
			names[i] = strdup(relative[i]);
		}
	}
	qsort(names, count, sizeof *names, by_name);
	for (int i = 0; i < count; i++) {
		if (i)
			*to++ = ' ';
		to += percent_text(to, names[i], strlen(names[i]), 0);
		free(names[i]);
	}
	return 0;
}

static long read_path(const char *path, int flags, int parts)
{
	int file = open(path, flags);
	long have = 0, n = 0;

	if (file < 0)
		return -1;
	while (parts-- > 0 && have + 4096 < 20000 && (n = read(file, buffer + have, 4096)) > 0)
		have += n;
	return closing(file, n < 0 ? -1 : show(buffer, have));
}
OP(cat, read_path(arg[0], O_RDONLY, 64))
OP(catnb, read_path(arg[0], O_RDONLY | O_NONBLOCK, 1))

static long write_path(const char *path, const void *bytes, size_t size)
{
	int file = open(path, O_WRONLY);

	if (file < 0)
		return strcpy(result, "open"), -1;
	return closing(file, write(file, bytes, size));
}
OP(put, write_path(arg[0], arg[1], arg_size[1]))

static const char *policy_file(const char *name, int namespace)
{
	static char path[600];

	if (namespace < args)
		snprintf(path, sizeof path, POLICY "policy/namespaces/%s/%s", arg[namespace], name);
	else
		snprintf(path, sizeof path, POLICY "%s", name);
	return path;
}
OP(load_policy, write_path(policy_file(".load", 1), blob, blob_size))
OP(replace, write_path(policy_file(".replace", 1), blob, blob_size))
OP(remove, write_path(policy_file(".remove", 1), arg[0], arg_size[0]))

static long play_query(void)
{
	int file = open(POLICY ".access", O_RDWR);

	if (file < 0)
		return strcpy(result, "open"), -1;
	long rc = write(file, arg[0], arg_size[0]);
	return closing(file, rc < 0 ? -1 : show(buffer, read(file, buffer, 4096)));
}

static long make(const char *path, const char *text, size_t size, int mode)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (file < 0)
		return -1;
	long rc = write(file, text, size);
	int error = errno;
	fchmod(file, mode);
	errno = error;
	return closing(file, rc);
}
OP(mk, make(arg[0], args > 1 ? arg[1] : "data\n", args > 1 ? arg_size[1] : 5, args > 2 ? num(2) : 0644))

static long play_progcp(void)
{
	int from = open(PROGRAM, O_RDONLY), to;
	ssize_t n;

	if (from < 0)
		return -1;
	to = open(arg[0], O_WRONLY | O_CREAT | O_TRUNC, 0755);
	if (to < 0)
		return closing(from, -1);
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		if (write(to, buffer, n) < 0)
			return closing(from, closing(to, -1));
	close(from);
	return closing(to, 0);
}

#define ROW(name) { #name, play_##name }
const struct operation file_operations[] = {
	ROW(open), ROW(close), ROW(read), ROW(write), ROW(mk), ROW(mkdir), ROW(rmdir), ROW(unlink), ROW(symlink), ROW(link),
	ROW(rename), ROW(rename2), ROW(chmod), ROW(chown), ROW(lchown), ROW(truncate), ROW(access), ROW(chdir), ROW(chroot),
	ROW(fchmod), ROW(fchown), ROW(ftruncate), ROW(flock), ROW(fallocate), ROW(linkfd), ROW(mknod), ROW(readlink),
	ROW(stat), ROW(lstat), ROW(fstat), ROW(statfs), ROW(utimens), ROW(setxattr), ROW(getxattr), ROW(listxattr),
	ROW(removexattr), ROW(setlk), ROW(setfl), ROW(mmap), ROW(mprotect), ROW(getdents), ROW(cat), ROW(catnb), ROW(put),
	ROW(prog), ROW(progcp), ROW(memfd), { "load", play_load_policy }, ROW(replace), ROW(remove), ROW(query), { 0 },
};
