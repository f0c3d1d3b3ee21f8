/* Operations on tasks: labels, ids, limits, signals, tracing, copies. */
#include "player.h"
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define OP(name, expression) static long play_##name(void) { return (expression); }
#define LSM_ID_APPARMOR 104
#define HEAD 32

static char buffer[1 << 16];

static const char *proc_file(int of, const char *folder, const char *file)
{
	static char path[300];

	if (of < args)
		snprintf(path, sizeof path, "/proc/%d/%s%s", pid_of(of), folder, file);
	else
		snprintf(path, sizeof path, "/proc/self/%s%s", folder, file);
	return path;
}

static long write_text(const char *path, int at)
{
	int file = open(path, O_WRONLY);

	if (file < 0)
		return strcpy(result, "open"), -1;
	return closing(file, write(file, arg[at], arg_size[at]));
}
OP(attr, write_text(proc_file(ARGS, "attr/", arg[0]), 1))
OP(wattr, write_text(proc_file(1, "attr/", arg[0]), 2))

static long read_text(const char *path, size_t size)
{
	int file = open(path, O_RDONLY);

	return file < 0 ? -1 : closing(file, read(file, buffer, size));
}
OP(rattr, show(buffer, read_text(proc_file(1, "attr/", arg[0]), 4096)))
OP(procread, read_text(proc_file(0, "", arg[1]), 1))
OP(proclink, show(buffer, readlink(proc_file(0, "", arg[1]), buffer, 4096)))

static long set_context(const long *head, int text, size_t whole, int flags)
{
	memcpy(buffer, head, HEAD);
	memcpy(buffer + HEAD, arg[text], arg_size[text]);
	return syscall(460, num(0), buffer, whole, flags);
}

static long play_lsmset(void)
{
	long length = HEAD + arg_size[1], head[] = { args > 2 ? num(2) : LSM_ID_APPARMOR, 0, length, arg_size[1] };

	return set_context(head, 1, length, 0);
}

static long play_lsmsetraw(void)
{
	long head[] = { num(1), num(2), num(3), num(4) };

	return set_context(head, 5, num(6), num(7));
}

static long play_lsmget(void)
{
	int none = args > 1 && !strcmp(arg[1], "null");
	unsigned size = none ? 0 : args > 1 ? num(1) : 4096;
	long head[4], id = num(3);

	memset(buffer, 0, sizeof buffer);
	if (args > 3 && size >= 8)
		memcpy(buffer, &id, 8);
	long rc = syscall(459, num(0), none ? NULL : buffer, &size, num(2));
	int error = errno;
	if (rc < 0 || none) {
		if (rc < 0)
			sprintf(result, "size=%u", size);
		else
			sprintf(result, "ret=%ld size=%u", rc, size);
		errno = error;
		return rc;
	}
	memcpy(head, buffer, HEAD);
	char *to = result + sprintf(result, "ret=%ld size=%u id=%ld flags=%ld len=%ld ctx_len=%ld ctx=", rc, size, head[0],
				    head[1], head[2], head[3]);
	percent_text(to, buffer + HEAD, head[3], 1);
	return 0;
}

OP(nop, 0)
OP(nnp, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
OP(dumpable, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
OP(keepcaps, prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
OP(setuid, syscall(SYS_setresuid, num(0), num(0), num(0)))
OP(setgid, syscall(SYS_setresgid, num(0), num(0), num(0)))
OP(unshare, unshare(num(0)))
OP(kcmp, syscall(SYS_kcmp, getpid(), pid_of(0), 0, 0, 0))
OP(getpriority, syscall(SYS_getpriority, 0, 0))
OP(setpriority, syscall(SYS_setpriority, 0, pid_of(1), num(0)))

static long play_setfsuid(void)
{
	setfsuid(num(0));
	return 0;
}

static long play_id(void)
{
	return sprintf(result, "uid=%d euid=%d", getuid(), geteuid());
}

static long play_exit(void)
{
	_exit(0);
}

static long play_capget(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -1;
	return sprintf(result, "%08x%08x %08x%08x %08x%08x", data[1].effective, data[0].effective, data[1].permitted,
		       data[0].permitted, data[1].inheritable, data[0].inheritable);
}

static long play_capkeep(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	unsigned long mask = num(0);
	struct __user_cap_data_struct data[2] = { { mask, mask, 0 }, { mask >> 32, mask >> 32, 0 } };

	return syscall(SYS_capset, &head, data);
}

static long copy(unsigned long flags)
{
	int number = num(0) % ACTORS;
	long child = syscall(SYS_clone, flags | CLONE_PARENT | SIGCHLD, 0, NULL, NULL, 0);

	if (child < 0)
		return -1;
	if (!child) {
		self = number;
		serve();
	}
	new_pid = child;
	return sprintf(result, "pid=@%d", number);
}
OP(fork, copy(0))
OP(clone, copy(num(1)))

static int signal_at(int at)
{
	if (at >= args)
		return 0;
	return strncmp(arg[at], "rt", 2) ? num(at) : 32 + atoi(arg[at] + 2);
}
OP(kill, syscall(SYS_kill, pid_of(0), signal_at(1)))

static long play_pidfd_kill(void)
{
	int file = syscall(SYS_pidfd_open, pid_of(0), 0), sig = strncmp(arg[1], "rt", 2) ? signal_at(1) : 0;

	return file < 0 ? -1 : closing(file, syscall(SYS_pidfd_send_signal, file, sig, NULL, 0));
}

static long play_pidfd_getfd(void)
{
	int file = syscall(SYS_pidfd_open, pid_of(0), 0);

	if (file < 0)
		return -1;
	long got = closing(file, syscall(SYS_pidfd_getfd, file, num(1), 0));
	if (got < 0)
		return -1;
	if (slots[9] >= 0)
		close(slots[9]);
	slots[9] = got;
	return 0;
}

/* A tracee must have stopped before it can be let go. */
static long let_go(long rc)
{
	if (rc < 0)
		return -1;
	waitpid(pid_of(0), NULL, __WALL);
	ptrace(PTRACE_DETACH, pid_of(0), NULL, NULL);
	return 0;
}
OP(ptrace_attach, let_go(ptrace(PTRACE_ATTACH, pid_of(0), NULL, NULL)))
OP(ptrace_hold, ptrace(PTRACE_SEIZE, pid_of(0), NULL, NULL))

/* Nothing has stopped it, so it stays traced. */
static long play_ptrace_seize(void)
{
	if (ptrace(PTRACE_SEIZE, pid_of(0), NULL, NULL) < 0)
		return -1;
	ptrace(PTRACE_DETACH, pid_of(0), NULL, NULL);
	return 0;
}

static long vm(long call)
{
	struct iovec local = { buffer, 8 }, remote = { (void *)0x10000, 8 };

	return syscall(call, pid_of(0), &local, 1, &remote, 1, 0);
}
OP(vm_readv, vm(SYS_process_vm_readv))

static long play_sched(void)
{
	struct sched_param param = { 1 };

	return syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param);
}

static long play_getrlimit(void)
{
	struct rlimit limit;

	if (syscall(SYS_prlimit64, 0, num(0), NULL, &limit))
		return -1;
	return sprintf(result, "%ld %ld", (long)limit.rlim_cur, (long)limit.rlim_max);
}

static long set_limit(pid_t pid, int at)
{
	struct rlimit limit = { num(at + 1), num(at + 2) };

	return syscall(SYS_prlimit64, pid, num(at), &limit, NULL);
}
OP(setrlimit, set_limit(0, 0))
OP(prlimit, set_limit(pid_of(0), 1))

static long play_fdinfo(void)
{
	char *to = result;

	for (int i = 0; i < SLOTS; i++)
		if (slots[i] >= 0)
			to += sprintf(to, "%s%d:%s", to == result ? "" : " ", i, kind_of(slots[i]));
	return 0;
}

#define ROW(name) { #name, play_##name }
const struct operation task_operations[] = {
	ROW(attr), ROW(wattr), ROW(rattr), ROW(procread), ROW(proclink), ROW(lsmset), ROW(lsmsetraw), ROW(lsmget), ROW(nop),
	ROW(nnp), ROW(dumpable), ROW(keepcaps), ROW(setuid), ROW(setgid), ROW(setfsuid), ROW(unshare), ROW(kcmp),
	ROW(getpriority), ROW(setpriority), ROW(id), ROW(exit), ROW(capget), ROW(capkeep), ROW(fork), ROW(clone), ROW(kill),
	ROW(pidfd_kill), ROW(pidfd_getfd), ROW(ptrace_attach), ROW(ptrace_seize), ROW(ptrace_hold), ROW(vm_readv), ROW(sched),
	ROW(getrlimit), ROW(setrlimit), ROW(prlimit), ROW(fdinfo), { 0 },
};
