/*
 * Plays the operations of generate.ts on a real kernel: one a line on stdin, `operation<TAB>answer` on stdout.
 * What play.ts does on ours. Build: gcc -static -O1 recorder.c. Needs root, overlay and tmpfs.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define S(x) ({ long r_ = (x); r_ < 0 ? -errno : r_; })
#define FDS 4
static int fds[FDS] = { -1, -1, -1, -1 };
static char *w[12];
static int argc_;
static char out[1 << 16];
static int at;
#define P(...) (at += snprintf(out + at, sizeof out - at, __VA_ARGS__))
static long num(int i) { return i < argc_ ? strtol(w[i], 0, 0) : 0; }

static const char *when(long sec, char *b) { if (sec > 1000000) return "now"; sprintf(b, "%ld", sec); return b; }

/* Whose inode number it is: of which layer, under the same name. */
static const char *whose(const char *path, struct stat *st)
{
	static const char *layers[] = { "u", "l1", "l2" };
	static char b[600];
	struct stat o;
	if (strncmp(path, "m", 1) || (path[1] && path[1] != '/')) return "self";
	for (int i = 0; i < 3; i++) {
		snprintf(b, sizeof b, "%s%s", layers[i], path + 1);
		if (!lstat(b, &o) && o.st_ino == st->st_ino) return layers[i];
	}
	return "other";
}
static void show(const char *path, struct stat *st)
{
	struct stat root;
	char a[32], m[32];
	lstat("m", &root);
	P("%o n%ld %d:%d s%ld", st->st_mode, (long)st->st_nlink, st->st_uid, st->st_gid, (long)st->st_size);
	if (S_ISREG(st->st_mode)) P(" b%ld", (long)st->st_blocks);
	if (st->st_rdev) P(" r%d.%d", major(st->st_rdev), minor(st->st_rdev));
	P(" m%s a%s", when(st->st_mtim.tv_sec, m), when(st->st_atim.tv_sec, a));
	if (path) P(" %s %s", st->st_dev == root.st_dev ? "odev" : "-", whose(path, st));
}
static void listNames(const char *path, int byFd)
{
	char buf[8192], child[600];
	int fd = byFd >= 0 ? byFd : open(path, O_RDONLY | O_DIRECTORY);
	if (fd < 0) { P("%d", -errno); return; }
	for (;;) {
		long n = S(syscall(SYS_getdents64, fd, buf, sizeof buf));
		if (n < 0) P("%ld", n);
		if (n <= 0) break;
		for (long i = 0; i < n;) {
			struct dirent64 *d = (void *)(buf + i);
			struct stat st;
			snprintf(child, sizeof child, "%s/%s", path, d->d_name);
			int known = strcmp(d->d_name, "..") && !lstat(child, &st);
			P("%s:%d%s ", d->d_name, d->d_type, !known ? "?" : st.st_ino == d->d_ino ? "=" : "!");
			i += d->d_reclen;
		}
	}
	if (byFd < 0) close(fd);
}
static void listAttrs(const char *path)
{
	char buf[4096], v[300];
	long n = S(llistxattr(path, buf, sizeof buf));
	if (n < 0) { P("%ld", n); return; }
	for (char *s = buf; s < buf + n; s += strlen(s) + 1) {
		long l = S(lgetxattr(path, s, v, sizeof v));
		P("%s", s);
		if (strstr(s, ".origin") || strstr(s, ".upper") || strstr(s, ".uuid") || strstr(s, "posix_acl")) P("#%ld ", l);
		else if (l < 0) P("%ld ", l);
		else P("=%.*s ", (int)l, v);
	}
}
/* Of the index only the inode number is the same in every boot. */
static const char *steady(const char *name) { return strlen(name) > 60 ? name + 50 : name; }
static int bySteady(const struct dirent **a, const struct dirent **b)
{
	return strcmp(steady((*a)->d_name), steady((*b)->d_name));
}
static void dump(const char *path, const char *shown)
{
	struct stat st;
	char child[600], below[600], link[300];
	struct dirent **list;
	if (lstat(path, &st)) { P("%s %d; ", shown, -errno); return; }
	P("%s ", shown);
	show(0, &st);
	if (S_ISLNK(st.st_mode)) { long n = readlink(path, link, sizeof link); P(" ->%.*s", (int)n, link); }
	P(" [");
	listAttrs(path);
	P("]; ");
	if (!S_ISDIR(st.st_mode)) return;
	int n = scandir(path, &list, 0, bySteady);
	for (int i = 0; i < n; i++) {
		char *name = list[i]->d_name;
		if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
		/* names in the work directory are by chance */
		if (name[0] == '#') { P("%s/#; ", shown); continue; }
		snprintf(child, sizeof child, "%s/%s", path, name);
		snprintf(below, sizeof below, "%s/%s", shown, steady(name));
		dump(child, below);
	}
}
static long readAll(int fd)
{
	char buf[4096];
	long n = S(pread(fd, buf, 60, 0));
	if (n < 0) P("%ld", n);
	else { P("%ld:", n); for (int i = 0; i < n; i++) P(buf[i] ? "%c" : ".", buf[i]); }
	return n;
}
static int is(const char *name) { return !strcmp(w[0], name); }
static long aclSet(const char *path, const char *name, int uid, int perm)
{
	/* u::rw- u:UID:perm g::r-- m::rwx o::r-- */
	struct { unsigned v; struct { unsigned short t, p; unsigned id; } e[5]; } acl = { 2, {
		{ 1, 6, -1 }, { 2, perm, uid }, { 4, 4, -1 }, { 16, 7, -1 }, { 32, 4, -1 } } };
	return S(setxattr(path, name, &acl, sizeof acl, 0));
}
static void run(void)
{
	struct stat st;
	char b[4096];
	struct timespec ts[2];
	if (is("session")) {
		for (int i = 0; i < FDS; i++) if (fds[i] >= 0) { close(fds[i]); fds[i] = -1; }
		chdir("/");
		umount2("/s", MNT_DETACH);
		mkdir("/s", 0755);
		umask(022);
		P("%ld", S(mount("s", "/s", "tmpfs", 0, "mode=755")));
		chdir("/s");
	} else if (is("tmpfs")) P("%ld", S(mount("t", w[1], "tmpfs", 0, "mode=755")));
	else if (is("mount")) P("%ld", S(mount("o", w[1], "overlay", num(3), w[2])));
	else if (is("fsmount")) {
		/* step by step: the answer of each until one is refused */
		long fs = S(syscall(SYS_fsopen, "overlay", 0)), r = 0;
		for (int i = 2; i < argc_ && r >= 0; i++) {
			char *v = strchr(w[i], '=');
			if (v) *v++ = 0;
			r = S(syscall(SYS_fsconfig, fs, v ? 1 : 0, w[i], v, 0));
			P("%ld ", r);
		}
		if (r >= 0) P("%ld ", r = S(syscall(SYS_fsconfig, fs, 6, 0, 0, 0)));
		if (r >= 0) {
			r = S(syscall(SYS_fsmount, fs, 0, 0));
			P("%d ", r < 0 ? (int)r : 0);
			if (r >= 0) P("%ld", S(syscall(SYS_move_mount, r, "", AT_FDCWD, w[1], 4)));
			close(r);
		}
		close(fs);
	}
	else if (is("umount")) P("%ld", S(umount2(w[1], num(2))));
	else if (is("bind")) P("%ld", S(mount(w[1], w[2], 0, MS_BIND, 0)));
	else if (is("remount")) P("%ld", S(mount(0, w[1], 0, MS_REMOUNT | num(2), argc_ > 3 ? w[3] : 0)));
	else if (is("mounts")) {
		FILE *f = fopen("/proc/mounts", "r");
		while (fgets(b, sizeof b, f)) if (!strncmp(b, "o ", 2)) { b[strcspn(b, "\n")] = 0; P("%s;", b); }
		fclose(f);
	}
	else if (is("umask")) P("%o", umask(num(1)));
	else if (is("creat")) { int fd = open(w[1], O_CREAT | O_EXCL | O_WRONLY, num(2)); P("%d", fd < 0 ? -errno : 0); if (fd >= 0) close(fd); }
	else if (is("write") || is("append")) {
		int fd = open(w[1], O_NONBLOCK | O_WRONLY | (is("append") ? O_APPEND : 0) | num(3), 0644);
		if (fd < 0) P("%d", -errno);
		else { P("%ld", S(write(fd, w[2], strlen(w[2])))); close(fd); }
	} else if (is("read")) { int fd = open(w[1], O_RDONLY | O_NONBLOCK); if (fd < 0) P("%d", -errno); else { readAll(fd); close(fd); } }
	else if (is("trunc")) P("%ld", S(truncate(w[1], num(2))));
	else if (is("mkdir")) P("%ld", S(mkdir(w[1], num(2))));
	else if (is("rmdir")) P("%ld", S(rmdir(w[1])));
	else if (is("unlink")) P("%ld", S(unlink(w[1])));
	else if (is("symlink")) P("%ld", S(symlink(w[1], w[2])));
	else if (is("readlink")) { long n = S(readlink(w[1], b, sizeof b)); if (n < 0) P("%ld", n); else P("%.*s", (int)n, b); }
	else if (is("link")) P("%ld", S(link(w[1], w[2])));
	else if (is("rename")) P("%ld", S(syscall(SYS_renameat2, AT_FDCWD, w[1], AT_FDCWD, w[2], num(3))));
	else if (is("mknod")) P("%ld", S(mknod(w[1], num(2), num(3))));
	else if (is("chmod")) P("%ld", S(chmod(w[1], num(2))));
	else if (is("chown")) P("%ld", S(lchown(w[1], num(2), num(3))));
	else if (is("utimes")) { ts[0].tv_sec = ts[1].tv_sec = num(2); ts[0].tv_nsec = ts[1].tv_nsec = 0; P("%ld", S(utimensat(AT_FDCWD, w[1], ts, AT_SYMLINK_NOFOLLOW))); }
	else if (is("setx")) P("%ld", S(lsetxattr(w[1], w[2], w[3], strlen(w[3]), num(4))));
	else if (is("getx")) { long n = S(lgetxattr(w[1], w[2], b, sizeof b)); if (n < 0) P("%ld", n); else P("%.*s", (int)n, b); }
	else if (is("rmx")) P("%ld", S(lremovexattr(w[1], w[2])));
	else if (is("listx")) listAttrs(w[1]);
	else if (is("acl")) P("%ld", aclSet(w[1], w[2], num(3), num(4)));
	else if (is("access")) P("%ld", S(syscall(SYS_faccessat2, AT_FDCWD, w[1], num(2), AT_EACCESS)));
	else if (is("stat")) { if (lstat(w[1], &st)) P("%d", -errno); else show(w[1], &st); }
	else if (is("ls")) listNames(w[1], -1);
	else if (is("dump")) dump(w[1], w[1]);
	else if (is("flags")) {
		int fd = open(w[1], O_RDONLY | O_NONBLOCK), f = num(2);
		if (fd < 0) P("%d", -errno);
		else { P("%ld", S(ioctl(fd, argc_ > 2 ? FS_IOC_SETFLAGS : FS_IOC_GETFLAGS, &f))); if (argc_ < 3) P(" %x", f); close(fd); }
	} else if (is("statfs")) { struct statfs s; long r = S(statfs(w[1], &s)); P("%ld %lx %ld %lx", r, s.f_type, s.f_namelen, s.f_flags); }
	else if (is("open")) { int i = num(1); if (fds[i] >= 0) close(fds[i]); fds[i] = open(w[2], num(3) | O_NONBLOCK, 0644); P("%d", fds[i] < 0 ? -errno : 0); }
	else if (is("tmpfile")) { int i = num(1); if (fds[i] >= 0) close(fds[i]); fds[i] = open(w[2], O_TMPFILE | O_RDWR, 0640); P("%d", fds[i] < 0 ? -errno : 0); }
	else if (is("close")) { P("%ld", S(close(fds[num(1)]))); fds[num(1)] = -1; }
	else if (is("fread")) readAll(fds[num(1)]);
	else if (is("fwrite")) P("%ld", S(write(fds[num(1)], w[2], strlen(w[2]))));
	else if (is("fstat")) { if (fstat(fds[num(1)], &st)) P("%d", -errno); else show(0, &st); }
	else if (is("ftrunc")) P("%ld", S(ftruncate(fds[num(1)], num(2))));
	else if (is("fchmod")) P("%ld", S(fchmod(fds[num(1)], num(2))));
	else if (is("fls")) { lseek(fds[num(1)], 0, SEEK_SET); listNames(w[2], fds[num(1)]); }
	else if (is("fseek")) P("%ld", S(lseek(fds[num(1)], num(2), num(3))));
	else if (is("falloc")) P("%ld", S(fallocate(fds[num(1)], num(2), num(3), num(4))));
	else if (is("fsync")) P("%ld", S(fsync(fds[num(1)])));
	else if (is("flink")) { sprintf(b, "/proc/self/fd/%d", fds[num(1)]); P("%ld", S(linkat(AT_FDCWD, b, AT_FDCWD, w[2], AT_SYMLINK_FOLLOW))); }
	else if (is("copy")) P("%ld", S(copy_file_range(fds[num(1)], 0, fds[num(2)], 0, num(3), 0)));
	else P("unknown");
}
/* Lines that begin with `T `: which functions of the LSM framework the call entered, in order, by ftrace. */
#define TRACING "/sys/kernel/tracing/"
static int traceFd = -1;
static void put(const char *file, const char *text)
{
	char b[200];
	snprintf(b, sizeof b, TRACING "%s", file);
	int fd = open(b, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0) fprintf(stderr, "%s: %d\n", b, errno);
	close(fd);
}
static void startTrace(void)
{
	char b[32];
	if (traceFd < 0) {
		put("tracing_on", "0");
		put("set_ftrace_filter", "security_* ____fput __cleanup_mnt");
		put("current_tracer", "function");
		sprintf(b, "%d", getpid());
		put("set_ftrace_pid", b);
		traceFd = open(TRACING "tracing_on", O_WRONLY);
	}
	put("trace", "");
	write(traceFd, "1", 1);
}
static void stopTrace(void)
{
	char line[600], *names[600];
	int n = 0;
	write(traceFd, "0", 1);
	FILE *f = fopen(TRACING "trace", "r");
	while (fgets(line, sizeof line, f) && n < 600) {
		char *s = strstr(line, ": security_"), *t = strstr(line, ": ____fput");
		if (!t) t = strstr(line, ": __cleanup_mnt");
		if (line[0] == '#' || (!s && !t)) continue;
		names[n++] = strdup(s ? strtok(s + 2, " ") : "^");
	}
	fclose(f);
	/* the write that switched it off; and what was put off until the call was over */
	int end = n - 1;
	for (int i = 0; i < end; i++) if (names[i][0] == '^') { end = i; break; }
	for (int i = 0; i < end; i++) P(" %s", names[i] + 9);
	while (n) free(names[--n]);
}
int main(void)
{
	static char line[4096], copy[4096];
	setvbuf(stdout, malloc(1 << 20), _IOFBF, 1 << 20);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!line[0]) continue;
		strcpy(copy, line);
		argc_ = 0;
		char *s = copy;
		int user = !strncmp(s, "U ", 2), traced = !strncmp(s, "T ", 2);
		if (user || traced) s += 2;
		for (char *t = strtok(s, " "); t && argc_ < 12; t = strtok(0, " ")) w[argc_++] = t;
		at = 0;
		out[0] = 0;
		if (user) { setgroups(0, 0); setresgid(-1, 1000, -1); setresuid(-1, 1000, -1); }
		if (traced) startTrace();
		run();
		if (traced) stopTrace();
		if (user) { setresuid(-1, 0, -1); setresgid(-1, 0, -1); }
		printf("%s\t%s\n", line, out);
	}
	fflush(stdout);
	return 0;
}
