/* Plays rows of smack-fs as process 1: reads /rows, prints `@` and the row with its errno and extra behind it. */
#include "../common.h"

static long attribute(const char *path, const char *name, const char *value)
{
	char full[64];

	sprintf(full, "security.%s", name);
	return lsetxattr(path, full, value, strlen(value), 0);
}
static long label(const char *path, const char *value)
{
	return attribute(path, "SMACK64", value);
}
static long made(const char *path, const char *value)
{
	return chown(path, 1000, 1000) || setxattr(path, "user.t", "v", 1, 0) || label(path, value) ? -1 : 0;
}
static long file(const char *path, const char *value)
{
	put_bytes(path, "hello", 5, 0777);
	return made(path, value);
}
static long program(const char *path, const char *value)
{
	copy_file("/teller", path, 0777);
	return made(path, value);
}
static long fifo(const char *path, const char *value)
{
	return mkfifo(path, 0777) || label(path, value) ? -1 : 0;
}
static long dir(const char *path, const char *value)
{
	return mkdir(path, 0777) || chown(path, 1000, 1000) || label(path, value) ? -1 : 0;
}
/* The program writes into the pipe that is its standard output. */
static long execute(const char *path)
{
	return execve(path, av, ev);
}

#include "operations.h"

static int tell_smackfs(const char *name, const char *text)
{
	char path[64];

	sprintf(path, "/sys/fs/smackfs/%s", name);
	return put(path, text);
}

static int privilege_of(const char *name)
{
	return !strcmp(name, "mac_override") ? 32 : !strcmp(name, "mac_admin") ? 33 : !strcmp(name, "sys_ptrace") ? 19 : -1;
}

/* A task of a label; the errno of what it may not have. */
static int become(const char *value, const char *privilege)
{
	struct { unsigned version; int pid; } head = { 0x20080522, 0 };
	struct { unsigned e, p, i; } sets[2] = { { 0 } };
	int cap = privilege_of(privilege);

	errno = 0;
	if (put("/proc/self/attr/smack/current", value) < 0)
		return errno;
	if (strcmp(privilege, "none"))
		prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	setgroups(0, NULL);
	syscall(SYS_setresgid, 1000, 1000, 1000);
	setresuid(1000, 1000, 1000);
	if (cap >= 0)
		sets[cap / 32].e = sets[cap / 32].p = 1u << (cap % 32);
	capset(&head, sets);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

static void label_of(const char *path, char *extra)
{
	struct stat st;
	char value[300] = "";
	ssize_t n;

	if (lstat(path, &st))
		return;
	n = lgetxattr(path, "security.SMACK64", value, 255);
	sprintf(extra, "label=%.*s", n > 0 ? (int)n : 0, value);
	if (S_ISDIR(st.st_mode) && lgetxattr(path, "security.SMACK64TRANSMUTE", value, 255) == 4)
		strcat(extra, ",transmute");
}

static long look(void)
{
	struct pollfd p = { t, POLLIN };

	strcpy(note, poll(&p, 1, 150) <= 0 ? "n" : recv(t, buf, 8, MSG_DONTWAIT) < 0 ? "e" : "y");
	return 0;
}

static void play(const struct operation *op, char *rule, char *extra_rule, char *privilege, char *ptrace, char *error,
	char *extra)
{
	char line[600];
	pid_t theirs = 0, own;
	int output[2], wait = 0;
	long made_rc = 0;

	sprintf(line, "%s %s %s", subject, object, rule);
	if (strcmp(subject, object))
		tell_smackfs("load2", line);
	if (strncmp(extra_rule, "onlycap=", 8)) {
		sprintf(line, "%s %s %s", object, subject, extra_rule);
		if (strcmp(subject, object))
			tell_smackfs("load2", line);
	}
	tell_smackfs("ptrace", ptrace);
	if (!strncmp(extra_rule, "onlycap=", 8)) {
		sprintf(line, "_ %s", extra_rule + 8);
		tell_smackfs("onlycap", line);
	}
	if (op->setup)
		made_rc = op->setup();
	if (made_rc >= 0 && op->other_does) {
		ready = done = 0;
		theirs = fork();
		if (!theirs) {
			int bad = become(object, "none");

			if (bad)
				done = -bad;
			else if ((done = op->other_does()) >= 0)
				wait_as_other();
			_exit(0);
		}
		other = theirs;
		while (!ready && !(done < 0) && wait++ < 2000)
			usleep(1000);
		made_rc = done < 0 ? done : 0;
	}
	if (made_rc < 0) {
		strcpy(error, "PREP");
		sprintf(extra, "prep:%s", errno_text(made_rc));
		goto out;
	}
	pipe2(output, O_CLOEXEC);
	done = 0;
	answer = 0;
	own = fork();
	if (!own) {
		int bad = become(subject, privilege);

		if (bad) {
			answer = -bad;
			done = 2;
			_exit(0);
		}
		dup2(output[1], 1);
		answer = op->act();
		done = 1;
		for (;;)
			pause();
	}
	close(output[1]);
	{
		struct pollfd p = { output[0], POLLIN };

		for (wait = 0; !done && poll(&p, 1, 2) <= 0 && wait < 4000; wait++)
			if (waitpid(own, NULL, WNOHANG) > 0)
				break;
	}
	strcpy(error, done == 2 ? "PREP" : done ? errno_text(answer) : "OK");
	if (done == 2)
		sprintf(extra, "prep:%s", errno_text(answer));
	else if (!strcmp(op->tells, "label") || (!strcmp(op->tells, "removed") && answer >= 0))
		label_of(op->what, extra);
	else if (!strcmp(op->tells, "program") && !done) {
		ssize_t n = read(output[0], extra, 500);

		extra[n > 0 ? n : 0] = 0;
	} else if (!strcmp(op->tells, "received") && answer >= 0)
		strcpy(extra, note);
	else if (!strcmp(op->tells, "delivered")) {
		ask_other_to(look);
		sprintf(extra, "delivered=%s", note);
	}
	kill(own, SIGKILL);
	waitpid(own, NULL, 0);
out:
	if (theirs) {
		kill(theirs, SIGKILL);
		waitpid(theirs, NULL, 0);
	}
	fflush(stdout);
}

int main(void)
{
	static char line[1024], error[64], extra[1024];
	FILE *rows;

	share();
	mount_system();
	mkdir("/w", 0777);
	mount("smackfs", "/sys/fs/smackfs", "smackfs", 0, 0);
	if (fork()) {
		for (;;)
			wait(0);
	}
	{
		int up = socket(AF_INET, SOCK_DGRAM, 0);
		struct ifreq r = { "lo" };

		r.ifr_flags = IFF_UP | IFF_RUNNING;
		ioctl(up, SIOCSIFFLAGS, &r);
		close(up);
	}
	put("/proc/sys/net/ipv4/tcp_syn_retries", "1");
	put("/proc/sys/kernel/printk", "1");
	umask(0);
	for (int i = 0; i < 3; i++)
		open("/dev/console", O_RDWR);
	rows = fopen("/rows", "r");
	while (fgets(line, sizeof line, rows)) {
		char *field[7], *rest = line;
		const struct operation *op = operations;
		pid_t row;
		int wait = 0;

		line[strcspn(line, "\n")] = 0;
		for (int i = 0; i < 7; i++)
			field[i] = strsep(&rest, "\t");
		while (op->name && strcmp(op->name, field[6]))
			op++;
		strcpy(subject_text, field[0]);
		strcpy(object_text, field[1]);
		key = id = other = 0;
		row = fork();
		if (!row) {
			setpgid(0, 0);
			unshare(CLONE_NEWNS | CLONE_NEWIPC);
			mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
			mount("tmpfs", "/w", "tmpfs", 0, "mode=0777");
			setxattr("/w", "security.SMACK64", "*", 1, 0);
			chdir("/w");
			error[0] = extra[0] = 0;
			play(op, field[2], field[3], field[4], field[5], error, extra);
			for (int i = 0; i < 7; i++)
				printf("%s%s\t", i ? "" : "@", field[i]);
			printf("%s\t%s\n", error, extra);
			fflush(stdout);
			_exit(0);
		}
		while (waitpid(row, NULL, WNOHANG) == 0 && wait++ < 15000)
			usleep(1000);
		kill(-row, SIGKILL);
		waitpid(row, NULL, 0);
		/* the next row starts without rules */
		sprintf(error, "%s %s -", subject, object);
		tell_smackfs("load2", error);
		sprintf(error, "%s %s -", object, subject);
		tell_smackfs("load2", error);
		tell_smackfs("onlycap", "-");
		tell_smackfs("onlycap", "");
		put("/proc/self/attr/smack/current", "_");
	}
	machine_ends();
}
