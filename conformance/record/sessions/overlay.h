/*
 * Overlays: this process makes all calls on a tmpfs of its own. `U` before an operation: as user 1000; `T`: with the
 * functions of the LSM framework that the call entered, by ftrace.
 */
#define PLAY(line) play_as(line)

static const char *when(long sec, char *text)
{
	if (sec > 1000000)
		return "now";
	sprintf(text, "%ld", sec);
	return text;
}

/* The layer that has the inode number under the same name. */
static const char *layer_of(const char *path, struct stat *st)
{
	static const char *layers[] = { "u", "l1", "l2" };
	static char below[600];
	struct stat other_;

	if (strncmp(path, "m", 1) || (path[1] && path[1] != '/'))
		return "self";
	for (int i = 0; i < 3; i++) {
		snprintf(below, sizeof below, "%s%s", layers[i], path + 1);
		if (!lstat(below, &other_) && other_.st_ino == st->st_ino)
			return layers[i];
	}
	return "other";
}
static void add_fields(struct stat *st)
{
	char m[32], a_[32];

	add("%o n%ld %d:%d s%ld", st->st_mode, (long)st->st_nlink, st->st_uid, st->st_gid, (long)st->st_size);
	if (S_ISREG(st->st_mode))
		add(" b%ld", (long)st->st_blocks);
	if (st->st_rdev)
		add(" r%d.%d", major(st->st_rdev), minor(st->st_rdev));
	add(" m%s a%s", when(st->st_mtim.tv_sec, m), when(st->st_atim.tv_sec, a_));
}
static long show_stat(const char *path)
{
	struct stat st, root;

	if (lstat(path, &st))
		return -1;
	add_fields(&st);
	if (lstat("m", &root))
		root.st_dev = 0;
	add(" %s %s", st.st_dev == root.st_dev ? "odev" : "-", layer_of(path, &st));
	return 0;
}
static long show_fstat(int file)
{
	struct stat st;

	if (fstat(file, &st))
		return -1;
	add_fields(&st);
	return 0;
}
static long show_entries(int file, const char *path)
{
	char entries[8192], child_[600];
	long n;

	say("");
	while ((n = getdents64(file, entries, sizeof entries)) > 0)
		for (long i = 0; i < n;) {
			struct dirent64 *entry = (void *)(entries + i);
			struct stat st;

			snprintf(child_, sizeof child_, "%s/%s", path, entry->d_name);
			int known = strcmp(entry->d_name, "..") && !lstat(child_, &st);
			add("%s:%d%s ", entry->d_name, entry->d_type, !known ? "?" : st.st_ino == entry->d_ino ? "=" : "!");
			i += entry->d_reclen;
		}
	if (n < 0)
		SAY("%d", -errno);
	return 0;
}
static long show_attributes(const char *path)
{
	char names[4096], value[300];
	long n = llistxattr(path, names, sizeof names);

	if (n < 0) {
		add("%d", -errno);
		return 0;
	}
	said = 1;
	for (char *name = names; name < names + n; name += strlen(name) + 1) {
		long size_ = lgetxattr(path, name, value, sizeof value);

		add("%s", name);
		if (strstr(name, ".origin") || strstr(name, ".upper") || strstr(name, ".uuid") || strstr(name, "posix_acl"))
			add("#%ld ", size_ < 0 ? -(long)errno : size_);
		else if (size_ < 0)
			add("%d ", -errno);
		else
			add("=%.*s ", (int)size_, value);
	}
	return 0;
}

/* Of a name in the index only the inode number is the same in every boot. */
static const char *steady(const char *name)
{
	return strlen(name) > 60 ? name + 50 : name;
}
static int by_steady(const struct dirent **one, const struct dirent **other_)
{
	return strcmp(steady((*one)->d_name), steady((*other_)->d_name));
}
static void tree(const char *path, const char *shown)
{
	struct stat st;
	char child_[600], below[600], link_[300];
	struct dirent **list;

	if (lstat(path, &st)) {
		add("%s %d; ", shown, -errno);
		return;
	}
	add("%s ", shown);
	add_fields(&st);
	if (S_ISLNK(st.st_mode))
		add(" ->%.*s", (int)readlink(path, link_, sizeof link_), link_);
	add(" [");
	show_attributes(path);
	add("]; ");
	if (!S_ISDIR(st.st_mode))
		return;
	int n = scandir(path, &list, 0, by_steady);
	for (int i = 0; i < n; i++) {
		char *name = list[i]->d_name;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		/* names in the work directory are by chance */
		if (name[0] == '#') {
			add("%s/#; ", shown);
			continue;
		}
		snprintf(child_, sizeof child_, "%s/%s", path, name);
		snprintf(below, sizeof below, "%s/%s", shown, steady(name));
		tree(child_, below);
	}
}
static long show_tree(const char *path)
{
	tree(path, path);
	return 0;
}
static long show_read(long n)
{
	if (n < 0)
		return n;
	for (long i = 0; i < n; i++)
		buf[i] = buf[i] ? buf[i] : '.';
	return SAY("%ld:%.*s", n, (int)n, buf);
}
static long show_bytes(long n)
{
	return n < 0 ? n : SAY("%.*s", (int)n, buf);
}
static long show_flags(int file, const char *given, int value)
{
	int flags = value;
	long rc = ioctl(file, *given ? FS_IOC_SETFLAGS : FS_IOC_GETFLAGS, &flags);

	if (rc < 0)
		rc = -errno;
	return *given ? SAY("%ld", rc) : SAY("%ld %x", rc, *given || rc == 0 ? flags : 0);
}
static long show_statfs(const char *path)
{
	struct statfs s_ = { 0 };
	long rc = statfs(path, &s_);

	return SAY("%ld %lx %ld %lx", rc < 0 ? -(long)errno : rc, s_.f_type, s_.f_namelen, s_.f_flags);
}
static long show_mounts(void)
{
	char line[4096];
	FILE *file = fopen("/proc/mounts", "r");

	say("");
	while (fgets(line, sizeof line, file))
		if (!strncmp(line, "o ", 2)) {
			line[strcspn(line, "\n")] = 0;
			add("%s;", line);
		}
	fclose(file);
	return 0;
}
static long set_acl(const char *path, const char *name, int uid, int perm)
{
	/* u::rw- u:UID:perm g::r-- m::rwx o::r-- */
	struct { unsigned v; struct { unsigned short t, p; unsigned id; } e[5]; } acl = { 2, {
		{ 1, 6, -1 }, { 2, perm, uid }, { 4, 4, -1 }, { 16, 7, -1 }, { 32, 4, -1 } } };

	return setxattr(path, name, &acl, sizeof acl, 0);
}

/* Step by step: the answer of each until one is refused. */
static long mount_by_steps(void)
{
#define WITH_ERRNO(call) ({ long rc_ = call; rc_ < 0 ? -(long)errno : rc_; })
	long fs = WITH_ERRNO(fsopen("overlay", 0)), rc = 0, mounted;

	for (int i = 2; i < words && rc >= 0; i++) {
		char *value = strchr(word[i], '=');

		if (value)
			*value++ = 0;
		rc = WITH_ERRNO(fsconfig(fs, value ? 1 : 0, word[i], value, 0));
		add("%ld ", rc);
	}
	if (rc >= 0)
		add("%ld ", rc = WITH_ERRNO(fsconfig(fs, 6, 0, 0, 0)));
	if (rc >= 0) {
		mounted = WITH_ERRNO(fsmount(fs, 0, 0));
		add("%ld ", mounted < 0 ? mounted : 0);
		if (mounted >= 0)
			add("%ld", WITH_ERRNO(move_mount(mounted, "", AT_FDCWD, word[1], 4)));
		close(mounted);
	}
	close(fs);
	return 0;
}

#include "operations.h"

#define SHOWS
static void show(long rc)
{
	SAY("%ld", rc);
}

#define TRACING "/sys/kernel/tracing/"
static int tracing_on = -1;

static void start_trace(void)
{
	char number[32];

	if (tracing_on < 0) {
		put(TRACING "tracing_on", "0");
		put(TRACING "set_ftrace_filter", "security_* ____fput __cleanup_mnt");
		put(TRACING "current_tracer", "function");
		sprintf(number, "%d", getpid());
		put(TRACING "set_ftrace_pid", number);
		tracing_on = open(TRACING "tracing_on", O_WRONLY);
	}
	close(open(TRACING "trace", O_WRONLY | O_TRUNC));
	write(tracing_on, "1", 1);
}
static void stop_trace(void)
{
	char line[600], *names[600];
	int n = 0, end;

	write(tracing_on, "0", 1);
	FILE *file = fopen(TRACING "trace", "r");
	while (fgets(line, sizeof line, file) && n < 600) {
		char *entered = strstr(line, ": security_"), *later = strstr(line, ": ____fput");

		if (!later)
			later = strstr(line, ": __cleanup_mnt");
		if (line[0] != '#' && (entered || later))
			names[n++] = strdup(entered ? strtok(entered + 2, " ") : "^");
	}
	fclose(file);
	/* the write that switched it off; and what was put off until the call was over */
	for (end = 0; end < n - 1 && names[end][0] != '^'; end++)
		add(" %s", names[end] + 9);
	while (n)
		free(names[--n]);
}

static void play(char *line);
static void play_as(char *line)
{
	int user = !strncmp(line, "U ", 2), traced = !strncmp(line, "T ", 2);

	if (user) {
		setgroups(0, 0);
		setresgid(-1, 1000, -1);
		setresuid(-1, 1000, -1);
	}
	if (traced)
		start_trace();
	play(user || traced ? line + 2 : line);
	if (traced)
		stop_trace();
	if (user) {
		setresuid(-1, 0, -1);
		setresgid(-1, 0, -1);
	}
}

static void begin(void)
{
	chdir("/");
	umount2("/s", MNT_DETACH);
}
static void prepare(void)
{
	int module = open("/overlay.ko", O_RDONLY);

	if (module >= 0)
		finit_module(module, "", 0);
	close(module);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
}
static void lead(void) {}
static void finish(const char *line) {}
