/* Operations on sockets and mounts, and privileged calls that change nothing. */
#include "player.h"
#include <linux/bpf.h>
#include <linux/mount.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/io.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/un.h>

#define OP(name, expression) static long play_##name(void) { return (expression); }
#define AT_OR_NULL(at) ((at) < args && strcmp(arg[at], "-") ? arg[at] : NULL)

int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);

static char buffer[4096];

static socklen_t address(void)
{
	struct sockaddr_un *un = (void *)buffer;
	struct sockaddr_in *in = (void *)buffer;
	struct sockaddr_in6 *in6 = (void *)buffer;

	memset(buffer, 0, 256);
	if (!strcmp(arg[1], "in")) {
		*in = (struct sockaddr_in){ AF_INET, htons(num(2)), { htonl(INADDR_LOOPBACK) } };
		return sizeof *in;
	}
	if (!strcmp(arg[1], "in6")) {
		*in6 = (struct sockaddr_in6){ AF_INET6, htons(num(2)) };
		in6->sin6_addr.s6_addr[15] = 1;
		return sizeof *in6;
	}
	if (!strcmp(arg[1], "nl"))
		return un->sun_family = AF_NETLINK, 12;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path + !strcmp(arg[1], "abs"), arg[2], arg_size[2]);
	return offsetof(struct sockaddr_un, sun_path) + 1 + arg_size[2];
}

static struct sockaddr *as_address = (void *)buffer;
OP(socket, keep(3, socket(num(0), num(1) | SOCK_NONBLOCK, num(2))))
OP(bind, ({ socklen_t size = address(); bind(slot(0), as_address, size); }))
OP(connect, ({ socklen_t size = address(); connect(slot(0), as_address, size); }))
OP(listen, listen(slot(0), 5))
OP(accept, keep(1, accept4(slot(0), NULL, NULL, SOCK_NONBLOCK)))
OP(send, sendto(slot(0), "hello", 5, MSG_NOSIGNAL, NULL, 0))
OP(recv, show(buffer, recv(slot(0), buffer, 60, 0)))

static long play_socketpair(void)
{
	int ends[2];

	if (socketpair(num(0), num(1) | SOCK_NONBLOCK, 0, ends))
		return -1;
	keep(2, ends[0]);
	return keep(3, ends[1]);
}

static long play_getsockopt(void)
{
	socklen_t size = 299;
	long rc = getsockopt(slot(0), SOL_SOCKET, num(1), buffer, &size);

	sprintf(result, "len=%u", size);
	return rc;
}

static long pass(int flags, ssize_t (*call)(int, struct msghdr *, int), int on, int *fd)
{
	char byte[8] = "x";
	struct iovec vector = { byte, sizeof byte };
	union { char room[64]; struct cmsghdr head; } control = { 0 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = 64 };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	if (*fd != -2) {
		message.msg_controllen = CMSG_SPACE(sizeof *fd);
		*head = (struct cmsghdr){ CMSG_LEN(sizeof *fd), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(head), fd, sizeof *fd);
	}
	long rc = call(on, &message, flags);
	if (*fd == -2) {
		head = CMSG_FIRSTHDR(&message);
		*fd = -1;
		if (head)
			memcpy(fd, CMSG_DATA(head), sizeof *fd);
		else if (message.msg_flags & MSG_CTRUNC)
			*fd = -3;
	}
	return rc;
}

static ssize_t send_it(int on, struct msghdr *message, int flags)
{
	return sendmsg(on, message, flags);
}

static long play_sendfd(void)
{
	int fd = slot(0);

	return pass(0, send_it, PAIR_END, &fd);
}

static long play_recvfd(void)
{
	int fd = -2;

	if (pass(MSG_DONTWAIT, recvmsg, PAIR, &fd) < 0)
		return -1;
	if (fd < 0)
		return sprintf(result, fd == -3 ? "nofd ctrunc" : "nofd");
	keep(0, fd);
	return sprintf(result, "fd %s", strcmp(kind_of(fd), "chr") ? "file" : "chr");
}

OP(mount, mount(AT_OR_NULL(0), arg[1], AT_OR_NULL(2), num(3), AT_OR_NULL(4)))
OP(umount, umount2(arg[0], num(1)))
OP(pivot_root, syscall(SYS_pivot_root, arg[0], arg[1]))
OP(open_tree, keep(2, syscall(SYS_open_tree, AT_FDCWD, arg[0], num(1))))
OP(move_mount, syscall(SYS_move_mount, slot(0), "", AT_FDCWD, arg[1], MOVE_MOUNT_F_EMPTY_PATH))

static long play_fsmount(void)
{
	int context = syscall(SYS_fsopen, arg[0], 0);

	if (context < 0)
		return -1;
	long rc = syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return keep(1, closing(context, rc < 0 ? -1 : syscall(SYS_fsmount, context, 0, 0)));
}

static long play_mount_setattr(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return syscall(SYS_mount_setattr, AT_FDCWD, arg[0], 0, &attr, sizeof attr);
}

static long play_mq_open(void)
{
	long fd = syscall(SYS_mq_open, arg[0], num(1), 0644, NULL);

	return fd < 0 ? -1 : closing(fd, 0);
}
OP(mq_unlink, syscall(SYS_mq_unlink, arg[0]))
OP(msgget, syscall(SYS_msgget, 0, 01600))
OP(sethostname, syscall(SYS_sethostname, "x", 1))
OP(setdomainname, syscall(SYS_setdomainname, "x", 1))
OP(syslog, syscall(SYS_syslog, 8, NULL, 1))
OP(acct, syscall(SYS_acct, NULL))
OP(init_module, syscall(SYS_init_module, "", 0, ""))
OP(swapoff, syscall(SYS_swapoff, "/nothere"))
OP(iopl, iopl(0))
OP(ioperm, ioperm(0x80, 1, 1))
OP(mlock, syscall(SYS_mlock, 0, 0))
OP(reboot, syscall(SYS_reboot, 0xfee1dead, 672274793, 0x12345, NULL))
OP(quotactl, syscall(SYS_quotactl, 0x80000101, "/dev/nothere", 0, NULL))
OP(vhangup, syscall(SYS_vhangup))

static long play_settime(void)
{
	struct timeval never = { 0, -1 };

	return syscall(SYS_settimeofday, &never, NULL);
}

static long play_adjtimex(void)
{
	struct timex change = { .modes = ADJ_FREQUENCY };

	return syscall(SYS_adjtimex, &change);
}

static long play_bpf(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1 };
	long fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, 72);

	return fd < 0 ? -1 : closing(fd, 0);
}

static long play_setns(void)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/1/ns/%s", arg[0]);
	int file = open(path, O_RDONLY | O_NONBLOCK);
	if (file < 0)
		return strcpy(result, "open"), -1;
	return closing(file, setns(file, 0));
}

#define ROW(name) { #name, play_##name }
const struct operation system_operations[] = {
	ROW(socket), ROW(socketpair), ROW(bind), ROW(connect), ROW(listen), ROW(accept), ROW(send), ROW(recv),
	ROW(getsockopt), ROW(sendfd), ROW(recvfd), ROW(mount), ROW(umount), ROW(pivot_root), ROW(open_tree), ROW(move_mount),
	ROW(fsmount), ROW(mount_setattr), ROW(mq_open), ROW(mq_unlink), ROW(msgget), ROW(sethostname), ROW(setdomainname),
	ROW(syslog), ROW(acct), ROW(init_module), ROW(swapoff), ROW(iopl), ROW(ioperm), ROW(mlock), ROW(reboot),
	ROW(quotactl), ROW(vhangup), ROW(settime), ROW(adjtimex), ROW(bpf), ROW(setns), { 0 },
};
