/*
 * Plays operations of hook-trace as process 1 of a virtual machine and prints, for each, its errno and what the function
 * graph tracer saw of the LSM framework, from the first call of the window until 150 ms after the last. operations.h is
 * what generate.ts prints; /probe is a program that exits at once; /modules has modules to load first, in their order.
 */
#define _GNU_SOURCE 1
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include "../common.h"
#include <linux/audit.h>
#include <linux/if_tun.h>
#include <linux/xfrm.h>
#include <linux/udp.h>
#include <sys/quota.h>
#include "../ring.h"
#include "raw.h"

#define TRACING "/sys/kernel/tracing/"
#define MARKER 900

static int outer;

static void mark(const char *word)
{
	if (write(MARKER, word, strlen(word)) < 0)
		_exit(9);
}
static void must(long rc, const char *what)
{
	if (rc >= 0)
		return;
	char text[200];

	snprintf(text, sizeof text, "PREP %s %s", what, strerrorname_np(errno));
	snprintf(note, sizeof note, "%s", text);
	_exit(8);
}
#define MUST(call) ({ long rc_ = (long)(call); must(rc_, #call); rc_; })
/* Texts that want a call to fail, or do not care, say `S` as well. */
#define S(call, ...) call(__VA_ARGS__)
#define BEGIN() mark("BEGIN")

static void put_text(const char *path, const char *text)
{
	int f = open(path, O_WRONLY | O_TRUNC);

	if (f < 0 || write(f, text, strlen(text)) < 0)
		dprintf(outer, "! %s: %s\n", path, strerror(errno));
	close(f);
}

/* Helpers that the texts of operations call. */
static long mkf(const char *name, int mode)
{
	int f = MUST(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600));

	MUST(write(f, "0123456789012345678901234567890123456789", 40));
	MUST(fchmod(f, mode));
	close(f);
	return 0;
}
static int of(int flags)
{
	mkf("f", 0644);
	return MUST(open("f", flags));
}
static long user(void)
{
	MUST(setgroups(0, NULL));
	MUST(syscall(SYS_setresgid, 1000, 1000, 1000));
	MUST(setresuid(1000, 1000, 1000));
	return 0;
}
static long cpf(const char *from, const char *to, int mode)
{
	int in = MUST(open(from, O_RDONLY)), out = MUST(open(to, O_CREAT | O_WRONLY | O_TRUNC, 0700));
	long n = MUST(read(in, buf, sizeof buf));

	MUST(write(out, buf, n));
	MUST(fchmod(out, mode));
	close(in);
	close(out);
	return 0;
}
static int gq, gs;
static void rcvr(void)
{
	struct { long type; char text[64]; } message;

	msgrcv(gq, &message, 64, 0, 0);
}
static void openf(void)
{
	dup2(of(O_RDWR), 40);
}
static void nodump(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
static void ns_all(void)
{
	unshare(CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP);
}
static void ns_pid(void)
{
	unshare(CLONE_NEWPID);
}
static void ns_user(void)
{
	unshare(CLONE_NEWUSER);
}
static int kid(int uid, void (*then)(void))
{
	int ends[2];
	char byte;

	MUST(pipe(ends));
	int child = MUST(fork());

	if (!child) {
		if (uid) {
			setgroups(0, NULL);
			syscall(SYS_setresgid, uid, uid, uid);
			setresuid(uid, uid, uid);
			prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		}
		if (then && then != rcvr)
			then();
		if (write(ends[1], "x", 1) < 0)
			_exit(1);
		close(ends[0]);
		close(ends[1]);
		if (then == rcvr)
			rcvr();
		for (;;)
			pause();
	}
	close(ends[1]);
	MUST(read(ends[0], &byte, 1));
	close(ends[0]);
	usleep(5000);
	return child;
}
/* What follows is done by a child, which is the one that is recorded. */
SHARED volatile int recorded;
static long recorded_child(void)
{
	if (MUST(fork()))
		for (;;)
			usleep(1000);
	recorded = getpid();
	return 0;
}
static char *proc_path(int pid, const char *name)
{
	static char texts[4][128];
	static int next;
	char *text = texts[next++ % 4];

	sprintf(text, "/proc/%d/%s", pid, name);
	return text;
}
#define pp proc_path
static long mns(void)
{
	MUST(unshare(CLONE_NEWNS));
	mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
	mkdir("m", 0755);
	mkdir("m2", 0755);
	return 0;
}
static long ovl(void)
{
	mns();
	MUST(mount("t", "m", "tmpfs", 0, NULL));
	MUST(mkdir("m/l", 0755));
	MUST(mkdir("m/u", 0755));
	MUST(mkdir("m/wk", 0755));
	MUST(mkdir("m/l/d", 0755));
	mkf("m/l/f", 0644);
	MUST(setxattr("m/l/f", "user.x", "0123456789012345678901234567890123456789", 40, 0));
	return 0;
}
static long ovlm(void)
{
	ovl();
	MUST(mount("o", "m2", "overlay", 0, "lowerdir=m/l,upperdir=m/u,workdir=m/wk"));
	MUST(chdir("m2"));
	return 0;
}
#define family_size(a) (((struct sockaddr *)(a))->sa_family == AF_INET ? 16 : 28)
/* A BPF token of a user namespace; one who may delegates on the mount that it has begun. */
static int token(void)
{
	int helper = kid(0, NULL), pair[2];

	(void)helper;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	int child = MUST(fork());

	if (!child) {
		int context;
		char byte = 0;
		int up = syscall(SYS_pidfd_open, getppid(), 0);

		if (read(pair[1], &context, 4) != 4)
			_exit(1);
		int theirs = syscall(SYS_pidfd_getfd, up, context, 0);

		fsconfig(theirs, 1, "delegate_cmds", "any", 0);
		fsconfig(theirs, 1, "delegate_maps", "any", 0);
		fsconfig(theirs, 1, "delegate_progs", "any", 0);
		fsconfig(theirs, 1, "delegate_attachs", "any", 0);
		byte = fsconfig(theirs, 6, NULL, NULL, 0) < 0;
		write(pair[1], &byte, 1);
		_exit(0);
	}
	MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	int context = MUST(fsopen("bpf", 0));
	char byte = 1;

	MUST(write(pair[0], &context, 4));
	MUST(read(pair[0], &byte, 1));
	if (byte)
		must(-1, "delegation");
	int mounted = MUST(fsmount(context, 0, 0)), root = MUST(openat(mounted, ".", O_RDONLY | O_DIRECTORY));
	union bpf_attr attr = { 0 };

	attr.token_create.bpffs_fd = root;
	return MUST(bpf(36, &attr, sizeof attr));
}

#include "library.h"

#include "operations.h"

static void load_modules(void)
{
	struct dirent { long ino, off; unsigned short len; char type; char name[]; };
	char path[64];

	for (int i = 0; i < 30; i++) {
		sprintf(path, "/modules/%02d.ko", i);
		int f = open(path, O_RDONLY);

		if (f < 0)
			continue;
		if (syscall(SYS_finit_module, f, "", 0) && errno != EEXIST)
			dprintf(outer, "! %s: %s\n", path, strerror(errno));
		close(f);
	}
}

static void copy_trace(void)
{
	static char bytes[1 << 16];
	int from = open(TRACING "trace", O_RDONLY);
	long n;

	while ((n = read(from, bytes, sizeof bytes)) > 0)
		for (long at = 0, m; at < n; at += m)
			if ((m = write(outer, bytes + at, n - at)) <= 0)
				break;
	close(from);
}

static void play(const struct hook_operation *one)
{
	int status, child;

	note[0] = 0;
	rmdir("/tmp/w");
	mount("w", "/tmp", "tmpfs", 0, "mode=1777");
	mkdir("/tmp/w", 01777);
	chmod("/tmp/w", 01777);
	put_text(TRACING "trace", "");
	done = 0;
	recorded = 0;
	child = fork();
	if (!child) {
		int ends = open("/dev/null", O_RDWR);

		for (int f = 3; f < 40; f++)
			close(f);
		for (int f = 0; f < 12; f++)
			dup2(open("/dev/null", O_RDWR), f);
		for (int f = 12; f < 40; f++)
			close(f);
		(void)ends;
		setpgid(0, 0);
		chdir("/tmp/w");
		unshare(CLONE_NEWIPC);
		fd = -1;
		long rc_ = one->play();

		mark("END");
		answer = rc_;
		done = 1;
		for (;;)
			pause();
	}
	for (int i = 0; i < 1600 && !done; i++) {
		usleep(5000);
		if (waitpid(child, &status, WNOHANG) == child)
			break;
	}
	usleep(150000);
	put_text(TRACING "tracing_on", "0");
	if (note[0])
		dprintf(outer, "@%s\t%d\t%s\n", one->name, recorded ? recorded : child, note);
	else if (!done && (WIFSTOPPED(status) || (WIFEXITED(status) && !WEXITSTATUS(status))))
		/* another program took its place */
		dprintf(outer, "@%s\t%d\tOK\n", one->name, child);
	else if (!done)
		dprintf(outer, "@%s\t%d\tENDED %x\n", one->name, child, status);
	else
		dprintf(outer, "@%s\t%d\t%s\n", one->name, recorded ? recorded : child, answer < 0 ? strerrorname_np(-answer) : "OK");
	copy_trace();
	/* also those that are in groups of their own */
	kill(-1, SIGKILL);
	while (waitpid(-1, &status, WNOHANG) >= 0)
		usleep(500);
	umount2("/tmp", MNT_DETACH);
	usleep(20000);
	put_text(TRACING "tracing_on", "1");
}

static void set_up(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/tmp", 0755);
	mkdir("/dev", 0755);
	mount("p", "/proc", "proc", 0, 0);
	mount("s", "/sys", "sysfs", 0, 0);
	mount("d", "/dev", "devtmpfs", 0, 0);
	mount("f", "/sys/fs/bpf", "bpf", 0, 0);
	mount("t", TRACING, "tracefs", 0, 0);
	outer = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);
	dup2(outer, 901);
	outer = 901;
	load_modules();
	/* A root that has a parent, which pivot_root wants. */
	mkdir("/root", 0755);
	mount("r", "/root", "tmpfs", 0, "mode=755");
	cpf("/probe", "/root/probe", 0755);
	chdir("/root");
	for (const char **name = (const char *[]){ "proc", "sys", "dev", 0 }; *name; name++) {
		char from[16];

		sprintf(from, "/%s", *name);
		mkdir(*name, 0755);
		mount(from, *name, 0, MS_MOVE, 0);
	}
	mkdir("tmp", 0755);
	mount(".", "/", 0, MS_MOVE, 0);
	chroot(".");
	chdir("/");
	mkdir("/dev/pts", 0755);
	mount("d", "/dev/pts", "devpts", 0, "ptmxmode=666");
	mkdir("/dev/shm", 0755);
	mount("h", "/dev/shm", "tmpfs", 0, 0);
	int up = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	ioctl(up, 0x8914, &lo);
	close(up);
	put_text(TRACING "options/function-fork", "1");
	put_text(TRACING "set_ftrace_filter", "security_* inode_free_by_rcu");
	put_text(TRACING "buffer_size_kb", "4096");
	put_text(TRACING "current_tracer", "function_graph");
	put_text(TRACING "options/funcgraph-proc", "1");
	put_text(TRACING "options/funcgraph-duration", "0");
	put_text(TRACING "options/funcgraph-overhead", "0");
	put_text(TRACING "options/latency-format", "1");
	put_text(TRACING "events/raw_syscalls/enable", "1");
	int marker = open(TRACING "trace_marker", O_WRONLY);

	dup2(marker, MARKER);
	close(marker);
}

int main(void)
{
	share();
	set_up();
	for (const struct hook_operation *one = hook_operations; one->name; one++)
		play(one);
	dprintf(outer, "end\n");
	usleep(300000);
	reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, 0);
	for (;;)
		pause();
}
