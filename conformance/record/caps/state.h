/* The privileges of a process, and how it reads its own. Needs no C library. */
#include <linux/capability.h>
#include <linux/prctl.h>
#include <sys/syscall.h>

/* Where a program that is executed leaves its state. */
#define STATE_FD 9
#define OFFSET_OF_STATE 24
#define LAST_CAP 40

/* `last`: AT_SECURE of a program that was executed, and whether a process that made a call keeps its capabilities. */
struct state {
	unsigned uid[4], gid[3], securebits;
	unsigned long P, I, E, A, B;
	int nnp, last;
};

static inline long raw(long number, long a, long b, long c, long d, long e)
{
	long rc;
	register long r10 asm("r10") = d, r8 asm("r8") = e;

	asm volatile("syscall" : "=a"(rc) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
	return rc;
}

static inline void read_state(struct state *state)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	raw(SYS_getresuid, (long)&state->uid[0], (long)&state->uid[1], (long)&state->uid[2], 0, 0);
	raw(SYS_getresgid, (long)&state->gid[0], (long)&state->gid[1], (long)&state->gid[2], 0, 0);
	state->uid[3] = raw(SYS_setfsuid, -1, 0, 0, 0, 0);
	raw(SYS_capget, (long)&head, (long)data, 0, 0, 0);
	state->P = data[0].permitted | (unsigned long)data[1].permitted << 32;
	state->I = data[0].inheritable | (unsigned long)data[1].inheritable << 32;
	state->E = data[0].effective | (unsigned long)data[1].effective << 32;
	state->A = state->B = 0;
	for (int cap = 0; cap <= LAST_CAP; cap++) {
		/* no capability is ambient that is not inheritable and permitted */
		if (state->I >> cap & state->P >> cap & 1)
			state->A |= (unsigned long)raw(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) << cap;
		state->B |= (unsigned long)raw(SYS_prctl, PR_CAPBSET_READ, cap, 0, 0, 0) << cap;
	}
	state->securebits = raw(SYS_prctl, PR_GET_SECUREBITS, 0, 0, 0, 0);
	state->nnp = raw(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	state->last = raw(SYS_prctl, PR_GET_KEEPCAPS, 0, 0, 0, 0);
}
