/*
 * First program of a guest: has Landlock refuse some acts, so that the kernel logs its records of them to the console.
 * Each act is announced in the same log, and its errno follows.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "/secret"
#define CREATE_RULESET 444
#define RESTRICT_SELF 446

static int log_fd;

static void say(const char *text, const char *name, int number)
{
	char line[128];
	int length = snprintf(line, sizeof line, "<5>walls: %s %s %d\n", text, name, number);
	if (write(log_fd, line, length) != length)
		_exit(1);
}

static int opened(int flags) { return open(SECRET, flags) < 0 ? errno : 0; }
static int read_file(void) { return opened(O_RDONLY); }
static int write_file(void) { return opened(O_WRONLY); }
static int cut_file(void) { return truncate(SECRET, 1) ? errno : 0; }
static int make_dir(void) { return mkdir("/new", 0700) ? errno : 0; }
static int make_fifo(void) { return mknod("/fifo", S_IFIFO | 0600, 0) ? errno : 0; }
static int make_link(void) { return symlink("x", "/link") ? errno : 0; }
static int remove_file(void) { return unlink(SECRET) ? errno : 0; }
static int remove_dir(void) { return rmdir("/folder") ? errno : 0; }
static int list_dir(void) { return open("/folder", O_RDONLY | O_DIRECTORY) < 0 ? errno : 0; }
static int execute(void) { return execl(SECRET, "x", NULL) ? errno : 0; }

static int inet(int kind, int port, int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	return call(socket(AF_INET, kind, 0), (struct sockaddr *)&to, sizeof to) ? errno : 0;
}
static int connect_tcp(void) { return inet(SOCK_STREAM, 80, connect); }
static int bind_tcp(void) { return inet(SOCK_STREAM, 8080, bind); }
static int connect_udp(void) { return inet(SOCK_DGRAM, 53, connect); }

static int connect_abstract(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "\0walls" };
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + 6)
		? errno : 0;
}
static int connect_unix(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/socket" };
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to) ? errno : 0;
}
static int send_signal(void) { return kill(1, SIGWINCH) ? errno : 0; }
static int trace(void) { return ptrace(PTRACE_ATTACH, 1, 0, 0) ? errno : 0; }

static const struct { const char *name; int (*act)(void); int abi; } acts[] = {
	{ "read-file", read_file, 1 }, { "write-file", write_file, 1 }, { "cut-file", cut_file, 3 },
	{ "make-dir", make_dir, 1 }, { "make-fifo", make_fifo, 1 }, { "make-link", make_link, 1 },
	{ "remove-file", remove_file, 1 }, { "remove-dir", remove_dir, 1 }, { "list-dir", list_dir, 1 },
	{ "execute", execute, 1 }, { "connect-tcp", connect_tcp, 4 }, { "bind-tcp", bind_tcp, 4 },
	{ "connect-abstract", connect_abstract, 6 }, { "send-signal", send_signal, 6 }, { "trace", trace, 1 },
	{ "connect-unix", connect_unix, 9 }, { "connect-udp", connect_udp, 10 },
};

static void restricted(int abi)
{
	uint64_t attr[3] = { abi >= 9 ? 0x1ffff : 0xffff, abi >= 10 ? 0xf : 3, 3 };
	int fd = syscall(CREATE_RULESET, attr, sizeof attr, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(RESTRICT_SELF, fd, 0))
		say("failed", "restrict", errno);
	for (unsigned at = 0; at < sizeof acts / sizeof *acts; at++) {
		if (acts[at].abi > abi)
			continue;
		say("act", acts[at].name, 0);
		int error = acts[at].act();
		/* a thread of the kernel prints the records */
		usleep(500000);
		say("errno", acts[at].name, error);
	}
	_exit(0);
}

static void listens(const char *path, int length)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, length);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&at, offsetof(struct sockaddr_un, sun_path) + length) || listen(fd, 1))
		say("failed", "listen", errno);
}

int main(void)
{
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mknod("/kmsg", S_IFCHR | 0600, makedev(1, 11));
	log_fd = open("/kmsg", O_WRONLY);
	/* records that come fast are kept */
	int limit = open("/proc/sys/kernel/printk_ratelimit", O_WRONLY);
	if (write(limit, "0", 1) != 1)
		say("failed", "limit", errno);
	mkdir("/folder", 0755);
	int file = open(SECRET, O_CREAT | O_WRONLY, 0755);
	if (write(file, "secret", 6) != 6)
		say("failed", "secret", errno);
	close(file);
	listens("/socket", 8);
	listens("\0walls", 6);
	int abi = syscall(CREATE_RULESET, NULL, 0, 1);
	say("abi", "landlock", abi);
	if (fork() == 0)
		restricted(abi);
	wait(NULL);
	say("done", "all", 0);
	reboot(RB_POWER_OFF);
	return 0;
}
