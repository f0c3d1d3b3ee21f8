/*
 * Plays sessions of operations on control groups on a real kernel: reads `session N` and `ACTOR OPERATION ARGUMENTS`
 * lines, prints each with what the call answered behind a tab. Run as process 1 or root where cgroup2 is mounted alone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACTORS 5
#define ROOT "/sys/fs/cgroup"
#define TEXT 65536

/* Numbers of the processes and of their second threads, known to all. */
static struct shared {
	pid_t pid[ACTORS], tid[ACTORS];
} *shared;
static int commands[ACTORS][2], replies[2];
static int self;
static char answer[2 * TEXT];

static const char *number(long rc)
{
	static char text[32];

	if (rc < 0)
		return strerrorname_np(errno);
	snprintf(text, sizeof text, "%ld", rc);
	return text;
}

static void place(char *out, const char *name)
{
	sprintf(out, "%s%s", name[0] == '/' ? "" : ROOT "/", name);
}

/* `@1` and `@1t` are numbers of tasks, `_` and `$` a blank and a new line. */
static void expand(char *out, const char *in)
{
	for (; *in; in++) {
		if (*in == '@') {
			int actor = *++in - '0';
			int thread = in[1] == 't';

			in += thread;
			out += sprintf(out, "%d", thread ? shared->tid[actor] : shared->pid[actor]);
		} else {
			*out++ = *in == '_' ? ' ' : *in == '$' ? '\n' : *in;
		}
	}
	*out = 0;
}

/* Tasks by name, sorted; threads of the kernel are left out. */
static void name_tasks(char *text)
{
	int present[2][ACTORS] = { 0 };
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		for (int actor = 0; actor < ACTORS; actor++) {
			present[0][actor] |= atoi(line) && atoi(line) == shared->pid[actor];
			present[1][actor] |= atoi(line) && atoi(line) == shared->tid[actor];
		}
	*answer = 0;
	for (int actor = 0; actor < ACTORS; actor++) {
		if (present[0][actor])
			sprintf(answer + strlen(answer), "@%d;", actor);
		if (present[1][actor])
			sprintf(answer + strlen(answer), "@%dt;", actor);
	}
}

static int ends(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

/* What only some kernels count is left out. */
static void show_text(const char *path, char *text)
{
	char *save;

	if (ends(path, "procs") || ends(path, "threads")) {
		name_tasks(text);
		return;
	}
	if (ends(path, "cgroup.controllers") || ends(path, "cgroup.subtree_control")) {
		strcpy(answer, strstr(text, "pids") ? "pids;" : "");
		return;
	}
	*answer = 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (ends(path, "cgroup.stat") && strncmp(line, "nr_descendants ", 15) && strncmp(line, "nr_subsys_pids ", 15))
			continue;
		for (char *c = line; *c; c++)
			*c = *c == ' ' ? '_' : *c;
		sprintf(answer + strlen(answer), "%s;", line);
	}
}

static void do_read(const char *path)
{
	static char text[TEXT];
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		sprintf(answer, "open %s", number(-1));
		return;
	}
	long got = read(fd, text, TEXT - 1);
	close(fd);
	if (got < 0) {
		strcpy(answer, number(got));
		return;
	}
	text[got] = 0;
	show_text(path, text);
}

static void do_write(const char *path, const char *pattern)
{
	char text[4096];
	int fd = open(path, O_WRONLY);

	if (fd < 0) {
		sprintf(answer, "open %s", number(-1));
		return;
	}
	expand(text, pattern);
	long put = write(fd, text, strlen(text));
	strcpy(answer, put < 0 ? number(put) : "ok");
	close(fd);
}

static void do_stat(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		strcpy(answer, number(-1));
	else
		sprintf(answer, "%o_%d_%d_%ld", st.st_mode, st.st_uid, st.st_gid, (long)st.st_nlink);
}

static void do_list(const char *path)
{
	char names[4096];
	long size = listxattr(path, names, sizeof names - 1);

	if (size < 0) {
		strcpy(answer, number(size));
		return;
	}
	for (long at = 0; at < size; at++)
		names[at] = names[at] ? names[at] : ';';
	names[size] = 0;
	sprintf(answer, "[%s]", names);
}

static void serve(void);

static void make(int name, unsigned long flags, const char *group)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	int fd = -1;

	if (group) {
		fd = open(group, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			sprintf(answer, "open %s", number(-1));
			return;
		}
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = fd;
	}
	long pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0) {
		self = name;
		serve();
	}
	strcpy(answer, pid < 0 ? number(pid) : "ok");
	if (pid > 0) {
		shared->pid[name] = pid;
		shared->tid[name] = 0;
	}
	if (fd >= 0)
		close(fd);
}

static void *idle(void *unused)
{
	shared->tid[self] = gettid();
	for (;;)
		pause();
	return unused;
}

static void start_thread(void)
{
	pthread_t thread;

	shared->tid[self] = 0;
	errno = pthread_create(&thread, NULL, idle, NULL);
	if (errno) {
		strcpy(answer, number(-1));
		return;
	}
	while (!shared->tid[self])
		usleep(100);
	strcpy(answer, "ok");
}

static void reap(int name)
{
	long pid = waitpid(shared->pid[name], NULL, WNOHANG);

	strcpy(answer, pid > 0 ? "ok" : number(pid));
	if (pid > 0)
		shared->pid[name] = shared->tid[name] = 0;
}

static void become(int id)
{
	setgroups(0, NULL);
	setgid(id);
	strcpy(answer, number(setuid(id)));
}

static void do_create(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0644);

	strcpy(answer, number(fd < 0 ? -1 : 0));
	if (fd >= 0)
		close(fd);
}

static void run(char *line)
{
	char op[32] = "", a[1024] = "", b[1024] = "", c[1024] = "", path[2048], other[2048];

	sscanf(line, "%31s %1023s %1023s %1023s", op, a, b, c);
	place(path, a);
	place(other, b);
#define IS(name) (!strcmp(op, name))
	if (IS("mkdir"))
		strcpy(answer, number(mkdir(path, strtol(b, NULL, 8))));
	else if (IS("rmdir"))
		strcpy(answer, number(rmdir(path)));
	else if (IS("rename"))
		strcpy(answer, number(rename(path, other)));
	else if (IS("chown"))
		strcpy(answer, number(chown(path, atoi(b), atoi(b))));
	else if (IS("chmod"))
		strcpy(answer, number(chmod(path, strtol(b, NULL, 8))));
	else if (IS("unlink"))
		strcpy(answer, number(unlink(path)));
	else if (IS("create"))
		do_create(path);
	else if (IS("write"))
		do_write(path, b);
	else if (IS("read"))
		do_read(path);
	else if (IS("stat"))
		do_stat(path);
	else if (IS("setxattr"))
		strcpy(answer, number(setxattr(path, b, c, strlen(c), 0)));
	else if (IS("getxattr")) {
		long size = getxattr(path, b, other, 100);

		other[size < 0 ? 0 : size] = 0;
		strcpy(answer, size < 0 ? number(size) : other);
	} else if (IS("listxattr"))
		do_list(path);
	else if (IS("removexattr"))
		strcpy(answer, number(removexattr(path, b)));
	else if (IS("fork"))
		make(atoi(a), 0, NULL);
	else if (IS("nfork"))
		make(atoi(a), CLONE_NEWCGROUP, NULL);
	else if (IS("cfork"))
		make(atoi(b), 0, path);
	else if (IS("thread"))
		start_thread();
	else if (IS("wait"))
		reap(atoi(a));
	else if (IS("setuid"))
		become(atoi(a));
	else if (IS("unshare"))
		strcpy(answer, number(unshare(CLONE_NEWCGROUP)));
	else
		strcpy(answer, "unknown");
}

/* Another process takes its operations from a pipe; all of them answer into one. */
static void serve(void)
{
	char line[4096];
	FILE *in = fdopen(dup(commands[self][0]), "r");

	setvbuf(in, NULL, _IONBF, 0);
	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "exit")) {
			dprintf(replies[1], "ok\n");
			_exit(0);
		}
		run(line);
		dprintf(replies[1], "%s\n", answer);
	}
	_exit(0);
}

static void ask(int actor, const char *line)
{
	struct pollfd waits = { replies[0], POLLIN, 0 };
	char *at = answer;

	dprintf(commands[actor][1], "%s\n", line);
	strcpy(answer, "timeout");
	if (poll(&waits, 1, 2000) != 1)
		return;
	while (read(replies[0], at, 1) == 1 && *at != '\n')
		at++;
	*at = 0;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
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
	put(file, "0");
}

static void discard(const char *dir)
{
	for (int try = 0; try < 100 && rmdir(dir) && errno == EBUSY; try++)
		usleep(5000);
}

/* Nothing is left of the session before. */
static void begin(void)
{
	static const char *const files[] = { "", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control",
					     "/cgroup.max.depth", "/cgroup.max.descendants" };
	static const char *const names[] = { "user.x", "trusted.x", "security.x" };
	char path[256];

	for (int actor = 1; actor < ACTORS; actor++)
		if (shared->pid[actor])
			kill(shared->pid[actor], SIGKILL);
	each_group(ROOT, thaw);
	for (int idle = 0; idle < 5;)
		if (waitpid(-1, NULL, WNOHANG) <= 0) {
			idle++;
			usleep(5000);
		}
	memset(shared, 0, sizeof *shared);
	shared->pid[0] = getpid();
	put(ROOT "/cgroup.procs", "0");
	each_group(ROOT, discard);
	put(ROOT "/cgroup.subtree_control", "-pids");
	put(ROOT "/cgroup.max.depth", "max");
	put(ROOT "/cgroup.max.descendants", "max");
	for (unsigned int i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, ROOT "%s", files[i]);
		if (chown(path, 0, 0) || chmod(path, i ? 0644 : 0755))
			perror(path);
	}
	for (unsigned int i = 0; i < sizeof names / sizeof *names; i++)
		removexattr(ROOT, names[i]);
	for (int actor = 1; actor < ACTORS; actor++) {
		if (commands[actor][0]) {
			close(commands[actor][0]);
			close(commands[actor][1]);
		}
		if (pipe(commands[actor]))
			perror("pipe");
	}
	if (replies[0]) {
		close(replies[0]);
		close(replies[1]);
	}
	if (pipe(replies))
		perror("pipe");
}

/* Ends and the freezer take a while. */
static void settle(const char *line)
{
	if (strstr(line, "exit") || strstr(line, "kill") || strstr(line, "freeze"))
		usleep(30000);
	else if (strstr(line, "write") || strstr(line, "fork"))
		usleep(5000);
}

int main(void)
{
	char line[4096];

	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "session ", 8)) {
			begin();
			strcpy(answer, "0");
		} else if (line[0] == '0') {
			run(line + 2);
		} else {
			ask(line[0] - '0', line + 2);
		}
		printf("%s\t%s\n", line, answer);
		settle(line);
	}
	return 0;
}
