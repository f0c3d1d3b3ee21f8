/* Control groups: the hierarchy is cleared before each session. Actor 0 is this process, others are its descendants. */
#include <linux/sched.h>
#define PLAY(line) play(line)
#define ROOT "/sys/fs/cgroup"

static const char *path(const char *name)
{
	static char paths[2][2048];
	static int next;
	char *out = paths[next++ % 2];

	sprintf(out, "%s%s", name[0] == '/' ? "" : ROOT "/", name);
	return out;
}

/* `@1` and `@1t` are numbers of tasks, `_` and `$` a blank and a new line. */
static long expand(char *out, const char *in)
{
	for (; *in; in++) {
		if (*in == '@') {
			int actor = *++in - '0', thread = in[1] == 't';

			in += thread;
			out += sprintf(out, "%d", thread ? shared->tid[actor] : shared->pid[actor]);
		} else
			*out++ = *in == '_' ? ' ' : *in == '$' ? '\n' : *in;
	}
	*out = 0;
	return 0;
}

/* Tasks by their actors, sorted; threads of the kernel are left out. */
static long show_tasks(char *text)
{
	int present[2][ACTORS] = { 0 };
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		for (int actor = 0; actor < ACTORS; actor++) {
			present[0][actor] |= atoi(line) && atoi(line) == shared->pid[actor];
			present[1][actor] |= atoi(line) && atoi(line) == shared->tid[actor];
		}
	say("");
	for (int actor = 0; actor < ACTORS; actor++) {
		if (present[0][actor])
			add("@%d;", actor);
		if (present[1][actor])
			add("@%dt;", actor);
	}
	return 0;
}
static int ends(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

/* What only some kernels count is left out. */
static long show_text(const char *path, long got)
{
	char *save;

	if (got < 0)
		return got;
	/* it counts groups that are removed and not yet freed: asked again when they are */
	if (ends(path, "cgroup.stat")) {
		usleep(200000);
		got = pread(fd, buf, 65535, 0);
	}
	buf[got] = 0;
	if (ends(path, "procs") || ends(path, "threads"))
		return show_tasks(buf);
	if (ends(path, "cgroup.controllers") || ends(path, "cgroup.subtree_control"))
		return say(strstr(buf, "pids") ? "pids;" : "");
	say("");
	for (char *line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (ends(path, "cgroup.stat") && strncmp(line, "nr_descendants ", 15) && strncmp(line, "nr_subsys_pids ", 15))
			continue;
		for (char *one = line; *one; one++)
			*one = *one == ' ' ? '_' : *one;
		add("%s;", line);
	}
	return 0;
}
static long show_stat(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -1;
	return SAY("%o_%d_%d_%ld", st.st_mode, st.st_uid, st.st_gid, (long)st.st_nlink);
}
static long show_names(long size)
{
	if (size < 0)
		return size;
	for (long i = 0; i < size; i++)
		buf[i] = buf[i] ? buf[i] : ';';
	return SAY("[%.*s]", (int)size, buf);
}
static long make(long number, unsigned long flags, long group)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD, .cgroup = group };
	long child = syscall(SYS_clone3, &args, sizeof args);

	if (child < 0)
		return child;
	if (!child) {
		self = number;
		serve();
	}
	shared->pid[number] = child;
	shared->tid[number] = 0;
	return say("ok");
}
static void *idle(void *unused)
{
	shared->tid[self] = gettid();
	for (;;)
		pause();
	return unused;
}
static long start_thread(void)
{
	pthread_t thread;

	shared->tid[self] = 0;
	errno = pthread_create(&thread, NULL, idle, NULL);
	if (errno)
		return -1;
	while (!shared->tid[self])
		usleep(100);
	return say("ok");
}
static long reap(long number)
{
	long child = waitpid(shared->pid[number], NULL, WNOHANG);

	if (child <= 0)
		return child;
	shared->pid[number] = shared->tid[number] = 0;
	return say("ok");
}
static long leave(void)
{
	dprintf(replies[1], "ok\n");
	_exit(0);
}

#include "operations.h"

static void set(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	if (write(file, text, strlen(text)) < 0)
		errno = 0;
	close(file);
}
static void each_group(const char *dir, void (*act)(const char *dir))
{
	DIR *open_dir = opendir(dir);
	struct dirent *entry;
	char below[4096];

	if (!open_dir)
		return;
	while ((entry = readdir(open_dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
			snprintf(below, sizeof below, "%s/%s", dir, entry->d_name);
			each_group(below, act);
			act(below);
		}
	closedir(open_dir);
}
static void thaw(const char *dir)
{
	char file[4200];

	snprintf(file, sizeof file, "%s/cgroup.freeze", dir);
	set(file, "0");
}
static void discard(const char *dir)
{
	for (int try = 0; try < 100 && rmdir(dir) && errno == EBUSY; try++)
		usleep(5000);
}

static void begin(void)
{
	static const char *const files[] = { "", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control",
					     "/cgroup.max.depth", "/cgroup.max.descendants" };
	static const char *const names[] = { "user.x", "trusted.x", "security.x" };
	char file[256];

	each_group(ROOT, thaw);
	for (int idle = 0; idle < 5;)
		if (waitpid(-1, NULL, WNOHANG) <= 0) {
			idle++;
			usleep(5000);
		}
	set(ROOT "/cgroup.procs", "0");
	each_group(ROOT, discard);
	set(ROOT "/cgroup.subtree_control", "-pids");
	set(ROOT "/cgroup.max.depth", "max");
	set(ROOT "/cgroup.max.descendants", "max");
	for (unsigned int i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(file, sizeof file, ROOT "%s", files[i]);
		if (chown(file, 0, 0) || chmod(file, i ? 0644 : 0755))
			perror(file);
	}
	for (unsigned int i = 0; i < sizeof names / sizeof *names; i++)
		removexattr(ROOT, names[i]);
}
static void lead(void) {}
static void prepare(void)
{
	mount("cgroup2", ROOT, "cgroup2", 0, "nsdelegate");
}

/* Ends and the freezer take a while. */
static void finish(const char *line)
{
	if (strstr(line, "exit") || strstr(line, "kill") || strstr(line, "freeze"))
		usleep(30000);
	else if (strstr(line, "write") || strstr(line, "fork"))
		usleep(5000);
}
