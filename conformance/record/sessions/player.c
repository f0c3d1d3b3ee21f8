/*
 * Plays recorded sessions on a real kernel: reads `session …` and `ACTOR OPERATION ARGUMENTS` lines from the file named
 * first (/operations), and prints each with its answer behind a tab. Built with one kind of sessions:
 * -DKIND='"cgroup.h"', whose operations.h generate.ts prints. Run it as process 1 of a virtual machine, or as root.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <ftw.h>
#include <grp.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/io.h>
#include <sys/statfs.h>
#include <termios.h>
#include "../common.h"
#include <linux/landlock.h>

#define ACTORS 5
#define SLOTS 16
#define TEXT 131072
#define PATIENCE 2000
#define DEBUG_PORT 0xe9

/* The arguments of an operation. */
static char *a, *b, *c, *d, *e;
static long x, y, z, w;
static char *word[14];
static int words;
/* Of this actor. */
static int slots[SLOTS], self;
static int commands[ACTORS][2], replies[2];
static char reply[2 * TEXT];
static int said;
static char bytes_[TEXT];
/* Numbers of the actors and of their second threads, known to all. */
static struct shared {
	pid_t pid[ACTORS], tid[ACTORS];
} *shared;

#define faccessat2(...) syscall(SYS_faccessat2, __VA_ARGS__)
#define landlock_create_ruleset(...) syscall(SYS_landlock_create_ruleset, __VA_ARGS__)
#define landlock_add_rule(...) syscall(SYS_landlock_add_rule, __VA_ARGS__)
#define landlock_restrict_self(...) syscall(SYS_landlock_restrict_self, __VA_ARGS__)
#define init_module(...) syscall(SYS_init_module, __VA_ARGS__)
#define finit_module(...) syscall(SYS_finit_module, __VA_ARGS__)
#define kexec_load(...) syscall(SYS_kexec_load, __VA_ARGS__)
#define kexec_file_load(...) syscall(SYS_kexec_file_load, __VA_ARGS__)
#define setresgid(...) syscall(SYS_setresgid, __VA_ARGS__)
#define setreuid(...) syscall(SYS_setreuid, __VA_ARGS__)
#define setregid(...) syscall(SYS_setregid, __VA_ARGS__)
#define setfsuid(...) syscall(SYS_setfsuid, __VA_ARGS__)
#define setfsgid(...) syscall(SYS_setfsgid, __VA_ARGS__)

static long say(const char *text)
{
	snprintf(reply, sizeof reply, "%s", text);
	said = 1;
	return 0;
}
#define SAY(...) (said = 1, snprintf(reply, sizeof reply, __VA_ARGS__), 0L)
static void add(const char *form, ...)
{
	va_list list;
	size_t used = strlen(reply);

	said = 1;
	va_start(list, form);
	vsnprintf(reply + used, sizeof reply - used, form, list);
	va_end(list);
}
static long opened(long rc)
{
	if (rc < 0)
		SAY("open %s", strerrorname_np(errno));
	return rc;
}
static long done_(long rc)
{
	return rc < 0 ? rc : say("ok");
}
#define done(rc) done_(rc)
static long slot(long at)
{
	return slots[at];
}
static long keep(long at, long fd_)
{
	if (fd_ < 0)
		return fd_;
	if (slots[at] >= 0)
		close(slots[at]);
	slots[at] = fd_;
	return 0;
}
static long take(long at)
{
	long fd_ = slots[at];

	slots[at] = -1;
	return fd_;
}
static long octal(const char *text)
{
	return strtol(text, NULL, 8);
}
#define pid(number) (shared->pid[number])
static long unhex(const char *text)
{
	long n = 0;

	for (; text[0] && text[1] && *text != '-'; text += 2)
		sscanf(text, "%2hhx", &bytes_[n++]);
	return n;
}
static void *bytes(const char *text)
{
	unhex(text);
	return bytes_;
}
#define size(text) (*(text) == '-' ? 0 : strlen(text) / 2)

static void serve(void);
static pid_t start(int number);

/*
 * A kind has helpers that its operations call, and: prepare(), once; begin(), before each session; lead(), what an
 * actor does first; finish(operation), after each. FIRST_IS_CHILD: actor 0 is not this process. STARTS: an actor that
 * is not there is made. SHOWS: it has a show(rc) of its own, for an answer without words.
 */
#include KIND

#ifndef SHOWS
static void show(long rc)
{
	if (rc < 0)
		say(strerrorname_np(-rc));
	else
		SAY("%ld", rc);
}
#endif

static void play(char *line)
{
	static char *none = "";
	char *save;
	int i;

	for (i = 0; i < 14; i++)
		word[i] = none;
	words = 0;
	for (char *one = strtok_r(line, " ", &save); one && words < 14; one = strtok_r(NULL, " ", &save))
		word[words++] = one;
	a = word[1], b = word[2], c = word[3], d = word[4], e = word[5];
	x = strtoull(a, NULL, 0), y = strtoull(b, NULL, 0), z = strtoull(c, NULL, 0), w = strtoull(d, NULL, 0);
	fd = -1;
	said = 0;
	reply[0] = 0;
	for (i = 0; operations[i].name && strcmp(operations[i].name, word[0]); i++)
		;
	if (!operations[i].name) {
		SAY("unknown operation `%s`", word[0]);
		return;
	}
	long rc = operations[i].play();
	if (fd >= 0)
		close(fd);
	if (!said)
		show(rc);
}

static int read_line(int from, char *line, size_t room)
{
	size_t n = 0;
	ssize_t more;

	/* a packet of the pipe is a line, or a part of a long one */
	while ((more = read(from, line + n, room - n - 1)) > 0 && line[(n += more) - 1] != '\n')
		;
	n -= n > 0 && line[n - 1] == '\n';
	line[n] = 0;
	return n > 0;
}

/* An actor other than this process takes its operations from a pipe; all answer into one. */
static void serve(void)
{
	static char line[2 * TEXT];

	while (read_line(commands[self][0], line, sizeof line)) {
		PLAY(line);
		strcat(reply, "\n");
		if (write(replies[1], reply, strlen(reply)) < 0)
			_exit(1);
	}
	_exit(0);
}

static pid_t start(int number)
{
	pid_t child = fork();

	if (!child) {
		self = number;
		lead();
		serve();
	}
	return shared->pid[number] = child;
}

/* An actor that its call has killed answers with the signal, and is dead from then on. */
static void ask(int number, const char *line)
{
	struct pollfd waits = { replies[0], POLLIN };
	int status;

	if (!shared->pid[number]) {
#ifdef STARTS
		start(number);
#else
		say("absent");
		return;
#endif
	}
	if (shared->pid[number] < 0) {
		say("dead");
		return;
	}
	dprintf(commands[number][1], "%s\n", line);
	for (int waited = 0; waited < PATIENCE; waited += 10) {
		if (poll(&waits, 1, 10) == 1) {
			read_line(replies[0], reply, sizeof reply);
			return;
		}
#ifdef STARTS
		if (waitpid(shared->pid[number], &status, WNOHANG) == shared->pid[number]) {
			SAY("killed %d", WTERMSIG(status));
			shared->pid[number] = -1;
			return;
		}
#endif
	}
	say("timeout");
}

static void end_session(void)
{
	for (int i = 0; i < ACTORS; i++)
		if (shared->pid[i] > 0 && shared->pid[i] != getpid())
			kill(shared->pid[i], SIGKILL);
	for (int idle = 0; idle < 5;)
		if (waitpid(-1, NULL, WNOHANG) <= 0) {
			idle++;
			usleep(2000);
		}
	for (int i = 0; i < SLOTS; i++)
		if (slots[i] >= 0)
			close(slots[i]);
}

static void new_pipe(int *ends)
{
	if (ends[0]) {
		close(ends[0]);
		close(ends[1]);
	}
	if (pipe2(ends, O_CLOEXEC | O_DIRECT))
		perror("pipe");
}

static void begin_session(void)
{
	end_session();
	begin();
	memset(shared, 0, sizeof *shared);
	for (int i = 0; i < SLOTS; i++)
		slots[i] = -1;
	for (int i = 0; i < ACTORS; i++)
		new_pipe(commands[i]);
	new_pipe(replies);
#ifdef FIRST_IS_CHILD
	start(0);
#else
	shared->pid[0] = getpid();
#endif
}

/* Lockdown is asked about ports: its kind answers on the second serial line. Others take QEMU's debug port, which is
   handed a whole buffer at once. */
#ifdef ASKS_FOR_PORTS
static FILE *way_out(void)
{
	struct termios raw;
	int tty = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);

	tcgetattr(tty, &raw);
	cfmakeraw(&raw);
	tcsetattr(tty, TCSANOW, &raw);
	return fdopen(tty, "w");
}
#else
static ssize_t put_out(void *cookie, const char *text, size_t size)
{
	outsb(DEBUG_PORT, text, size);
	return size;
}
static FILE *way_out(void)
{
	if (iopl(3))
		perror("iopl");
	return fopencookie(NULL, "w", (cookie_io_functions_t){ .write = put_out });
}
#endif

static FILE *begin_machine(void)
{
	mount_system();
	mkdir("/tmp", 0755), mkdir("/s", 0755);
	return way_out();
}

int main(int argc, char **argv)
{
	static char line[2 * TEXT], copy[2 * TEXT];
	FILE *out = getpid() == 1 ? begin_machine() : stdout, *in = fopen(argc > 1 ? argv[1] : "/operations", "re");

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(slots, -1, sizeof slots);
	signal(SIGPIPE, SIG_IGN);
	prepare();
	while (in && fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "session ", 8)) {
			begin_session();
			fprintf(out, "%s\n", line);
			continue;
		}
		strcpy(copy, line + 2);
		if (shared->pid[line[0] - '0'] == getpid())
			PLAY(copy);
		else
			ask(line[0] - '0', copy);
		fprintf(out, "%s\t%s\n", line, reply);
		finish(line);
	}
	fprintf(out, "end\n");
	fflush(out);
	if (getpid() == 1) {
#ifdef ASKS_FOR_PORTS
		tcdrain(fileno(out));
#endif
		sync();
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, 0);
		for (;;)
			pause();
	}
	return 0;
}
