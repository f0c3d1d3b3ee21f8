/* What the operations' C text names, on a real kernel: shared variables, raw calls, and helpers that every suite has. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/if_packet.h>
#include <linux/ioprio.h>
#include <linux/keyctl.h>
#include <linux/lsm.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <asm/unistd.h>
#include <linux/reboot.h>

typedef long (*call_t)(void);
struct operation {
	const char *name;
	call_t setup, other_does, before, act;
	const char *tells, *what;
};

/* Every task of a row sees these. */
#define SHARED __attribute__((section("shared_vars")))
SHARED __attribute__((aligned(4096))) long fd = 0;
SHARED long id, s, t, at, key, other, rc;
SHARED int sp[2], pp[2], len, one = 1;
SHARED char note[4096], zeros[64], object_text[256], subject_text[256];
SHARED volatile long answer, done, ready, go;
SHARED volatile call_t asked;
static char *object = object_text, *subject = subject_text;
static char buf[65536];
static char *av[] = { "x", 0 }, *ev[] = { 0 };
static struct { struct file_handle h; char room[128]; } fh;

extern char __start_shared_vars[], __stop_shared_vars[];

static void share(void)
{
	size_t size = (__stop_shared_vars - __start_shared_vars + 4095) & ~4095UL;
	char *copy = malloc(size);

	memcpy(copy, __start_shared_vars, size);
	mmap(__start_shared_vars, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memcpy(__start_shared_vars, copy, size);
}

/* One call of a text: what fails ends it. */
#define STEP(call) do { \
	errno = 0; \
	last = (long)(call); \
	if (last == -1 && errno) \
		return -errno; \
	if (last < 0 && last > -4096) \
		return last; \
} while (0)

#define getpriority(which, who) syscall(SYS_getpriority, which, who)
#define ioprio_get(...) syscall(SYS_ioprio_get, __VA_ARGS__)
#define ioprio_set(...) syscall(SYS_ioprio_set, __VA_ARGS__)
#define prlimit64(...) syscall(SYS_prlimit64, __VA_ARGS__)
#define pidfd_open(...) syscall(SYS_pidfd_open, __VA_ARGS__)
#define pidfd_getfd(...) syscall(SYS_pidfd_getfd, __VA_ARGS__)
#define pidfd_send_signal(...) syscall(SYS_pidfd_send_signal, __VA_ARGS__)
#define keyctl(...) syscall(SYS_keyctl, __VA_ARGS__)
#define add_key(...) syscall(SYS_add_key, __VA_ARGS__)
#define request_key(...) syscall(SYS_request_key, __VA_ARGS__)
#define syslog(...) syscall(SYS_syslog, __VA_ARGS__)
#define openat2(...) syscall(SYS_openat2, __VA_ARGS__)
#define getdents64(...) syscall(SYS_getdents64, __VA_ARGS__)
#define brk(...) syscall(SYS_brk, __VA_ARGS__)
#define tgkill(...) syscall(SYS_tgkill, __VA_ARGS__)
#define rt_sigqueueinfo(...) syscall(SYS_rt_sigqueueinfo, __VA_ARGS__)
#define get_robust_list(...) syscall(SYS_get_robust_list, __VA_ARGS__)
#define capget(...) syscall(SYS_capget, __VA_ARGS__)
#define capset(...) syscall(SYS_capset, __VA_ARGS__)
#define lsm_get_self_attr(...) syscall(459, __VA_ARGS__)
#define lsm_set_self_attr(...) syscall(460, __VA_ARGS__)
#define clone(...) syscall(SYS_clone, __VA_ARGS__)
#define mq_open(...) syscall(SYS_mq_open, __VA_ARGS__)
#define mq_unlink(...) syscall(SYS_mq_unlink, __VA_ARGS__)
#define fsopen(...) syscall(SYS_fsopen, __VA_ARGS__)
#define fsconfig(...) syscall(SYS_fsconfig, __VA_ARGS__)
#define fsmount(...) syscall(SYS_fsmount, __VA_ARGS__)
#define move_mount(...) syscall(SYS_move_mount, __VA_ARGS__)
#define open_tree(...) syscall(SYS_open_tree, __VA_ARGS__)
#define pivot_root(...) syscall(SYS_pivot_root, __VA_ARGS__)
#define reboot(...) syscall(SYS_reboot, __VA_ARGS__)
#define seccomp(...) syscall(SYS_seccomp, __VA_ARGS__)
#define eventfd2(...) syscall(SYS_eventfd2, __VA_ARGS__)
#define timerfd_create(...) syscall(SYS_timerfd_create, __VA_ARGS__)
#define signalfd4(...) syscall(SYS_signalfd4, __VA_ARGS__)
#define userfaultfd(...) syscall(SYS_userfaultfd, __VA_ARGS__)
#define perf_event_open(...) syscall(SYS_perf_event_open, __VA_ARGS__)
#define bpf(...) syscall(SYS_bpf, __VA_ARGS__)
#define sched_setaffinity(...) syscall(SYS_sched_setaffinity, __VA_ARGS__)
#define sched_getaffinity(...) syscall(SYS_sched_getaffinity, __VA_ARGS__)
#define fork() syscall(SYS_fork)
#define setresuid(...) syscall(SYS_setresuid, __VA_ARGS__)
#define setuid(...) syscall(SYS_setuid, __VA_ARGS__)
#define setgid(...) syscall(SYS_setgid, __VA_ARGS__)
#define setgroups(...) syscall(SYS_setgroups, __VA_ARGS__)

/* Addresses of any type, which texts pass as they are. */
#define bind(s, a, n) bind(s, (void *)(a), n)
#define getsockname(s, a, n) getsockname(s, (void *)(a), n)
#define getpeername(s, a, n) getpeername(s, (void *)(a), n)

#define child(call) ({ \
	pid_t pid_ = fork(); \
	int status_; \
	if (!pid_) { \
		errno = 0; \
		_exit((call) == -1 ? errno : 0); \
	} \
	waitpid(pid_, &status_, 0); \
	status_ & 0x7f ? -1L : -(long)WEXITSTATUS(status_); \
})

static void *ua(const char *name)
{
	static struct sockaddr_un a;

	memset(&a, 0, sizeof a);
	a.sun_family = AF_UNIX;
	strcpy(a.sun_path, name);
	return &a;
}
static void *ab(const char *name)
{
	struct sockaddr_un *a = ua("");

	strcpy(a->sun_path + 1, name);
	return a;
}
static void *in4(uint32_t address, int port)
{
	static struct sockaddr_in a;

	a = (struct sockaddr_in){ AF_INET, htons(port), { htonl(address) } };
	return &a;
}
#define i4(port) in4(INADDR_LOOPBACK, port)
#define any4(port) in4(INADDR_ANY, port)
static void *i6(int port)
{
	static struct sockaddr_in6 a;

	a = (struct sockaddr_in6){ AF_INET6, htons(port) };
	a.sin6_addr = in6addr_loopback;
	return &a;
}

static long send_fd(int socket, int what)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec vector = { "x", 1 };
	struct msghdr m = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &what, sizeof(int));
	return sendmsg(socket, &m, 0);
}
static long recv_fd(int socket)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte[8];
	struct iovec vector = { byte, sizeof byte };
	struct msghdr m = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	long got = recvmsg(socket, &m, MSG_DONTWAIT);

	if (got >= 0)
		sprintf(note, "%s%s", CMSG_FIRSTHDR(&m) ? "fd" : "nofd", m.msg_flags & MSG_CTRUNC ? ",ctrunc" : "");
	return got;
}

static void put_bytes(const char *path, const void *bytes, size_t size, int mode)
{
	int f = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	if (f < 0 || write(f, bytes, size) != (ssize_t)size)
		printf("cannot write %s: %m\n", path);
	fchmod(f, mode);
	close(f);
}
static long put(const char *path, const char *text)
{
	int f = open(path, O_WRONLY);
	long n = write(f, text, strlen(text));

	close(f);
	return n;
}
static void copy_file(const char *from, const char *to, int mode)
{
	static char all[1 << 20];
	int f = open(from, O_RDONLY);
	ssize_t size = read(f, all, sizeof all);

	close(f);
	put_bytes(to, all, size > 0 ? size : 0, mode);
}

/* All that there is to read, without a NUL behind it; -1 where reading fails. */
static ssize_t read_whole(int file, char *to, size_t room)
{
	ssize_t size = 0, n;

	while ((n = read(file, to + size, room - size)) > 0)
		size += n;
	if (n < 0)
		return n;
	return size && !to[size - 1] ? size - 1 : size;
}

/* What process 1 of a machine needs before it asks. */
static void mount_system(void)
{
	mkdir("/proc", 0755), mkdir("/sys", 0755), mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, 0);
	mount("sysfs", "/sys", "sysfs", 0, 0);
	mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
}

static const char *errno_text(long error)
{
	return error >= 0 ? "OK" : error == -EOPNOTSUPP ? "EOPNOTSUPP" : strerrorname_np(-error);
}

/* The other task waits, and does what it is asked. */
static void ask_other_to(call_t call)
{
	asked = call;
	while (asked)
		usleep(1000);
}
#define ask_other(call) (ask_other_to(call), 0)
static void wait_as_other(void)
{
	ready = 1;
	for (;;) {
		if (asked) {
			asked();
			asked = 0;
		}
		usleep(2000);
	}
}
/* qemu ends with -no-reboot; a kernel without ACPI cannot power off. */
static void machine_ends(void)
{
	printf("@end\n");
	fflush(stdout);
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, 0);
	for (;;)
		pause();
}
