/*
 * Plays the sessions of /script/sessions. Lines: `session`, `start ACTOR`, `ACTOR OPERATION WORDS…`, where words are
 * coded with %HH and numbers are numbers. Prints a line for each session, its policy revision, and one for each
 * operation: errno, result, labels (current, exec, prev) and records, with tabs between, or `gone`.
 */
#include "player.h"
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <net/if.h>

#define PATIENCE 2000
/* All actors are in it. */
#define GROUP "/sys/fs/cgroup/actors"

void go_on(char **words, int secure);

static FILE *out;
static char ended[ACTORS];

static void put_at(int from, int to)
{
	dup2(from, to);
	close(from);
}

/* Commands and replies of every actor, and a socket pair, are open in all of them. */
static void open_pipes(void)
{
	int ends[2];

	for (int i = 0; i < ACTORS; i++) {
		pipe(ends);
		put_at(ends[0], COMMANDS(i));
		put_at(ends[1], COMMANDS_END(i));
		pipe(ends);
		put_at(ends[0], REPLIES(i));
		put_at(ends[1], REPLIES_END(i));
	}
	socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
	put_at(ends[0], PAIR_END);
	put_at(ends[1], PAIR);
	dup2(PAIR_END, 0);
	dup2(PAIR, 1);
}

static void close_pipes(void)
{
	for (int fd = COMMANDS(0); fd <= PAIR; fd++)
		close(fd);
}

/* A profile may keep signals away, even those of this process; nothing keeps away that of a control group. */
static void kill_actors(void)
{
	write_file(GROUP "/cgroup.kill", "1", 1);
	for (int i = 0; i < ACTORS; i++)
		if (pids[i] > 0 && !ended[i])
			waitpid(pids[i], NULL, 0);
	memset(pids, 0, sizeof pids);
	memset(ended, 0, sizeof ended);
}

static void remove_queues(void)
{
	DIR *dir = opendir("/dev/mqueue");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static void unmount_tree(void)
{
	char line[1024], path[512];

	for (int round = 0; round < 10; round++) {
		FILE *mounts = fopen("/proc/self/mounts", "re");
		while (mounts && fgets(line, sizeof line, mounts))
			if (sscanf(line, "%*s %511s", path) == 1 && !strncmp(path, "/t", 2))
				umount2(path, MNT_DETACH);
		fclose(mounts);
	}
}

static void set_defaults(void)
{
	static const char *const files[][2] = {
		{ "/sys/module/apparmor/parameters/mode", "enforce" },
		{ "/sys/module/apparmor/parameters/audit", "normal" },
		{ "/sys/module/apparmor/parameters/audit_header", "Y" },
		{ "/sys/module/apparmor/parameters/debug", "N" },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined", "0" },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0" },
	};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		write_file(files[i][0], files[i][1], strlen(files[i][1]));
}

static void make_tree(void)
{
	size_t size;
	char *program = read_file("/proc/self/exe", &size);

	mount("tmpfs", "/t", "tmpfs", 0, "mode=0777");
	mkdir("/t/bin", 0777);
	int file = open(PROGRAM, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	write(file, program, size);
	close(file);
	free(program);
}

static void skip_record(const char *text, size_t size, void *of)
{
	(void)text, (void)size, (void)of;
}

/* Ends the machine where the policy of sessions before cannot be removed. */
static void begin_session(int number)
{
	char revision[64] = "0\n";

	kill_actors();
	close_pipes();
	unmount_tree();
	remove_queues();
	if (!remove_policy())
		end_machine(out);
	set_defaults();
	make_tree();
	open_pipes();
	read_records(skip_record, NULL);
	/* without any policy since the boot there is nothing to read */
	int file = open(POLICY "revision", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	read(file, revision, sizeof revision - 1);
	close(file);
	fprintf(out, "session %d %s", number, revision);
	fflush(out);
}

static void start(int number)
{
	pid_t child = fork();
	sigset_t all;

	if (child) {
		pids[number] = child;
		return;
	}
	self = number;
	write_file(GROUP "/cgroup.procs", "0", 1);
	memset(slots, -1, sizeof slots);
	/* an actor begins with the pair alone, beside what it gets operations by */
	close_range(2, COMMANDS(0) - 1, 0);
	prctl(PR_SET_NAME, "actor");
	setsid();
	chdir("/t");
	umask(022);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* those that the C library keeps for itself */
	unsigned long every = ~0UL;
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &every, NULL, 8);
	serve();
}

/* Numbers of processes in records become those of actors. */
static size_t name_actors(char *to, const char *text, size_t size)
{
	const char *end = text + size;
	char *from = to;

	while (text < end) {
		int is_pid = !strncmp(text, " pid=", 5), is_path = !strncmp(text, "/proc/", 6);
		const char *digits = text + (is_pid ? 5 : 6);
		char *after;
		if ((!is_pid && !is_path) || *digits < '0' || *digits > '9') {
			*to++ = *text++;
			continue;
		}
		long pid = strtol(digits, &after, 10);
		if (is_path && *after != '/') {
			*to++ = *text++;
			continue;
		}
		memcpy(to, text, digits - text);
		to += digits - text;
		int actor = 0;
		while (actor < ACTORS && pids[actor] != pid)
			actor++;
		*to++ = '@';
		*to++ = actor < ACTORS ? '0' + actor : '?';
		text = after;
	}
	return to - from;
}

static void print_record(const char *text, size_t size, void *of)
{
	static char named[10000];

	(void)of;
	print_text(out, named, name_actors(named, text, strnlen(text, size)));
}

static void print_attribute(pid_t pid, const char *name)
{
	char path[64], text[5000];
	ssize_t n = -1;

	snprintf(path, sizeof path, "/proc/%d/attr/%s", pid, name);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0)
		n = read(file, text, sizeof text);
	close(file);
	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (n < 0)
		fprintf(out, "\t-");
	else
		print_text(out, text, n);
}

static void send_command(int actor, const char *line)
{
	char name[300], path[330];
	struct command command = { .line = strlen(line) };
	size_t size = 0;
	char *policy = NULL;

	if (sscanf(line, "load %299s", name) == 1 || sscanf(line, "replace %299s", name) == 1) {
		snprintf(path, sizeof path, "/script/session/%s.bin", name);
		policy = read_file(path, &size);
	}
	command.blob = size;
	memcpy(command.pids, pids, sizeof pids);
	write(COMMANDS_END(actor), &command, sizeof command);
	write(COMMANDS_END(actor), line, command.line);
	write(COMMANDS_END(actor), policy, size);
	free(policy);
}

static void print_end(int status)
{
	static const char *const names[] = { [SIGKILL] = "KILL", [SIGSEGV] = "SEGV", [SIGABRT] = "ABRT", [SIGBUS] = "BUS" };
	int sig = WTERMSIG(status);

	if (WIFEXITED(status))
		fprintf(out, "EXIT(%d)\t", WEXITSTATUS(status));
	else if (sig <= SIGSEGV && names[sig])
		fprintf(out, "DIED(%s)\t", names[sig]);
	else
		fprintf(out, "DIED(%d)\t", sig);
}

/* In front of errno and result is the process that was made; its number as an actor is in the result. */
static const char *take_answer(char *reply)
{
	char *answer = strchr(reply, '\t') + 1, *number = strchr(answer, '@');
	pid_t made = atoi(reply);

	if (made && number) {
		pids[number[1] - '0'] = made;
		ended[number[1] - '0'] = 0;
	}
	return answer;
}

/* Passes an operation on, and prints errno and result, or how the actor ended. */
static void ask(int actor, const char *line)
{
	static char reply[80000];
	struct pollfd waits = { REPLIES(actor), POLLIN };
	size_t have = 0;
	int status;

	send_command(actor, line);
	for (int waited = 0; waited < PATIENCE; waited += 2) {
		if (poll(&waits, 1, 2) == 1) {
			ssize_t n = read(REPLIES(actor), reply + have, sizeof reply - 1 - have);
			have += n > 0 ? n : 0;
			reply[have] = 0;
			if (have && reply[have - 1] == '\n') {
				reply[have - 1] = 0;
				fprintf(out, "%s", take_answer(reply));
				return;
			}
			continue;
		}
		if (waitpid(pids[actor], &status, WNOHANG) == pids[actor]) {
			ended[actor] = 1;
			print_end(status);
			return;
		}
	}
	kill(pids[actor], SIGKILL);
	ended[actor] = 1;
	fprintf(out, "HANG\t");
}

static void play(int actor, const char *line)
{
	int status;

	for (int i = 0; i < ACTORS; i++)
		if (pids[i] > 0 && !ended[i] && waitpid(pids[i], &status, WNOHANG) == pids[i])
			ended[i] = 1;
	if (pids[actor] <= 0 || ended[actor]) {
		fprintf(out, "gone\n");
		fflush(out);
		return;
	}
	ask(actor, line);
	print_attribute(ended[actor] ? 0 : pids[actor], "current");
	print_attribute(ended[actor] ? 0 : pids[actor], "exec");
	print_attribute(ended[actor] ? 0 : pids[actor], "prev");
	read_records(print_record, NULL);
	fprintf(out, "\n");
	fflush(out);
}

static void bring_up_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int one = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ioctl(one, SIOCSIFFLAGS, &lo);
	close(one);
}

int main(int argc, char **argv)
{
	static char line[65536];
	struct rlimit files = { 1024, 4096 };
	int session = -1, from = first_session();

	/* a script has words of its own in front */
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "actor"))
			go_on(argv + i + 1, getauxval(AT_SECURE));
	out = begin_machine();
	umask(0);
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	bring_up_loopback();
	mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	mkdir(GROUP, 0755);
	open_records();
	FILE *sessions = fopen("/script/sessions", "re");
	while (sessions && fgets(line, sizeof line, sessions)) {
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "session")) {
			if (++session >= from)
				begin_session(session);
		} else if (session < from)
			continue;
		else if (!strncmp(line, "start ", 6))
			start(line[6] - '0');
		else
			play(line[0] - '0', line + 2);
	}
	end_machine(out);
}
