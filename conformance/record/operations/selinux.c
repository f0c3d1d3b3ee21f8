/*
 * Plays operations of selinux-ops as process 1, under the policy /policy: prints `@`, the name, what is taken away, errno,
 * result and the records of the audit system, in order. /rows names the operations, and for each a policy that is loaded
 * before the task acts and what that one takes away (`-`: none); without it every operation is played.
 */
#include "../common.h"
#include "../ring.h"
#include <linux/audit.h>

static const char *context(const char *form, const char *type)
{
	static char texts[8][128];
	static int next;
	char *text = texts[next++ % 8];

	sprintf(text, form, type);
	return text;
}
#define ctx(type) context("u:object_r:%s:s0", type)
#define dom(type) context("u:r:%s:s0", type)
#define LABEL "security.selinux"

static long set_label(const char *path, const char *value)
{
	return setxattr(path, LABEL, value, strlen(value) + 1, 0);
}
static long fset_label(int f, const char *value)
{
	return fsetxattr(f, LABEL, value, strlen(value) + 1, 0);
}
static long label(const char *path, const char *type)
{
	const char *value = ctx(type);

	return lsetxattr(path, LABEL, value, strlen(value) + 1, 0);
}
static long attr(const char *name, const char *value)
{
	char path[64];
	int f, error;
	long n;

	sprintf(path, "/proc/self/attr/%s", name);
	f = open(path, O_WRONLY);
	if (f < 0)
		return -1;
	n = write(f, value, strlen(value));
	error = errno;
	close(f);
	errno = error;
	return n < 0 ? -1 : 0;
}
static long node(const char *path, const char *type, int mode, int dev)
{
	return mknod(path, mode, dev) || label(path, type) ? -1 : 0;
}
static long dir(const char *path, const char *type)
{
	return mkdir(path, 0777) || label(path, type) ? -1 : 0;
}
static long program(const char *path, const char *type)
{
	copy_file("/waiter", path, 0755);
	return label(path, type);
}
static long script(const char *path, const char *type, const char *interpreter)
{
	char text[128];

	sprintf(text, "#!%s\n", interpreter);
	put_bytes(path, text, strlen(text), 0755);
	return label(path, type);
}
static long file(const char *path, const char *type)
{
	put_bytes(path, "hello", 5, 0777);
	return label(path, type);
}
static int waits(void *nothing)
{
	for (;;)
		pause();
}
static long waiting_child(int flags)
{
	static char stack[65536];

	return (clone)(waits, stack + sizeof stack, flags, NULL);
}
static long execute(const char *path)
{
	return execve(path, av, ev);
}
static long execute_at(int f)
{
	return syscall(SYS_execveat, f, "", av, ev, AT_EMPTY_PATH);
}
static long copy_all(int from, int to)
{
	ssize_t n;

	while ((n = read(from, buf, sizeof buf)) > 0)
		if (write(to, buf, n) < 0)
			return -1;
	return n;
}
static long label_of(int f)
{
	ssize_t n = fgetxattr(f, LABEL, buf, 255);

	sprintf(note, n < 0 ? "" : "label=%.*s", (int)n, buf);
	return 0;
}
static long mode_of(const char *path)
{
	struct stat st;

	sprintf(note, "%o", stat(path, &st) ? 0 : st.st_mode & 07777);
	return 0;
}
static long traced_exec(const char *path)
{
	pid_t pid = fork();
	char name[64];
	int f;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execve(path, av, ev);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	sprintf(name, "/proc/%d/attr/current", pid);
	f = open(name, O_RDONLY);
	note[0] = 0;
	read(f, note, 255);
	kill(pid, SIGKILL);
	return 0;
}
static long traced_setcon(const char *theirs, const char *own)
{
	pid_t self = getpid(), pid;
	long rc_;
	int error;

	pid = fork();
	if (!pid) {
		attr("current", theirs);
		ptrace(PTRACE_ATTACH, self, 0, 0);
		waitpid(self, NULL, 0);
		ptrace(PTRACE_CONT, self, 0, 0);
		for (;;)
			pause();
	}
	usleep(300000);
	strcpy(note, "-");
	rc_ = attr("current", own);
	error = errno;
	kill(pid, SIGKILL);
	errno = error;
	return rc_;
}
static long child_ends_in(const char *where)
{
	pid_t pid = fork();

	if (!pid) {
		attr("current", where);
		_exit(0);
	}
	return pid;
}
/* The policy that is loaded now. */
static char current[64] = "/policy";

static void load(const char *path)
{
	static char all[1 << 20];
	int f = open(path, O_RDONLY), l = open("/sys/fs/selinux/load", O_WRONLY);
	ssize_t n = read(f, all, sizeof all);

	if (write(l, all, n) != n)
		printf("load %s: %m\n", path);
	close(f);
	close(l);
	if (path != current)
		strcpy(current, path);
}
/* Whether a task ignores SIGUSR1. */
static int ignores(pid_t pid)
{
	char path[64], line[128];
	unsigned long long ignored = 0;
	FILE *status;

	sprintf(path, "/proc/%d/status", pid);
	status = fopen(path, "r");
	while (status && fgets(line, sizeof line, status))
		sscanf(line, "SigIgn: %llx", &ignored);
	if (status)
		fclose(status);
	return ignored >> (SIGUSR1 - 1) & 1;
}
static long reload_as_kernel(void)
{
	load(current);
	return 0;
}
SHARED volatile long reload_wanted;
static long reload(void)
{
	reload_wanted = 1;
	while (reload_wanted)
		usleep(1000);
	return 0;
}
static long policy_file(void)
{
	return open("/policy", O_RDONLY);
}
static long load_policy(int f)
{
	static char all[1 << 20];
	ssize_t n = read(f, all, sizeof all);
	int l = open("/sys/fs/selinux/load", O_WRONLY);

	return l < 0 ? -1 : write(l, all, n);
}
static long touch(long address)
{
	*(volatile char *)address = 1;
	return 0;
}
static long peek(long address)
{
	return *(volatile char *)address & 0;
}
static long stack_page(void)
{
	char here;

	return (long)environ & ~4095L;
}
static void clock_event(struct perf_event_attr *e)
{
	memset(e, 0, sizeof *e);
	e->type = PERF_TYPE_SOFTWARE;
	e->size = sizeof *e;
	e->exclude_kernel = e->disabled = 1;
}
#define clock_event(e) (clock_event(e), 0)
static void *netlink_group(unsigned groups)
{
	static struct sockaddr_nl a;

	a = (struct sockaddr_nl){ AF_NETLINK, 0, 0, groups };
	return &a;
}
static long netlink_send(int socket, int type, int flags, int body)
{
	struct { struct nlmsghdr h; char zero[64]; } m = { { 16 + body, type, flags } };

	return sendto(socket, &m, 16 + body, 0, netlink_group(0), 12);
}
static long netlink_matrix(int socket, int from, int to)
{
	char *next = note;

	for (int type = from; type <= to; type++) {
		long got = netlink_send(socket, type, NLM_F_REQUEST, 0);

		*next++ = got >= 0 ? '.' : errno == EINVAL ? 'I' : errno == EACCES ? 'A' : errno == EPERM ? 'P' : '?';
	}
	*next = 0;
	return 0;
}
static long mkmap(void)
{
	union bpf_attr a = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1 };

	return bpf(BPF_MAP_CREATE, &a, sizeof a);
}
static long mkprog(void)
{
	struct bpf_insn code[] = { { 0xb7, 0, 0, 0, 0 }, { 0x95 } };
	union bpf_attr a = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = (long)code, .insn_cnt = 2, .license = (long)"GPL" };

	return bpf(BPF_PROG_LOAD, &a, sizeof a);
}
/* The answer of the ring, as the last thing that the task does. */
static long cqe(void)
{
	long answered = first_answer();

	sprintf(note, "cqe=%s", answered < 0 ? errno_text(answered) : "OK");
	return answered < 0 ? answered : 0;
}

#include "operations.h"

static int audit;

/* Records that have come, as checks; `noted` is what they are appended to. */
static void drain(char *noted)
{
	static char packet[16384];
	struct pollfd p = { audit, POLLIN };

	while (poll(&p, 1, noted ? 60 : 20) > 0) {
		ssize_t n = recv(audit, packet, sizeof packet - 1, MSG_DONTWAIT);
		struct nlmsghdr *h = (void *)packet;
		char *text = NLMSG_DATA(h);

		if (n < 16 || !noted)
			continue;
		packet[n] = 0;
		if (h->nlmsg_type >= 1400 && h->nlmsg_type < 1500)
			sprintf(noted + strlen(noted), "%s%d %s", *noted ? "|" : "", h->nlmsg_type, text);
	}
}

static int as(const char *domain)
{
	return attr("current", domain);
}

static void result_of(const struct operation *op, pid_t actor, int inherited, char *result)
{
	ssize_t n;
	char path[64];

	strcpy(result, "-");
	if (!strcmp(op->tells, "created")) {
		n = lgetxattr(op->what, LABEL, buf, 255);
		sprintf(result, "created=%.*s", n < 0 ? 1 : (int)n, n < 0 ? "?" : buf);
	} else if (!strcmp(op->tells, "text"))
		sprintf(result, "%s%s", op->what, note);
	else if (!strcmp(op->tells, "noted"))
		strcpy(result, note);
	else if (!strcmp(op->tells, "program")) {
		char name[300] = "", target[300] = "-";
		unsigned long aux[64] = { 0 }, secure = 0;
		struct rlimit limit;
		int f;

		sprintf(path, "/proc/%d/attr/current", actor);
		f = open(path, O_RDONLY);
		read(f, name, 255);
		close(f);
		sprintf(path, "/proc/%d/auxv", actor);
		f = open(path, O_RDONLY);
		read(f, aux, sizeof aux);
		close(f);
		for (int i = 0; i < 62 && aux[i]; i += 2)
			if (aux[i] == AT_SECURE)
				secure = aux[i + 1];
		prlimit64(actor, RLIMIT_NOFILE, NULL, &limit);
		sprintf(result, "label=%s,AT_SECURE=%lu,nofile=%ld,sigign_usr1=%d", name, secure, (long)limit.rlim_cur,
			ignores(actor));
		if (!strcmp(op->what, "fd")) {
			sprintf(path, "/proc/%d/fd/%d", actor, inherited);
			n = readlink(path, target, 299);
			if (n > 0)
				target[n] = 0;
			sprintf(result + strlen(result), ",fd=%s", target);
		}
	}
}

static void play(const struct operation *op, const char *policy, const char *taken)
{
	static char result[8192], checks[1 << 20];
	pid_t theirs = 0, actor;
	long made = 0;
	int wait = 0, status = 0, died = 0, executes = !strcmp(op->tells, "program");

	unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS);
	mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
	mount("tmpfs", "/w", "tmpfs", 0, "mode=777");
	label("/w", "d_t");
	chdir("/w");
	file("f", "o_t"), file("g", "l_t"), dir("d", "td_t"), file("d/f", "o_t"), dir("d/sub", "o_t");
	symlink("f", "l");
	label("l", "l_t");
	program("x", "o_t");
	if (op->setup && (made = op->setup()) < 0) {
		printf("@%s\t%s\tSETUP %s\n", op->name, taken, errno_text(made));
		return;
	}
	if (op->other_does) {
		ready = 0;
		theirs = fork();
		if (!theirs) {
			as("u:r:p_t:s0");
			made = op->other_does();
			if (made < 0)
				printf("@%s\t%s\tOTHER %s\n", op->name, taken, errno_text(made));
			fflush(stdout);
			for (int i = 0; i < 3; i++)
				close(i);
			wait_as_other();
		}
		other = theirs;
		while (!ready && wait++ < 3000)
			usleep(1000);
	}
	done = go = ready = answer = 0;
	reload_wanted = 0;
	note[0] = 0;
	actor = fork();
	if (!actor) {
		as("u:r:s_t:s0");
		signal(SIGUSR1, SIG_IGN);
		if (op->before)
			op->before();
		for (int i = 0; i < 3; i++)
			close(i);
		close(audit);
		ready = 1;
		while (!go)
			;
		answer = op->act();
		done = 1;
		for (;;)
			pause();
	}
	for (wait = 0; !ready && wait < 3000; wait++)
		usleep(1000);
	if (strcmp(policy, "-"))
		load(policy);
	usleep(20000);
	drain(NULL);
	checks[0] = 0;
	go = 1;
	for (wait = 0; !done && wait < 4000; wait++) {
		char path[64], target[64] = "";

		usleep(1000);
		if (reload_wanted) {
			load(current);
			reload_wanted = 0;
		}
		if (waitpid(actor, &status, WNOHANG) > 0) {
			died = 1;
			break;
		}
		if (!executes)
			continue;
		sprintf(path, "/proc/%d/exe", actor);
		readlink(path, target, 63);
		if (strcmp(target, "/init"))
			break;
	}
	usleep(30000);
	drain(checks);
	/* an execve may fail when there is no way back */
	if (executes && !died && waitpid(actor, &status, WNOHANG) > 0)
		died = 1;
	strcpy(result, "-");
	if (died)
		sprintf(checks + strlen(checks), "|died %d", status);
	else if (!strcmp(op->tells, "cqe"))
		strcpy(result, *note ? note : "-");
	else if (answer >= 0)
		result_of(op, actor, fd, result);
	for (char *c = checks; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	printf("@%s\t%s\t%s\t%s\t%s\n", op->name, taken,
		died ? "DIED" : !done && !executes ? "HANG" : errno_text(answer), result, checks);
	fflush(stdout);
	kill(actor, SIGKILL);
	if (theirs)
		kill(theirs, SIGKILL);
}

/* Plays it in a task of its own, and ends what that leaves. */
static void play_alone(const struct operation *op, const char *policy, const char *taken)
{
	int wait = 0;
	pid_t row = fork();

	if (!row) {
		setpgid(0, 0);
		play(op, policy, taken);
		_exit(0);
	}
	while (waitpid(row, NULL, WNOHANG) == 0 && wait++ < 12000)
		usleep(1000);
	if (wait > 12000)
		printf("@%s\t%s\tTIMEOUT\n", op->name, taken), fflush(stdout);
	kill(-row, SIGKILL);
	waitpid(row, NULL, WNOHANG);
	put("/sys/fs/selinux/enforce", "1");
	if (strcmp(policy, "-"))
		load("/policy");
}

/* They are read at once: a program that is executed is asked about every open file. */
static int play_rows(void)
{
	static char all[4 << 20];
	int file = open("/rows", O_RDONLY);
	char *left = all, *line;

	if (file < 0)
		return 0;
	read(file, all, sizeof all - 1);
	close(file);
	while ((line = strsep(&left, "\n")) && *line) {
		char *rest = line, *name, *policy;
		const struct operation *op = operations;

		name = strsep(&rest, "\t");
		policy = strsep(&rest, "\t");
		while (op->name && strcmp(op->name, name))
			op++;
		if (op->name)
			play_alone(op, policy, rest);
	}
	return 1;
}

int main(void)
{
	struct sockaddr_nl group = { AF_NETLINK, 0, 0, 1 };

	share();
	mount_system();
	mkdir("/w", 0777);
	while (fcntl(2, F_GETFD) < 0 && open("/dev/console", O_RDWR) < 2)
		;
	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666");
	mount("selinuxfs", "/sys/fs/selinux", "selinuxfs", 0, 0);
	mount("bpf", "/sys/fs/bpf", "bpf", 0, 0);
	put("/proc/sys/kernel/printk", "1");
	put("/proc/sys/kernel/dmesg_restrict", "0");
	put("/proc/sys/dev/tty/legacy_tiocsti", "1");
	put("/proc/sys/vm/mmap_min_addr", "4096");
	umask(0);
	load("/policy");
	put("/sys/fs/selinux/enforce", "1");
	audit = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
	if (bind(audit, (void *)&group, sizeof group))
		printf("audit: %m\n");
	{
		int size = 8 << 20, up = socket(AF_INET, SOCK_DGRAM, 0);
		struct ifreq r = { "lo" };

		setsockopt(audit, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
		r.ifr_flags = IFF_UP | IFF_RUNNING;
		ioctl(up, SIOCSIFFLAGS, &r);
		close(up);
	}
	struct rlimit files = { 1024, 4096 };

	setrlimit(RLIMIT_NOFILE, &files);
	{ int ring_ = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 0); }
	if (!play_rows())
		for (const struct operation *op = operations; op->name; op++)
			play_alone(op, "-", "-");
	machine_ends();
}
