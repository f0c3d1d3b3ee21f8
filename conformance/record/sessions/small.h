/* Lockdown, SafeSetID and LoadPin: actor 0 is this process, others are children of it that begin as root. */
#include <linux/dm-ioctl.h>
#define ASKS_FOR_PORTS
#define STARTS
#define PLAY(line) play(line)
#define LOADPIN_IOC 0x40044c00

static int kmsg = -1;

static uint32_t id_of(const char *text)
{
	return (uint32_t)strtoll(text, NULL, 10);
}
static int ids_of(char *text, gid_t *out)
{
	char *save;
	int n = 0;

	if (*text != '-')
		for (char *one = strtok_r(text, ",", &save); one; one = strtok_r(NULL, ",", &save))
			out[n++] = id_of(one);
	return n;
}
static long show_bytes(long n)
{
	if (n < 0)
		return n;
	say("=");
	for (long i = 0; i < n; i++)
		sprintf(reply + 1 + 2 * i, "%02x", (unsigned char)buf[i]);
	return 0;
}
static long show_id(long id)
{
	return SAY("%u", (uint32_t)id);
}
static long show_ids(void)
{
	uid_t r, e, s;
	gid_t rg, eg, sg, groups[64];

	getresuid(&r, &e, &s);
	getresgid(&rg, &eg, &sg);
	SAY("%u,%u,%u,%u %u,%u,%u,%u", r, e, s, (uint32_t)setfsuid(-1), rg, eg, sg, (uint32_t)setfsgid(-1));
	int n = getgroups(64, groups);
	for (int i = 0; i < n; i++)
		add("%c%u", i ? ',' : ' ', groups[i]);
	return 0;
}

/* Sends credentials over a socket. */
static long claim(uint32_t uid, uint32_t gid)
{
	char byte = 0, control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	struct ucred cred = { getpid(), uid, gid };
	int pair[2], error;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_CREDENTIALS;
	cmsg->cmsg_len = CMSG_LEN(sizeof cred);
	memcpy(CMSG_DATA(cmsg), &cred, sizeof cred);
	long rc = sendmsg(pair[0], &msg, 0);
	error = errno;
	close(pair[0]);
	close(pair[1]);
	errno = error;
	return rc;
}
static long keep_caps(char *names)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };
	gid_t kept[41];
	int n = ids_of(names, kept);

	for (int i = 0; i < n; i++) {
		data[kept[i] / 32].effective |= 1u << kept[i] % 32;
		data[kept[i] / 32].permitted |= 1u << kept[i] % 32;
	}
	return capset(&header, data);
}
static long set_groups(char *text)
{
	gid_t groups[64];
	int count = ids_of(text, groups);

	return setgroups(count, groups);
}
static long open_clock(const char *how)
{
	struct perf_event_attr attr = { .size = sizeof attr, .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY };

	attr.sample_period = 1;
	if (!strcmp(how, "regs")) {
		attr.sample_type = PERF_SAMPLE_REGS_INTR;
		attr.sample_regs_intr = 1;
	}
	fd = perf_event_open(&attr, 0, -1, -1, 0);
	return fd < 0 ? -1 : 0;
}

/* A text and what fills the rest. */
static long write_long(int file, const char *text, long length, const char *fill)
{
	long used = size(text);
	unsigned char *all = malloc(length > used ? length : used);

	memset(all, atoi(fill), length);
	memcpy(all, bytes(text), used);
	long rc = write(file, all, length);
	int error = errno;
	free(all);
	errno = error;
	return rc;
}
static long write_twice(int file, const char *first, const char *second)
{
	const char *texts[] = { first, second };

	for (int i = 0; i < 2; i++)
		add("%s%s", i ? " " : "", write(file, bytes(texts[i]), size(texts[i])) < 0 ? strerrorname_np(errno) : "ok");
	return 0;
}
static long trust_digests(int file, const char *path)
{
	unsigned int list = open(path, O_RDONLY);
	long rc = ioctl(file, LOADPIN_IOC, &list);
	int error = errno;

	close(list);
	errno = error;
	return rc;
}
#define mount_disk(source, target, type, flags, root) mount(source, target, type, flags, NULL)
static long umount_disk(const char *target)
{
	long rc = umount2(target, 0);
	int error = errno;

	/* the super block is freed later, by a worker */
	usleep(300000);
	errno = error;
	return rc;
}

/* What the module has logged since the last time, without who asked. */
static long log_lines(const char *prefix)
{
	char line[8192];
	ssize_t n;

	say("");
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
			add("%s%s", *reply ? "|" : "", text);
	}
	return 0;
}

#include "operations.h"

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

/* A disk, one that nobody can write to, and one that dm-verity checks. */
static void disks(void)
{
	char table[512], root[80] = "";
	int yes = 1, disk, control;
	FILE *file = fopen("/verity.root", "r");

	if (!file)
		return;
	fscanf(file, "%79s", root);
	fclose(file);
	for (char *ram = (char[]){ "/dev/ram0" }; ram[8] < '3'; ram[8]++)
		copy_file("/disk.img", ram, 0600);
	copy_file("/verity.img", "/dev/ram3", 0600);
	disk = open("/dev/ram1", O_RDONLY);
	ioctl(disk, BLKROSET, &yes);
	close(disk);
	sprintf(table, "1 /dev/ram2 /dev/ram3 4096 4096 256 0 sha256 %s -", root);
	control = open("/dev/mapper/control", O_RDWR);
	dm_call(control, DM_DEV_CREATE, 0, NULL);
	dm_call(control, DM_TABLE_LOAD, DM_READONLY_FLAG, table);
	dm_call(control, DM_DEV_SUSPEND, 0, NULL);
	close(control);
}

static void prepare(void)
{
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	disks();
}
static void begin(void) {}
static void lead(void) {}
static void finish(const char *line) {}
