/*
 * Plays sessions of Lockdown, SafeSetID and LoadPin on a real kernel as process 1 of a virtual machine: reads lines
 * `ACTOR OPERATION ARGUMENTS` from /ops and prints each with what the call answered behind a tab. Actor 0 is this
 * process; others are children of it that begin as root with all capabilities. Bytes are hexadecimal, `-` is none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ACTORS 4
#define TEXT 65536
#define LOADPIN_IOC 0x40044c00

static pid_t pids[ACTORS];
static int commands[ACTORS][2], replies[ACTORS][2];
static char answer[TEXT];
static int kmsg = -1;

static void number(long rc)
{
	if (rc < 0)
		strcpy(answer, strerrorname_np(errno));
	else
		sprintf(answer, "%ld", rc);
}

static size_t unhex(const char *text, unsigned char *out)
{
	size_t n = 0;

	if (*text == '-')
		return 0;
	for (; text[0] && text[1]; text += 2)
		sscanf(text, "%2hhx", &out[n++]);
	return n;
}

static void hex(const unsigned char *bytes, long n)
{
	char *at = answer;

	if (n < 0) {
		number(n);
		return;
	}
	*at++ = '=';
	for (long i = 0; i < n; i++)
		at += sprintf(at, "%02x", bytes[i]);
	*at = 0;
}

static uint32_t id(const char *text)
{
	return (uint32_t)strtoll(text, NULL, 10);
}

static int ids(char *text, gid_t *out)
{
	int n = 0;

	if (*text == '-')
		return 0;
	for (char *save, *one = strtok_r(text, ",", &save); one; one = strtok_r(NULL, ",", &save))
		out[n++] = id(one);
	return n;
}

static void show_ids(void)
{
	uid_t r, e, s;
	gid_t rg, eg, sg, groups[64];
	char *at = answer;

	getresuid(&r, &e, &s);
	getresgid(&rg, &eg, &sg);
	at += sprintf(at, "%u,%u,%u,%u %u,%u,%u,%u", r, e, s, setfsuid(-1), rg, eg, sg, setfsgid(-1));
	int n = getgroups(64, groups);
	for (int i = 0; i < n; i++)
		at += sprintf(at, "%c%u", i ? ',' : ' ', groups[i]);
}

/* As a task that may do anything with ids it does not have: credentials over a socket. */
static void claim(uint32_t uid, uint32_t gid)
{
	int pair[2];
	char byte = 0, control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	struct ucred cred = { getpid(), uid, gid };

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_CREDENTIALS;
	cmsg->cmsg_len = CMSG_LEN(sizeof cred);
	memcpy(CMSG_DATA(cmsg), &cred, sizeof cred);
	number(sendmsg(pair[0], &msg, 0));
	close(pair[0]);
	close(pair[1]);
}

static void caps(char *names)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };
	gid_t kept[41];
	int n = ids(names, kept);

	for (int i = 0; i < n; i++) {
		data[kept[i] / 32].effective |= 1u << kept[i] % 32;
		data[kept[i] / 32].permitted |= 1u << kept[i] % 32;
	}
	number(syscall(SYS_capset, &header, data));
}

static void perf(const char *how)
{
	struct perf_event_attr attr = { .size = sizeof attr, .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY };

	attr.sample_period = 1;
	if (!strcmp(how, "regs")) {
		attr.sample_type = PERF_SAMPLE_REGS_INTR;
		attr.sample_regs_intr = 1;
	}
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	number(fd < 0 ? -1 : 0);
	if (fd >= 0)
		close(fd);
}

/* What the module says since the last time, without who asked. */
static void log_lines(const char *prefix)
{
	char line[8192], *at = answer;
	ssize_t n;

	*at = 0;
	while ((n = read(kmsg, line, sizeof line - 1)) > 0 || errno == EPIPE) {
		if (n <= 0)
			continue;
		line[n] = 0;
		char *text = strchr(line, ';') + 1, *end = strchr(text, '\n'), *who = strstr(text, " pid=");
		if (end)
			*end = 0;
		if (who)
			*who = 0;
		if (!strncmp(text, prefix, strlen(prefix)))
			at += sprintf(at, "%s%s", at == answer ? "" : "|", text);
	}
}

static void with_file(const char *op, const char *path, char **word)
{
	static unsigned char bytes[TEXT];
	int flags = strtol(word[0], NULL, 8), fd = open(path, flags);
	size_t n;

	if (fd < 0) {
		sprintf(answer, "open %s", strerrorname_np(errno));
		return;
	}
	if (!strcmp(op, "open")) {
		strcpy(answer, "0");
	} else if (!strcmp(op, "write")) {
		n = unhex(word[1], bytes);
		number(write(fd, bytes, n));
	} else if (!strcmp(op, "long")) {
		/* a text and NULs behind it, or x */
		size_t len = atol(word[2]);
		unsigned char *all = malloc(len);
		memset(all, atoi(word[3]), len);
		unhex(word[1], all);
		number(write(fd, all, len));
		free(all);
	} else if (!strcmp(op, "pwrite")) {
		n = unhex(word[2], bytes);
		number(pwrite(fd, bytes, n, atol(word[1])));
	} else if (!strcmp(op, "pread")) {
		hex(bytes, pread(fd, bytes, atol(word[2]), atol(word[1])));
	} else if (!strcmp(op, "lseek")) {
		number(lseek(fd, atol(word[1]), SEEK_SET));
	} else if (!strcmp(op, "twice")) {
		/* two writes by one open file, and a read of the rest */
		n = unhex(word[1], bytes);
		long first = write(fd, bytes, n), e = errno;
		n = unhex(word[2], bytes);
		long second = write(fd, bytes, n);
		errno = second < 0 ? errno : e;
		sprintf(answer, "%s ", first < 0 ? strerrorname_np(e) : "ok");
		strcat(answer, second < 0 ? strerrorname_np(errno) : "ok");
	} else if (!strcmp(op, "fchmod")) {
		number(fchmod(fd, strtol(word[1], NULL, 8)));
	} else if (!strcmp(op, "finit")) {
		number(syscall(SYS_finit_module, fd, "", atoi(word[1])));
	} else if (!strcmp(op, "kexecfile")) {
		number(syscall(SYS_kexec_file_load, fd, fd, 1L, "", strtol(word[1], NULL, 0)));
	} else if (!strcmp(op, "digests")) {
		unsigned int list = open(word[1], O_RDONLY);
		number(ioctl(fd, LOADPIN_IOC, &list));
		close(list);
	} else if (!strcmp(op, "ioctl")) {
		unsigned int arg = 1000;
		number(ioctl(fd, strtoul(word[1], NULL, 0), &arg));
	}
	close(fd);
}

static void run(char *line)
{
	char *word[12] = { 0 }, *save;
	int n = 0;
	static char image[4096];

	for (char *one = strtok_r(line, " ", &save); one && n < 11; one = strtok_r(NULL, " ", &save))
		word[n++] = one;
	const char *op = word[0];
	strcpy(answer, "?");
	if (!strcmp(op, "file"))
		with_file(word[1], word[2], word + 3);
	else if (!strcmp(op, "mkfile")) {
		static unsigned char bytes[TEXT];
		int fd = open(word[1], O_CREAT | O_TRUNC | O_WRONLY, 0644);
		size_t len = unhex(word[2], bytes);
		number(fd < 0 ? -1 : write(fd, bytes, len));
		close(fd);
	} else if (!strcmp(op, "chmod"))
		number(chmod(word[1], strtol(word[2], NULL, 8)));
	else if (!strcmp(op, "mount"))
		number(mount(word[1], word[2], word[3], strtol(word[4], NULL, 0), NULL));
	else if (!strcmp(op, "umount")) {
		number(umount2(word[1], 0));
		/* the super block is freed later, by a worker */
		usleep(300000);
	}
	else if (!strcmp(op, "log"))
		log_lines(word[1]);
	else if (!strcmp(op, "init_module"))
		number(syscall(SYS_init_module, image, (long)atoi(word[1]), ""));
	else if (!strcmp(op, "kexec_load"))
		number(syscall(SYS_kexec_load, 0L, 0L, NULL, strtol(word[1], NULL, 0)));
	else if (!strcmp(op, "ioperm"))
		number(ioperm(atol(word[1]), atol(word[2]), atoi(word[3])));
	else if (!strcmp(op, "iopl"))
		number(iopl(atoi(word[1])));
	else if (!strcmp(op, "perf"))
		perf(word[1]);
	else if (!strcmp(op, "ids"))
		show_ids();
	else if (!strcmp(op, "claim"))
		claim(id(word[1]), id(word[2]));
	else if (!strcmp(op, "caps"))
		caps(word[1]);
	else if (!strcmp(op, "securebits"))
		number(prctl(PR_SET_SECUREBITS, strtol(word[1], NULL, 0), 0, 0, 0));
	else if (!strcmp(op, "setuid"))
		number(syscall(SYS_setuid, id(word[1])));
	else if (!strcmp(op, "setreuid"))
		number(syscall(SYS_setreuid, id(word[1]), id(word[2])));
	else if (!strcmp(op, "setresuid"))
		number(syscall(SYS_setresuid, id(word[1]), id(word[2]), id(word[3])));
	else if (!strcmp(op, "setfsuid"))
		sprintf(answer, "%u", (uint32_t)syscall(SYS_setfsuid, id(word[1])));
	else if (!strcmp(op, "setgid"))
		number(syscall(SYS_setgid, id(word[1])));
	else if (!strcmp(op, "setregid"))
		number(syscall(SYS_setregid, id(word[1]), id(word[2])));
	else if (!strcmp(op, "setresgid"))
		number(syscall(SYS_setresgid, id(word[1]), id(word[2]), id(word[3])));
	else if (!strcmp(op, "setfsgid"))
		sprintf(answer, "%u", (uint32_t)syscall(SYS_setfsgid, id(word[1])));
	else if (!strcmp(op, "setgroups")) {
		gid_t groups[64];
		int count = ids(word[1], groups);
		number(syscall(SYS_setgroups, (long)count, groups));
	}
}

static void dm_call(int control, unsigned long call, unsigned int flags, const char *table)
{
	static struct {
		struct dm_ioctl head;
		struct dm_target_spec target;
		char text[512];
	} all;

	memset(&all, 0, sizeof all);
	all.head.version[0] = DM_VERSION_MAJOR;
	all.head.data_size = sizeof all;
	all.head.data_start = sizeof all.head;
	all.head.flags = flags;
	strcpy(all.head.name, "checked");
	if (table) {
		all.head.target_count = 1;
		all.target.length = 2048;
		strcpy(all.target.target_type, "verity");
		strcpy(all.text, table);
	}
	if (ioctl(control, call, &all))
		perror("device mapper");
}

static void copy_disk(const char *from, const char *to)
{
	static char block[1 << 20];
	int image = open(from, O_RDONLY), fd = open(to, O_WRONLY);

	write(fd, block, pread(image, block, sizeof block, 0));
	fsync(fd);
	close(fd);
	close(image);
}

/* A disk, one that nobody can write to, and one that dm-verity checks. */
static void disks(void)
{
	char table[512], root[80] = "";
	int yes = 1, fd, control;
	FILE *file = fopen("/verity.root", "r");

	if (!file)
		return;
	fscanf(file, "%79s", root);
	fclose(file);
	copy_disk("/disk.img", "/dev/ram0");
	copy_disk("/disk.img", "/dev/ram1");
	copy_disk("/disk.img", "/dev/ram2");
	copy_disk("/verity.img", "/dev/ram3");
	fd = open("/dev/ram1", O_RDONLY);
	ioctl(fd, BLKROSET, &yes);
	close(fd);
	sprintf(table, "1 /dev/ram2 /dev/ram3 4096 4096 256 0 sha256 %s -", root);
	control = open("/dev/mapper/control", O_RDWR);
	dm_call(control, DM_DEV_CREATE, 0, NULL);
	dm_call(control, DM_TABLE_LOAD, DM_READONLY_FLAG, table);
	dm_call(control, DM_DEV_SUSPEND, 0, NULL);
	close(control);
}

static void actor(int self)
{
	static char line[2 * TEXT];
	FILE *in = fdopen(commands[self][0], "r");

	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = 0;
		run(line);
		strcat(answer, "\n");
		if (write(replies[self][1], answer, strlen(answer)) < 0)
			_exit(1);
	}
	_exit(0);
}

static void start(int self)
{
	pipe2(commands[self], O_CLOEXEC);
	pipe2(replies[self], O_CLOEXEC);
	pids[self] = fork();
	if (!pids[self]) {
		/* nobody but process 1 holds the ends that tell an actor to end */
		for (int other = 1; other < ACTORS; other++)
			if (other == self || pids[other] > 0) {
				close(commands[other][1]);
				close(replies[other][0]);
			}
		actor(self);
	}
	close(commands[self][0]);
	close(replies[self][1]);
}

static void stop(int self)
{
	if (!pids[self])
		return;
	close(commands[self][1]);
	close(replies[self][0]);
	if (pids[self] > 0)
		waitpid(pids[self], NULL, 0);
	pids[self] = 0;
}

static void ask(int self, char *line)
{
	int status;
	ssize_t n;

	if (!pids[self])
		start(self);
	if (pids[self] < 0) {
		strcpy(answer, "dead");
		return;
	}
	dprintf(commands[self][1], "%s\n", line);
	n = read(replies[self][0], answer, TEXT - 1);
	if (n > 0) {
		answer[n - 1] = 0;
		return;
	}
	waitpid(pids[self], &status, 0);
	sprintf(answer, "killed %d", WTERMSIG(status));
	pids[self] = -1;
}

int main(void)
{
	static char line[2 * TEXT], copy[2 * TEXT];

	mkdir("/proc", 0755); mkdir("/sys", 0755); mkdir("/dev", 0755); mkdir("/tmp", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	signal(SIGPIPE, SIG_IGN);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	disks();
	FILE *ops = fopen("/ops", "r");
	int console = open("/dev/ttyS0", O_WRONLY | O_NOCTTY);
	FILE *out = fdopen(console, "w");
	fprintf(out, "@begin\n");
	while (ops && fgets(line, sizeof line, ops)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "session ", 8)) {
			for (int i = 1; i < ACTORS; i++)
				stop(i);
			fprintf(out, "@%s\n", line);
			continue;
		}
		strcpy(copy, line + 2);
		if (line[0] == '0')
			run(copy);
		else
			ask(line[0] - '0', copy);
		fprintf(out, "@%s\t%s\n", line, answer);
	}
	fprintf(out, "@end\n");
	fclose(out);
	tcdrain(console);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}
