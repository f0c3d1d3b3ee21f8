/* Calls on credentials, signals and limits; programs that run in a fork of the actor. */
#include "runner.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define CALL(name) static long do_##name(const struct callee *self, struct arg *args, int nargs)
#define UNUSED ((void)self, (void)args, (void)nargs)

CALL(setgroups)
{
	UNUSED;
	gid_t groups[48];
	for (int i = 0; i < args[0].num; i++)
		groups[i] = args[i + 1].num;
	return RC(syscall(SYS_setgroups, args[0].num, groups));
}

CALL(getresid)
{
	UNUSED;
	uid_t ids[3];
	long rc = RC(syscall(self->nr, &ids[0], &ids[1], &ids[2]));
	put("[%u,%u,%u]", ids[0], ids[1], ids[2]);
	return rc;
}

CALL(getgroups)
{
	UNUSED;
	static gid_t groups[65536];
	long n = RC(syscall(SYS_getgroups, 65536, groups));
	put("[");
	for (long i = 0; i < n; i++)
		put(i ? ",%u" : "%u", groups[i]);
	put("]");
	return n;
}

static struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };

CALL(capget)
{
	UNUSED;
	struct __user_cap_data_struct d[2];
	long rc = RC(syscall(SYS_capget, &head, d));
	put("[\"%08x%08x\",\"%08x%08x\",\"%08x%08x\"]", d[1].effective, d[0].effective, d[1].permitted, d[0].permitted,
	    d[1].inheritable, d[0].inheritable);
	return rc;
}

CALL(capset)
{
	UNUSED;
	unsigned long sets[3];
	for (int i = 0; i < 3; i++)
		sets[i] = strtoul(args[i].text, 0, 16);
	struct __user_cap_data_struct d[2] = { { sets[0], sets[1], sets[2] }, { sets[0] >> 32, sets[1] >> 32, sets[2] >> 32 } };
	return RC(syscall(SYS_capset, &head, d));
}

CALL(sigpending)
{
	UNUSED;
	unsigned long set = 0;
	long rc = RC(syscall(SYS_rt_sigpending, &set, 8));
	put("[");
	for (int sig = 1, first = 1; sig <= 64; sig++)
		if (set >> (sig - 1) & 1) {
			put(first ? "%d" : ",%d", sig);
			first = 0;
		}
	put("]");
	return rc;
}

CALL(prlimit)
{
	UNUSED;
	struct rlimit old, next = { args[2].num, args[3].num };
	long rc = RC(syscall(SYS_prlimit64, 0, args[0].num, args[1].type == 'l' ? &next : 0, &old));
	put("[%ld,%ld]", (long)old.rlim_cur, (long)old.rlim_max);
	return rc;
}

const struct callee task_calls[] = {
	{ "setgroups", do_setgroups, 0, 0 }, { "getresuid", do_getresid, SYS_getresuid, 0 },
	{ "getresgid", do_getresid, SYS_getresgid, 0 }, { "getgroups", do_getgroups, 0, 0 },
	{ "capget", do_capget, 0, 0 }, { "capset", do_capset, 0, 0 }, { "sigpending", do_sigpending, 0, 0 },
	{ "prlimit", do_prlimit, 0, 0 },
	{ 0 },
};

/* The lines of a /proc/PID file whose fields are separated by NUL. */
static void put_words(int pid, const char *file)
{
	static char text[1 << 21];
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	int fd = open(path, O_RDONLY);
	long n = 0, got;
	while (fd >= 0 && (got = read(fd, text + n, sizeof text - n)) > 0)
		n += got;
	close(fd);
	put("[");
	for (long at = 0; at < n;) {
		long end = at;
		while (end < n && text[end])
			end++;
		if (at)
			put(",");
		put_bytes(text + at, end - at);
		at = end + 1;
	}
	put("]");
}

static char status[8192];

static const char *field(const char *name)
{
	char key[32];
	snprintf(key, sizeof key, "\n%s:\t", name);
	char *at = strstr(status, key);
	return at ? at + strlen(key) : "";
}

static void put_ids(const char *key, const char *name)
{
	unsigned r, e, s;
	sscanf(field(name), "%u %u %u", &r, &e, &s);
	put(",\"%s\":[%u,%u,%u]", key, r, e, s);
}

static void put_groups(void)
{
	put(",\"groups\":[");
	char *at = (char *)field("Groups"), *end;
	for (int first = 1; *at && *at != '\n'; first = 0) {
		unsigned long gid = strtoul(at, &end, 10);
		if (end == at)
			break;
		put(first ? "%lu" : ",%lu", gid);
		at = end;
		while (*at == ' ')
			at++;
	}
	put("]");
}

static long secure_of(int pid)
{
	char path[64];
	unsigned long pair[2];
	snprintf(path, sizeof path, "/proc/%d/auxv", pid);
	int fd = open(path, O_RDONLY);
	long secure = -1;
	while (read(fd, pair, sizeof pair) == sizeof pair && pair[0])
		if (pair[0] == 23)
			secure = pair[1];
	close(fd);
	return secure;
}

/* Of a process that has stopped in the report program; asked by the leader, who may see everything. */
void put_report(int pid)
{
	if (pid < 0) {
		kill(-pid, SIGKILL);
		return;
	}
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	int fd = open(path, O_RDONLY);
	long n = read(fd, status, sizeof status - 1);
	close(fd);
	status[n < 0 ? 0 : n] = 0;
	put("{\"argv\":");
	put_words(pid, "cmdline");
	put(",\"env\":");
	put_words(pid, "environ");
	put_ids("uid", "Uid");
	put_ids("gid", "Gid");
	put_groups();
	put(",\"capE\":\"%.16s\",\"capP\":\"%.16s\",\"capI\":\"%.16s\",\"nnp\":%.1s,\"secure\":%ld,\"fds\":[", field("CapEff"),
	    field("CapPrm"), field("CapInh"), field("NoNewPrivs"), secure_of(pid));
	for (int i = 0, first = 1; i < 64; i++) {
		struct stat st;
		snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, i);
		if (lstat(path, &st) == 0) {
			put(first ? "%d" : ",%d", i);
			first = 0;
		}
	}
	put("]}");
}

static volatile long *exec_errno; /* in shared pages: the child writes it */

static void ask_leader(int pid)
{
	shared->reported = 0;
	shared->report = pid;
	wake_word(&shared->done, 1);
	wait_word(&shared->reported, 1);
}

static char **texts(struct arg *list, struct arg **rest)
{
	char **words = calloc(list->num + 1, sizeof *words);
	for (int i = 0; i < list->num; i++)
		words[i] = list[1 + i].text;
	*rest = list + 1 + list->num;
	return words;
}

/* -errno, or the process that runs the program and has stopped. */
static long start(int dfd, const char *path, char **argv, char **envp, int flags, int is_at)
{
	exec_errno = (volatile long *)(shared->out + sizeof shared->out - 16);
	*exec_errno = 0;
	int pid = fork(), status;
	if (pid == 0) {
		if (is_at)
			syscall(SYS_execveat, dfd, path, argv, envp, flags);
		else
			syscall(SYS_execve, path, argv, envp);
		*exec_errno = errno;
		_exit(0);
	}
	while (waitpid(pid, &status, WUNTRACED) < 0 && errno == EINTR)
		;
	if (WIFSTOPPED(status))
		return pid;
	return *exec_errno ? -*exec_errno : -EFAULT;
}

static void reap_pid(int pid)
{
	while (waitpid(pid, 0, 0) < 0 && errno == EINTR)
		;
}

CALL(exec)
{
	UNUSED;
	int is_at = self->nr == SYS_execveat;
	struct arg *rest = args + is_at + 1;
	char **argv = texts(rest, &rest), **envp = texts(rest, &rest);
	long pid = start(args[0].num, args[is_at].text, argv, envp, is_at ? rest->num : 0, is_at);
	if (pid < 0)
		return pid;
	ask_leader(pid);
	reap_pid(pid);
	return 0;
}

static int held[64], held_count;

CALL(hold)
{
	UNUSED;
	char *argv[] = { args[0].text, "hold", 0 }, *envp[] = { 0 };
	long pid = start(0, args[0].text, argv, envp, 0, 0);
	if (pid < 0)
		return pid;
	held[held_count++] = pid;
	return held_count;
}

CALL(reap)
{
	UNUSED;
	long number = args[0].num;
	if (number < 1 || number > held_count || !held[number - 1])
		return -ECHILD;
	int pid = held[number - 1];
	held[number - 1] = 0;
	ask_leader(-pid);
	reap_pid(pid);
	return 0;
}

CALL(install)
{
	UNUSED;
	int fd = open(args[0].text, O_WRONLY | O_CREAT | O_EXCL, 0700);
	if (fd < 0)
		return -errno;
	long n = write(fd, report_program, report_size);
	long rc = RC(fchown(fd, args[2].num, args[3].num)) ?: RC(fchmod(fd, args[1].num));
	close(fd);
	return n == report_size ? rc : -EIO;
}

const struct callee exec_calls[] = {
	{ "execve", do_exec, SYS_execve, 0 }, { "execveat", do_exec, SYS_execveat, 0 }, { "hold", do_hold, 0, 0 },
	{ "reap", do_reap, 0, 0 }, { "install", do_install, 0, 0 },
	{ 0 },
};
