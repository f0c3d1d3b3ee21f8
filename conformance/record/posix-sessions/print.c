/* JSON of answers: byte strings, data by runs, errno names, files, directories, the tree at the end. */
#include "runner.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

void put(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	shared->out_len += vsnprintf(shared->out + shared->out_len, sizeof shared->out - shared->out_len, format, args);
	va_end(args);
}

void put_bytes(const char *text, long len)
{
	put("\"");
	for (long i = 0; i < len; i++) {
		unsigned char byte = text[i];
		if (byte == '"' || byte == '\\')
			put("\\%c", byte);
		else if (byte < 32 || byte > 126)
			put("\\u%04x", byte);
		else
			shared->out[shared->out_len++] = byte;
	}
	put("\"");
}

void put_data(const char *data, long len)
{
	if (len <= 64) {
		put_bytes(data, len);
		return;
	}
	put("{\"len\":%ld,\"runs\":[", len);
	for (long at = 0, runs = 0; at < len && runs < 60; runs++) {
		long end = at;
		while (end < len && data[end] == data[at])
			end++;
		put(runs ? ",[" : "[");
		put_bytes(data + at, 1);
		put(",%ld]", end - at);
		at = end;
	}
	put("]}");
}

const char *errno_name(int err)
{
	const char *name = err == EOPNOTSUPP ? "EOPNOTSUPP" : strerrorname_np(err);
	return name ? name : "E?";
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "reg";
	case S_IFDIR: return "dir";
	case S_IFLNK: return "lnk";
	case S_IFCHR: return "chr";
	case S_IFBLK: return "blk";
	case S_IFIFO: return "fifo";
	case S_IFSOCK: return "sock";
	}
	return "?";
}

/* Numbers files in the order of first sight; 0 outside of the session's tmpfs. */
static int seen_as(struct stat *st)
{
	if (st->st_dev != shared->root_dev)
		return 0;
	for (int i = 0; i < shared->inodes; i++)
		if (shared->inode[i] == st->st_ino)
			return i + 1;
	shared->inode[shared->inodes] = st->st_ino;
	return ++shared->inodes;
}

static int is_device(struct stat *st) { return S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode); }

void put_stat_of(struct stat *st)
{
	int ino = seen_as(st);
	put("{\"t\":\"%s\",\"mode\":\"%04o\"", type_name(st->st_mode), st->st_mode & 07777);
	if (ino || !S_ISDIR(st->st_mode))
		put(",\"nlink\":%ld", (long)st->st_nlink);
	put(",\"uid\":%u,\"gid\":%u,\"ino\":%d", st->st_uid, st->st_gid, ino);
	if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode))
		put(",\"size\":%ld", (long)st->st_size);
	if (is_device(st))
		put(",\"rdev\":[%u,%u]", major(st->st_rdev), minor(st->st_rdev));
	put("}");
}

struct entry {
	char *name;
	const char *type;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Entries from the descriptor's position on, sorted; their number or -errno. */
static long read_entries(int fd, struct entry *entries, long room)
{
	static char buf[65536];
	long count = 0;
	for (;;) {
		long n = RC(syscall(SYS_getdents64, fd, buf, sizeof buf));
		if (n < 0)
			return n;
		if (n == 0)
			break;
		for (long at = 0; at < n && count < room;) {
			struct dirent64 *entry = (void *)(buf + at);
			entries[count].name = strdup(entry->d_name);
			entries[count++].type = type_name(entry->d_type << 12);
			at += entry->d_reclen;
		}
	}
	qsort(entries, count, sizeof *entries, by_name);
	return count;
}

long list_dir(int fd)
{
	struct entry *entries = calloc(5000, sizeof *entries);
	long count = read_entries(fd, entries, 5000);
	if (count < 0) {
		free(entries);
		return count;
	}
	put("[");
	for (long i = 0; i < count; i++) {
		put(i ? ",[" : "[");
		put_bytes(entries[i].name, strlen(entries[i].name));
		put(",\"%s\"]", entries[i].type);
		free(entries[i].name);
	}
	put("]");
	free(entries);
	return count;
}

static char content[1 << 24];

static void put_content(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW);
	if (fd < 0) {
		put(",\"%s\"", errno_name(errno));
		return;
	}
	long n = read(fd, content, sizeof content);
	close(fd);
	put(",");
	if (n >= report_size && !memcmp(content, report_program, report_size))
		put("\"@show\"");
	else
		put_data(content, n < 0 ? 0 : n);
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void put_attributes(const char *path, int has_body)
{
	static char list[65536], value[65536];
	long n = llistxattr(path, list, sizeof list);
	if (n <= 0)
		return;
	char *names[1000];
	int count = 0;
	for (char *name = list; name < list + n; name += strlen(name) + 1)
		names[count++] = name;
	qsort(names, count, sizeof *names, compare_names);
	put(has_body ? ",{" : ",null,{");
	for (int i = 0; i < count; i++) {
		long len = lgetxattr(path, names[i], value, sizeof value);
		if (i)
			put(",");
		put_bytes(names[i], strlen(names[i]));
		put(":");
		if (len < 0)
			put("{\"error\":\"%s\"}", errno_name(errno));
		else
			put_data(value, len);
	}
	put("}");
}

static void put_tree(const char *dir)
{
	int fd = open(*dir ? dir : "/", O_RDONLY);
	struct entry *entries = calloc(5000, sizeof *entries);
	long count = fd < 0 ? 0 : read_entries(fd, entries, 5000);
	if (fd >= 0)
		close(fd);
	for (long i = 0; i < count; i++) {
		char *name = entries[i].name, path[8192];
		struct stat st;
		if (!strcmp(name, ".") || !strcmp(name, "..") || (!*dir && !strcmp(name, "proc")))
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, name);
		put("[");
		put_bytes(path, strlen(path));
		if (lstat(path, &st)) {
			put(",\"%s\"]\n", errno_name(errno));
			continue;
		}
		put(",\"%s\",\"%04o\",%ld,%u,%u,%d", type_name(st.st_mode), st.st_mode & 07777, (long)st.st_nlink, st.st_uid,
		    st.st_gid, seen_as(&st));
		int has_body = 1;
		if (S_ISREG(st.st_mode))
			put_content(path);
		else if (S_ISLNK(st.st_mode)) {
			char target[4097];
			put(",");
			put_bytes(target, readlink(path, target, sizeof target));
		} else if (is_device(&st))
			put(",[%u,%u]", major(st.st_rdev), minor(st.st_rdev));
		else
			has_body = 0;
		put_attributes(path, has_body);
		put("]\n");
		if (S_ISDIR(st.st_mode))
			put_tree(path);
		free(name);
	}
	free(entries);
}

void put_final(void)
{
	umask(0);
	put_tree("");
}
