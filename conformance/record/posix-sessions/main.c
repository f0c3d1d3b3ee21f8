/*
 * Plays sessions (see README.md) one after another, each in namespaces and on a tmpfs of its own.
 * runner SESSIONS REPORT-PROGRAM OUT
 */
#include "runner.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

struct shared *shared;
char *report_program;
long report_size;
char buffer[1 << 21];

struct actor {
	long uid, gid, caps, umask, groups[32];
	int ngroups;
};
static struct actor actors[8];
static int nactors;
static struct call *calls;
static int ncalls;
static unsigned long bounding = 0x1fffeffffffUL;
static int out_fd;

void wait_word(volatile int *word, int until)
{
	struct timespec limit = { 20, 0 };
	for (int v; (v = *word) != until;)
		if (syscall(SYS_futex, word, FUTEX_WAIT, v, &limit, 0, 0) < 0 && errno == ETIMEDOUT)
			_exit(99);
}

void wake_word(volatile int *word, int value)
{
	*word = value;
	syscall(SYS_futex, word, FUTEX_WAKE, 1 << 20, 0, 0, 0);
}

static void on_alarm(int sig) { (void)sig; }

static void tick(int on)
{
	struct itimerval every = { { 0, on * 100000 }, { 0, on * 100000 } };
	setitimer(ITIMER_REAL, &every, 0);
}

static void play_call(struct call *call)
{
	shared->out_len = 0;
	tick(1);
	long rc = call->callee->run(call->callee, call->args, call->nargs);
	tick(0);
	/* what was seen stands behind the result, which is known only now */
	long seen_len = rc < 0 ? 0 : shared->out_len;
	char *seen = malloc(seen_len + 1);
	memcpy(seen, shared->out, seen_len);
	shared->out_len = 0;
	if (rc == -EINTR)
		put("[\"BLOCK\"");
	else if (rc < 0)
		put("[\"%s\"", errno_name(-rc));
	else
		put("[%ld", rc);
	if (seen_len) {
		put(",");
		memcpy(shared->out + shared->out_len, seen, seen_len);
		shared->out_len += seen_len;
	}
	put("]\n");
	free(seen);
}

static void set_caps(unsigned long permitted)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ permitted, permitted, 0 },
		{ permitted >> 32, permitted >> 32, 0 },
	};
	if (syscall(SYS_capset, &head, data))
		_exit(98);
}

static void drop_bounding(void)
{
	for (int cap = 0; cap < 41; cap++)
		if (!(bounding >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static void become(struct actor *actor)
{
	gid_t groups[32];
	for (int i = 0; i < actor->ngroups; i++)
		groups[i] = actor->groups[i];
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	syscall(SYS_setgroups, actor->ngroups, groups);
	syscall(SYS_setresgid, actor->gid, actor->gid, actor->gid);
	syscall(SYS_setresuid, actor->uid, actor->uid, actor->uid);
	set_caps(actor->caps < 0 ? bounding : (unsigned long)actor->caps);
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	umask(actor->umask);
	struct rlimit nofile = { 1024, 4096 };
	setrlimit(RLIMIT_NOFILE, &nofile);
}

static void block_signals(void)
{
	static const int open_ones[] = { SIGKILL, SIGSTOP, SIGALRM, SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
	unsigned long set = ~0UL;
	for (unsigned i = 0; i < sizeof open_ones / sizeof *open_ones; i++)
		set &= ~(1UL << (open_ones[i] - 1));
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	struct sigaction action = { .sa_handler = on_alarm };
	sigaction(SIGALRM, &action, 0);
}

static void be_actor(int number)
{
	close_range(3, ~0U, 0);
	block_signals();
	become(&actors[number]);
	for (;;) {
		wait_word(&shared->turn[number], 1);
		play_call(&calls[shared->call]);
		shared->turn[number] = 0;
		wake_word(&shared->done, 1);
	}
}

static void flush(void)
{
	for (long at = 0; at < shared->out_len;) {
		long n = write(out_fd, shared->out + at, shared->out_len - at);
		if (n <= 0)
			_exit(97);
		at += n;
	}
	shared->out_len = 0;
}

static void make_root(void)
{
	mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
	if (mount("root", "/mnt", "tmpfs", 0, "mode=0755,size=256m"))
		_exit(96);
	mkdir("/mnt/proc", 0555);
	if (mount("proc", "/mnt/proc", "proc", 0, 0) || chdir("/mnt") || syscall(SYS_pivot_root, ".", ".") ||
	    umount2(".", MNT_DETACH) || chdir("/"))
		_exit(95);
	struct stat st;
	stat("/", &st);
	shared->root_dev = st.st_dev;
}

/* Process 1 of the session. */
static void lead(void)
{
	make_root();
	setsid();
	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGCHLD)
			signal(sig, SIG_IGN);
	drop_bounding();
	umask(022);
	set_caps(bounding);
	for (int i = 0; i < nactors; i++)
		if (fork() == 0)
			be_actor(i);
	for (int i = 0; i < ncalls; i++) {
		shared->call = i;
		shared->done = 0;
		wake_word(&shared->turn[calls[i].actor], 1);
		for (;;) {
			wait_word(&shared->done, 1);
			if (!shared->report)
				break;
			int pid = shared->report;
			shared->report = 0;
			shared->done = 0;
			put_report(pid);
			if (pid > 0)
				kill(pid, SIGKILL);
			wake_word(&shared->reported, 1);
		}
		flush();
	}
	put_final();
	flush();
	_exit(0);
}

static void play_session(long id)
{
	memset(shared, 0, offsetof(struct shared, out));
	put("S %ld\n", id);
	flush();
	int outer = fork();
	if (outer == 0) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS))
			_exit(94);
		int leader = fork(), status;
		if (leader == 0)
			lead();
		waitpid(leader, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 93);
	}
	int status;
	waitpid(outer, &status, 0);
	shared->out_len = 0;
	put("E %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 92);
	flush();
}

static long unhex(const char *hex, char *bytes)
{
	long n = 0;
	for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		bytes[n++] = byte;
	bytes[n] = 0;
	return n;
}

static struct arg read_arg(char *word)
{
	struct arg arg = { .type = word[0] };
	if (arg.type == 'i' || arg.type == 'l')
		arg.num = strtol(word + 1, 0, 10);
	if (arg.type == 's') {
		arg.text = malloc(strlen(word) / 2 + 2);
		arg.len = unhex(word + 1, arg.text);
	}
	if (arg.type == 'r') {
		arg.type = 's';
		unsigned byte;
		sscanf(word + 1, "%x:%ld", &byte, &arg.len);
		arg.text = malloc(arg.len + 1);
		memset(arg.text, byte, arg.len);
	}
	return arg;
}

static void read_actor(char *rest)
{
	struct actor *actor = &actors[nactors++];
	memset(actor, 0, sizeof *actor);
	char *word = strtok(rest, " ");
	long *fields[] = { &actor->uid, &actor->gid, &actor->caps, &actor->umask };
	for (int i = 0; i < 4; i++, word = strtok(0, " "))
		*fields[i] = strtol(word, 0, 10);
	for (; word; word = strtok(0, " "))
		actor->groups[actor->ngroups++] = strtol(word, 0, 10);
}

static void read_call(char *rest)
{
	struct call *call = &calls[ncalls++];
	memset(call, 0, sizeof *call);
	char *word = strtok(rest, " ");
	call->actor = atoi(word);
	word = strtok(0, " ");
	call->callee = find_callee(word);
	if (!call->callee) {
		fprintf(stderr, "no call %s\n", word);
		exit(1);
	}
	while ((word = strtok(0, " ")) && call->nargs < 48)
		call->args[call->nargs++] = read_arg(word);
}

static char *slurp(const char *path, long *size)
{
	FILE *file = fopen(path, "r");
	struct stat st;
	if (!file || fstat(fileno(file), &st))
		exit(2);
	char *text = malloc(st.st_size + 1);
	*size = fread(text, 1, st.st_size, file);
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	(void)argc;
	report_program = slurp(argv[2], &report_size);
	out_fd = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	calls = malloc(sizeof *calls * 1000);
	int null = open("/dev/null", O_RDWR);
	FILE *sessions = fopen(argv[1], "r");
	char *line = 0;
	size_t room = 0;
	long id = 0;
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	while (getline(&line, &room, sessions) > 0) {
		line[strcspn(line, "\n")] = 0;
		switch (line[0]) {
		case 'B': bounding = strtoul(line + 2, 0, 16); break;
		case 'S': id = atol(line + 2); nactors = ncalls = 0; break;
		case 'A': read_actor(line + 2); break;
		case 'C': read_call(line + 2); break;
		case 'E': play_session(id); break;
		}
	}
	return 0;
}
