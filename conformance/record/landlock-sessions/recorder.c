/*
 * Plays sessions of operations under Landlock on a real kernel: reads `session N` and `ACTOR OPERATION ARGUMENTS`
 * lines from the file named first, prints what each call answered, a line each. Run as process 1, or root, in a machine
 * of its own: sessions mount over /s.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/landlock.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ACTORS 5
#define SLOTS 8
#define TREE "/s"

static struct shared {
	pid_t pid[ACTORS];
} *shared;
static int commands[ACTORS][2], replies[2];
static int self;
static int fds[SLOTS], rulesets[SLOTS];
static char answer[256];

/* `ok`, the name of the error, or with `value` the number. */
static void tell(long rc, int value)
{
	if (rc < 0)
		strcpy(answer, strerrorname_np(errno));
	else if (value)
		sprintf(answer, "%ld", rc);
	else
		strcpy(answer, "ok");
}

static void put(int *slot, long fd)
{
	tell(fd, 0);
	if (fd < 0)
		return;
	if (*slot >= 0)
		close(*slot);
	*slot = fd;
}

static void add_path(int ruleset, const char *path, __u64 access)
{
	struct landlock_path_beneath_attr attr = { .allowed_access = access };

	attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd < 0) {
		sprintf(answer, "open %s", strerrorname_np(errno));
		return;
	}
	tell(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0), 0);
	close(attr.parent_fd);
}

static socklen_t unix_address(struct sockaddr_un *addr, const char *name)
{
	memset(addr, 0, sizeof *addr);
	addr->sun_family = AF_UNIX;
	strcpy(addr->sun_path, name);
	if (name[0] == '@')
		addr->sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] != '@');
}

/* An address in hexadecimal, as long as it is. */
static socklen_t raw_address(unsigned char *out, const char *hex)
{
	socklen_t length = 0;

	for (; hex[0] && hex[1]; hex += 2)
		sscanf(hex, "%2hhx", &out[length++]);
	return length;
}

static void pending(void)
{
	sigset_t all;
	struct timespec now = { 0, 0 };
	int sig;

	sigfillset(&all);
	*answer = 0;
	while ((sig = sigtimedwait(&all, NULL, &now)) > 0)
		if (sig != SIGCHLD)
			sprintf(answer + strlen(answer), "%d ", sig);
	if (!*answer)
		strcpy(answer, "none");
}

static void spawn(int actor)
{
	pid_t pid;

	if (shared->pid[actor]) {
		strcpy(answer, "busy");
		return;
	}
	pid = fork();
	if (pid == 0) {
		self = actor;
		answer[0] = 0;
		return;
	}
	shared->pid[actor] = pid;
	strcpy(answer, "ok");
}

static void bring_lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

static void run(char *line)
{
	char *word[8] = { "", "", "", "", "", "", "", "" };
	long n[8];
	int count = 0;
	char *save;
	unsigned char raw[128];
	struct sockaddr_un un;

	for (char *w = strtok_r(line, " ", &save); w && count < 8; w = strtok_r(NULL, " ", &save))
		word[count++] = w;
	for (int i = 0; i < 8; i++)
		n[i] = strtoull(word[i], NULL, 0);
	const char *op = word[0];
	int *fd = &fds[n[1] & (SLOTS - 1)], *rs = &rulesets[n[1] & (SLOTS - 1)];

#define IS(name) (!strcmp(op, name))
	if (IS("create")) {
		struct landlock_ruleset_attr attr = { n[2], n[3], n[4] };

		put(rs, syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0));
	} else if (IS("rule"))
		add_path(*rs, word[3], n[2]);
	else if (IS("fdrule")) {
		struct landlock_path_beneath_attr attr = { n[3], fds[n[2] & (SLOTS - 1)] };

		tell(syscall(SYS_landlock_add_rule, *rs, LANDLOCK_RULE_PATH_BENEATH, &attr, 0), 0);
	} else if (IS("port")) {
		struct landlock_net_port_attr attr = { n[2], n[3] };

		tell(syscall(SYS_landlock_add_rule, *rs, LANDLOCK_RULE_NET_PORT, &attr, 0), 0);
	} else if (IS("restrict"))
		tell(syscall(SYS_landlock_restrict_self, *rs, n[2]), 0);
	else if (IS("nnp"))
		tell(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	else if (IS("user")) {
		tell(setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000) ? -1 : 0, 0);
		prctl(PR_SET_DUMPABLE, 1);
	} else if (IS("spawn"))
		spawn(n[1]);
	else if (IS("open"))
		put(fd, open(word[2], n[3] | O_NONBLOCK, 0777));
	else if (IS("close")) {
		tell(close(*fd), 0);
		*fd = -1;
	} else if (IS("ftrunc"))
		tell(ftruncate(*fd, n[2]), 0);
	else if (IS("ioctl")) {
		char buf[256] = { 0 };

		tell(ioctl(*fd, n[2], buf), 0);
	} else if (IS("trunc"))
		tell(truncate(word[1], n[2]), 0);
	else if (IS("mkdir"))
		tell(mkdir(word[1], 0777), 0);
	else if (IS("rmdir"))
		tell(rmdir(word[1]), 0);
	else if (IS("unlink"))
		tell(unlink(word[1]), 0);
	else if (IS("mknod"))
		tell(mknod(word[1], n[2], n[3]), 0);
	else if (IS("symlink"))
		tell(symlink(word[1], word[2]), 0);
	else if (IS("link"))
		tell(link(word[1], word[2]), 0);
	else if (IS("flink"))
		tell(linkat(*fd, "", AT_FDCWD, word[2], AT_EMPTY_PATH), 0);
	else if (IS("rename"))
		tell(renameat2(AT_FDCWD, word[1], AT_FDCWD, word[2], n[3]), 0);
	else if (IS("exec"))
		tell(execve(word[1], (char *[]){ word[1], NULL }, (char *[]){ NULL }), 0);
	else if (IS("list")) {
		long dir = open(word[1], O_RDONLY | O_DIRECTORY);

		tell(dir, 0);
		if (dir >= 0)
			close(dir);
	} else if (IS("stat")) {
		struct stat st;

		tell(stat(word[1], &st), 0);
	} else if (IS("chdir"))
		tell(chdir(word[1]), 0);
	else if (IS("chmod"))
		tell(chmod(word[1], n[2]), 0);
	else if (IS("fchdir"))
		tell(fchdir(*fd), 0);
	else if (IS("mount"))
		tell(mount("none", word[1], "tmpfs", 0, "mode=777"), 0);
	else if (IS("bind"))
		tell(mount(word[1], word[2], NULL, MS_BIND, NULL), 0);
	else if (IS("move"))
		tell(mount(word[1], word[2], NULL, MS_MOVE, NULL), 0);
	else if (IS("remount"))
		tell(mount("none", word[1], NULL, MS_REMOUNT, "mode=777"), 0);
	else if (IS("umount"))
		tell(umount2(word[1], n[2]), 0);
	else if (IS("tree"))
		put(fd, syscall(SYS_open_tree, AT_FDCWD, word[2], 1 /* OPEN_TREE_CLONE */));
	else if (IS("attach"))
		tell(syscall(SYS_move_mount, *fd, "", AT_FDCWD, word[2], 4 /* MOVE_MOUNT_F_EMPTY_PATH */), 0);
	else if (IS("fdopen")) {
		char path[64];

		sprintf(path, "/proc/self/fd/%d", fds[n[2] & (SLOTS - 1)]);
		put(fd, open(path, n[3] | O_NONBLOCK));
	} else if (IS("sock"))
		put(fd, socket(n[2], n[3], n[4]));
	else if (IS("sbind"))
		tell(bind(*fd, (void *)raw, raw_address(raw, word[2])), 0);
	else if (IS("sconnect"))
		tell(connect(*fd, (void *)raw, raw_address(raw, word[2])), 0);
	else if (IS("listen"))
		tell(listen(*fd, 100), 0);
	else if (IS("ubind"))
		tell(bind(*fd, (void *)&un, unix_address(&un, word[2])), 0);
	else if (IS("uconnect"))
		tell(connect(*fd, (void *)&un, unix_address(&un, word[2])), 0);
	else if (IS("usendto"))
		tell(sendto(*fd, "x", 1, MSG_DONTWAIT, (void *)&un, unix_address(&un, word[2])), 0);
	else if (IS("usend"))
		tell(send(*fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL), 0);
	else if (IS("pipe")) {
		int ends[2];

		tell(pipe2(ends, O_NONBLOCK), 0);
		put(&fds[n[1] & (SLOTS - 1)], ends[0]);
		put(&fds[(n[1] + 1) & (SLOTS - 1)], ends[1]);
	} else if (IS("async"))
		tell(fcntl(*fd, F_SETFL, O_NONBLOCK | O_ASYNC), 0);
	else if (IS("setown"))
		tell(fcntl(*fd, F_SETOWN, word[2][0] == 'g' ? -shared->pid[0] : shared->pid[n[2]]), 0);
	else if (IS("write"))
		tell(write(*fd, "x", 1), 0);
	else if (IS("kill"))
		tell(kill(shared->pid[n[1]], n[2]), 0);
	else if (IS("pending"))
		pending();
	else if (IS("robust")) {
		void *head;
		size_t size;

		tell(syscall(SYS_get_robust_list, shared->pid[n[1]], &head, &size), 0);
	} else if (IS("readvm")) {
		char byte;
		struct iovec local = { &byte, 1 }, remote = { (void *)8, 1 };

		tell(process_vm_readv(shared->pid[n[1]], &local, 1, &remote, 1, 0), 0);
	} else
		strcpy(answer, "unknown");
}

/* Reads commands of the actor it is, which spawn changes in the child. */
static void act(void)
{
	char line[256];

	for (;;) {
		ssize_t length = read(commands[self][0], line, sizeof line - 1);

		if (length <= 0)
			_exit(0);
		line[length] = 0;
		strcpy(answer, "?");
		run(line);
		if (answer[0] && write(replies[1], answer, strlen(answer)) < 0)
			_exit(1);
	}
}

/* What a session has left beside its tree: `..` leads there. */
static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static void clear_root(void)
{
	static const char *names[] = { "/a", "/b", "/m", "/x", "/y" };

	for (int round = 0; round < 8; round++) {
		FILE *mounts = fopen("/proc/self/mounts", "r");
		char line[512], path[256];

		while (fgets(line, sizeof line, mounts))
			if (sscanf(line, "%*s %255s", path) == 1 && strcmp(path, "/") && strcmp(path, "/dev") && strcmp(path, "/proc"))
				umount2(path, MNT_DETACH);
		fclose(mounts);
	}
	for (int i = 0; i < 5; i++)
		nftw(names[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void end_session(void)
{
	for (int actor = 0; actor < ACTORS; actor++)
		if (shared->pid[actor])
			kill(shared->pid[actor], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	for (int actor = 0; actor < ACTORS; actor++) {
		close(commands[actor][0]);
		close(commands[actor][1]);
		shared->pid[actor] = 0;
	}
	close(replies[0]);
	close(replies[1]);
	clear_root();
}

static void begin_session(void)
{
	pid_t pid;

	mount("none", TREE, "tmpfs", 0, "mode=777");
	for (int actor = 0; actor < ACTORS; actor++)
		if (pipe2(commands[actor], O_DIRECT))
			exit(1);
	if (pipe2(replies, O_DIRECT))
		exit(1);
	pid = fork();
	if (pid == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		signal(SIGCHLD, SIG_IGN);
		setpgid(0, 0);
		umask(0);
		unshare(CLONE_NEWNET);
		bring_lo_up();
		chdir(TREE);
		for (int slot = 0; slot < SLOTS; slot++)
			fds[slot] = rulesets[slot] = -1;
		self = 0;
		act();
	}
	shared->pid[0] = pid;
}

int main(int argc, char **argv)
{
	char line[256], reply[256];
	FILE *in;
	int running = 0;
	int isInit = getpid() == 1;
	FILE *out = stdout;

	if (isInit) {
		mkdir("/dev", 0755);
		mkdir("/proc", 0755);
		mount("none", "/dev", "devtmpfs", 0, NULL);
		mount("none", "/proc", "proc", 0, NULL);
		int tty = open("/dev/ttyS1", O_RDWR | O_NOCTTY);
		struct termios raw;

		tcgetattr(tty, &raw);
		cfmakeraw(&raw);
		tcsetattr(tty, TCSANOW, &raw);
		out = fdopen(tty, "w");
	}
	in = fopen(argc > 1 ? argv[1] : "/operations", "r");
	mkdir(TREE, 0777);
	umask(0);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	while (in && fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "session ", 8)) {
			if (running)
				end_session();
			begin_session();
			running = 1;
			fprintf(out, "0\n");
			continue;
		}
		int actor = line[0] - '0';
		const char *command = line + 2;

		if (!shared->pid[actor]) {
			fprintf(out, "absent\n");
			continue;
		}
		if (write(commands[actor][1], command, strlen(command)) < 0)
			break;
		ssize_t length = read(replies[0], reply, sizeof reply - 1);
		reply[length < 0 ? 0 : length] = 0;
		fprintf(out, "%s\n", reply);
	}
	fprintf(out, "end\n");
	fflush(out);
	if (isInit) {
		tcdrain(fileno(out));
		sync();
		reboot(RB_POWER_OFF);
	}
	return 0;
}
