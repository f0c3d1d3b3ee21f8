/*
 * The first process of a virtual machine: takes the rows of /rows, makes for each a process in the state the row
 * describes, and has it execute a program or make a call. A line a row goes to QEMU's debug port: its number, the
 * errno, and the state afterwards, as the tables have them. `@end` is the last.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "state.h"

#define DEBUG_PORT 0xe9
#define CAPS 41

/* What a row's process leaves. `stage` is the step of the set-up that failed, or 0. */
static struct shared {
	int stage, rc, error, sharer;
	long value;
	struct state state;
} *shared;
_Static_assert(offsetof(struct shared, state) == OFFSET_OF_STATE, "where the program writes");

/* Of a row, in the order of its columns. */
struct row {
	char *n, *kind, *uid, *gid, *sets[5], *securebits, *nnp, *call, *owner, *mode, *caps, *nosuid, *shares;
};

static void say(const char *form, ...)
{
	static char text[1024];
	va_list list;

	va_start(list, form);
	vsnprintf(text, sizeof text, form, list);
	va_end(list);
	const char *at = text;
	size_t size = strlen(text);
	asm volatile("rep outsb" : "+S"(at), "+c"(size) : "d"(DEBUG_PORT) : "memory");
}

static void must(int stage, long rc)
{
	if (rc >= 0)
		return;
	shared->stage = stage;
	shared->error = errno;
	_exit(1);
}

static unsigned long hex(const char *text)
{
	return strtoul(text, 0, 16);
}

static int set_caps(unsigned long permitted, unsigned long effective, unsigned long inheritable)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ effective, permitted, inheritable },
		{ effective >> 32, permitted >> 32, inheritable >> 32 },
	};
	return syscall(SYS_capset, &head, data);
}

/* Privileges that a step needs go last. */
static void become(const struct row *row)
{
	unsigned long all = (1UL << CAPS) - 1, P = hex(row->sets[0]), I = hex(row->sets[1]), E = hex(row->sets[2]);
	unsigned long A = hex(row->sets[3]), B = hex(row->sets[4]);
	unsigned r, e, s, fs, gr, ge, gs;

	sscanf(row->uid, "%u,%u,%u,%u", &r, &e, &s, &fs);
	sscanf(row->gid, "%u,%u,%u", &gr, &ge, &gs);
	must(1, prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
	must(2, set_caps(all, all, I | A));
	for (int cap = 0; cap < CAPS; cap++)
		if (A >> cap & 1)
			must(3, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0));
	must(4, syscall(SYS_setgroups, 0, 0));
	must(5, syscall(SYS_setresgid, gr, ge, gs));
	must(6, syscall(SYS_setresuid, r, e, s));
	syscall(SYS_setfsuid, fs);
	for (int cap = 0; cap < CAPS; cap++)
		if (!(B >> cap & 1))
			must(7, prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	must(8, prctl(PR_SET_SECUREBITS, hex(row->securebits), 0, 0, 0));
	if (row->nnp[0] == '1')
		must(9, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(10, set_caps(P, E, I));
}

static void sharer(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		for (;;)
			pause();
	must(11, shared->sharer = pid);
}

static const struct { const char *name; int option; } prctls[] = {
	{ "PR_CAP_AMBIENT", PR_CAP_AMBIENT }, { "PR_CAPBSET_DROP", PR_CAPBSET_DROP },
	{ "PR_CAPBSET_READ", PR_CAPBSET_READ }, { "PR_SET_KEEPCAPS", PR_SET_KEEPCAPS },
	{ "PR_SET_NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS }, { "PR_SET_SECUREBITS", PR_SET_SECUREBITS }, { 0 },
};

/* capget and capset0 put a version into the header. */
static long versioned(int number, const char *args, long *value)
{
	struct __user_cap_header_struct head = { strtoul(strstr(args, "ver=") + 4, 0, 16), atoi(strstr(args, "pid=") + 4) };
	struct __user_cap_data_struct data[2] = { 0 };
	long rc = syscall(number, &head, strstr(args, "NULL") ? 0 : data);

	*value = number == SYS_capget || rc < 0 ? (long)head.version : rc;
	return rc;
}

static long call(const char *text, long *value)
{
	unsigned long P, E, I;
	long v[5] = { 0 }, rc = -1;
	const char *args = strchr(text, '(') + 1;
	int at = 0;

	errno = 0;
	if (sscanf(text, "capset(P=%lx,E=%lx,I=%lx)", &P, &E, &I) == 3)
		return *value = set_caps(P, E, I);
	if (!strncmp(text, "capget(", 7))
		return versioned(SYS_capget, args, value);
	if (!strncmp(text, "capset0(", 8))
		return versioned(SYS_capset, args, value);
	for (const char *one = args; *one && *one != ')' && at < 5; one += *one == ',')
		v[at++] = strtol(one, (char **)&one, 0);
	if (!strncmp(text, "setuid(", 7))
		rc = syscall(SYS_setuid, (uid_t)v[0]);
	else if (!strncmp(text, "setreuid(", 9))
		rc = syscall(SYS_setreuid, (uid_t)v[0], (uid_t)v[1]);
	else if (!strncmp(text, "setresuid(", 10))
		rc = syscall(SYS_setresuid, (uid_t)v[0], (uid_t)v[1], (uid_t)v[2]);
	else if (!strncmp(text, "setfsuid(", 9))
		rc = syscall(SYS_setfsuid, (uid_t)v[0]);
	else
		for (int i = 0; prctls[i].name; i++) {
			size_t size = strlen(prctls[i].name);
			if (!strncmp(text, prctls[i].name, size) && text[size] == '(')
				rc = syscall(SYS_prctl, prctls[i].option, v[0], v[1], v[2], v[3]);
		}
	return *value = rc;
}

static void act(const struct row *row)
{
	become(row);
	if (row->kind[0] == 'c') {
		shared->rc = call(row->call, &shared->value);
		shared->error = errno;
		read_state(&shared->state);
		_exit(0);
	}
	if (row->shares[0] == '1')
		sharer();
	const char *path = row->nosuid[0] == '1' ? "/nosuid/program" : "/plain/program";
	char *argv[] = { "program", 0 }, *envp[] = { 0 };
	shared->rc = 0;
	execve(path, argv, envp);
	shared->rc = -1;
	shared->error = errno;
	_exit(0);
}

/* `v3:P=2000,I=0,E=1,root=1000`, or `-`. */
static void set_file_caps(const char *path, const char *text)
{
	unsigned long P, I;
	unsigned version, E, root;

	if (sscanf(text, "v%u:P=%lx,I=%lx,E=%u,root=%u", &version, &P, &I, &E, &root) != 5) {
		removexattr(path, "security.capability");
		return;
	}
	unsigned data[] = { version << 24 | E, P, I, P >> 32, I >> 32, root };
	if (setxattr(path, "security.capability", data, version == 3 ? 24 : 20, 0))
		shared->stage = 20;
}

static void make_program(const struct row *row)
{
	const char *path = row->nosuid[0] == '1' ? "/nosuid/program" : "/plain/program";
	unsigned uid, gid;

	sscanf(row->owner, "%u,%u", &uid, &gid);
	if (chown(path, uid, gid) || chmod(path, strtol(row->mode, 0, 8)))
		shared->stage = 21;
	set_file_caps(path, row->caps);
}

static void print_state(const struct state *s)
{
	say("\t%u,%u,%u,%u\t%u,%u,%u\t%lx\t%lx\t%lx\t%lx\t%lx\t%x\t%d\t%d\n", s->uid[0], s->uid[1], s->uid[2], s->uid[3],
	    s->gid[0], s->gid[1], s->gid[2], s->P, s->I, s->E, s->A, s->B, s->securebits, s->nnp, s->last);
}

static void play(const struct row *row)
{
	int isCall = row->kind[0] == 'c', status;
	pid_t pid;

	memset(shared, 0, sizeof *shared);
	if (!isCall)
		make_program(row);
	/* much quicker than fork, and the same to what is asked */
	pid = vfork();
	if (!pid)
		act(row);
	waitpid(pid, &status, 0);
	if (shared->sharer > 0) {
		kill(shared->sharer, SIGKILL);
		waitpid(shared->sharer, &status, 0);
	}
	if (shared->stage) {
		say("%s\tnot set up at step %d: %s\n", row->n, shared->stage, strerror(shared->error));
		return;
	}
	say("%s\t%s", row->n, shared->rc < 0 ? strerrorname_np(shared->error) : "OK");
	if (isCall)
		say("\t%ld", shared->value);
	if (isCall || shared->rc >= 0)
		print_state(&shared->state);
	else
		say("\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n");
}

/* The program that is executed finds the place for its state under this number. */
static void share(void)
{
	int memory = memfd_create("state", 0);

	ftruncate(memory, 4096);
	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	dup2(memory, STATE_FD);
	if (memory != STATE_FD)
		close(memory);
}

static void copy_program(const char *to)
{
	static char all[1 << 16];
	int from = open("/program", O_RDONLY), f = open(to, O_CREAT | O_WRONLY, 0755);
	ssize_t size = read(from, all, sizeof all);

	write(f, all, size);
	close(f);
	close(from);
}

static void prepare(void)
{
	mkdir("/plain", 0755);
	mkdir("/nosuid", 0755);
	mount("plain", "/plain", "tmpfs", 0, "mode=755");
	mount("nosuid", "/nosuid", "tmpfs", MS_NOSUID, "mode=755");
	copy_program("/plain/program");
	copy_program("/nosuid/program");
	iopl(3);
	share();
}

int main(void)
{
	static char line[1024];
	FILE *rows = fopen("/rows", "r");

	prepare();
	while (fgets(line, sizeof line, rows)) {
		char *rest = line, *cells[20] = { 0 };
		int at = 0;

		line[strcspn(line, "\n")] = 0;
		while (rest && at < 20)
			cells[at++] = strsep(&rest, "\t");
		struct row row = {
			cells[0], cells[1], cells[2], cells[3], { cells[4], cells[5], cells[6], cells[7], cells[8] }, cells[9], cells[10],
			cells[11], cells[11], cells[12], cells[13], cells[14], cells[15],
		};
		play(&row);
	}
	say("@end\n");
	syscall(SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc, 0);
	for (;;)
		pause();
}
