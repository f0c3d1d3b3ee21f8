/* What the texts of 6.12's table call: raw calls by the names of the C library, objects of one line, addresses. */
#include <linux/aio_abi.h>
#include <linux/landlock.h>
#include <linux/rtnetlink.h>
#include <netinet/tcp.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <termios.h>

/* A thread, on a stack of its own. */
static int clone_on(int (*then)(void *), char *stack, int flags, void *argument)
{
	return clone(then, stack, flags, argument);
}
#define clone(...) syscall(SYS_clone, __VA_ARGS__)
#define fadvise64(...) syscall(SYS_fadvise64, __VA_ARGS__)
#define fchmodat(...) syscall(SYS_fchmodat, __VA_ARGS__)
#define futex(...) syscall(SYS_futex, __VA_ARGS__)
#define get_mempolicy(...) syscall(SYS_get_mempolicy, __VA_ARGS__)
#define getcpu(...) syscall(SYS_getcpu, __VA_ARGS__)
#define getdents(...) syscall(SYS_getdents, __VA_ARGS__)
#define getrandom(...) syscall(SYS_getrandom, __VA_ARGS__)
#define io_destroy(...) syscall(SYS_io_destroy, __VA_ARGS__)
#define io_setup(...) syscall(SYS_io_setup, __VA_ARGS__)
#define io_submit(...) syscall(SYS_io_submit, __VA_ARGS__)
#define ioperm(...) syscall(SYS_ioperm, __VA_ARGS__)
#define iopl(...) syscall(SYS_iopl, __VA_ARGS__)
#define kcmp(...) syscall(SYS_kcmp, __VA_ARGS__)
#define mbind(...) syscall(SYS_mbind, __VA_ARGS__)
#define membarrier(...) syscall(SYS_membarrier, __VA_ARGS__)
#define newfstatat(...) syscall(SYS_newfstatat, __VA_ARGS__)
#define personality(...) syscall(SYS_personality, __VA_ARGS__)
#define ppoll(...) syscall(SYS_ppoll, __VA_ARGS__)
#define preadv2(...) syscall(SYS_preadv2, __VA_ARGS__)
#define rt_tgsigqueueinfo(...) syscall(SYS_rt_tgsigqueueinfo, __VA_ARGS__)
#define set_mempolicy(...) syscall(SYS_set_mempolicy, __VA_ARGS__)
#define swapon(...) syscall(SYS_swapon, __VA_ARGS__)
#define sync() syscall(SYS_sync)
#define tkill(...) syscall(SYS_tkill, __VA_ARGS__)
#define uselib(...) syscall(SYS_uselib, __VA_ARGS__)
#define waitid(...) syscall(SYS_waitid, __VA_ARGS__)

/* Addresses of every family, without the type that the C library wants. */
#define bind(s, a, n) bind(s, (void *)(a), n)
#define connect(s, a, n) connect(s, (void *)(a), n)
#define sendto(s, b, n, flags, a, size) sendto(s, b, n, flags, (void *)(a), size)

/* A child of the window ends at once. */
#define ending(call) ({ long child_ = (call); if (!child_) _exit(0); child_; })

static long staying_fork(void)
{
	long child = fork();

	while (!child)
		pause();
	return child;
}

static long p, res;
static int port = 20000;
static char cb[512];
static struct { long t; char x[64]; } mb = { 1 };
static const char *MQU = "hooks";
#define ROOT_TASKS 54

static long nap(int ms)
{
	return usleep(ms * 1000);
}
static int sm(void)
{
	return semget(IPC_PRIVATE, 2, 0600);
}
static int usrv(int type, const char *name)
{
	int s = MUST(socket(AF_UNIX, type, 0));

	MUST(bind(s, ua(name), sizeof(struct sockaddr_un)));
	if (type != SOCK_DGRAM)
		MUST(listen(s, 5));
	return s;
}
static int served(int protocol, int at)
{
	int s = MUST(socket(AF_INET, SOCK_STREAM, protocol));

	MUST(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 4));
	MUST(bind(s, i4(at), 16));
	MUST(listen(s, 5));
	return s;
}
static int tsrv(void)
{
	return served(0, 20080);
}
static int ssrv(void)
{
	return served(IPPROTO_SCTP, 20082);
}
static int tcli(int server)
{
	int c = MUST(socket(AF_INET, SOCK_STREAM, 0));

	(void)server;
	MUST(connect(c, i4(20080), 16));
	return c;
}
static int upair(int *c)
{
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	MUST(bind(s, i4(20081), 16));
	*c = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(connect(*c, i4(20081), 16));
	return s;
}
/* A message of one byte with descriptors. */
static struct msghdr rights(int count, const int *fds)
{
	static char room[CMSG_SPACE(64)];
	static struct iovec byte = { "x", 1 };
	struct msghdr m = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = room };
	struct cmsghdr *head = (struct cmsghdr *)room;

	*head = (struct cmsghdr){ CMSG_LEN(4 * count), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(head), fds, 4 * count);
	m.msg_controllen = head->cmsg_len;
	return m;
}
