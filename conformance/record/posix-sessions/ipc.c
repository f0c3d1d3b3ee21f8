/* System V IPC: segments by handle, and what the *ctl calls tell. */
#include "runner.h"
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define CALL(name) static long do_##name(const struct callee *self, struct arg *args, int nargs)
#define UNUSED ((void)self, (void)args, (void)nargs)

static struct {
	char *addr;
	int read_only;
} attached[1000];
static int attaches;

CALL(get)
{
	UNUSED;
	return RC(syscall(self->nr, args[0].num, args[1].num, args[2].num));
}

CALL(shmat)
{
	UNUSED;
	long addr = syscall(SYS_shmat, args[0].num, 0, args[1].num);
	if (addr < 0 && addr > -4096)
		return -errno;
	attached[++attaches].addr = (char *)addr;
	attached[attaches].read_only = !!(args[1].num & SHM_RDONLY);
	return attaches;
}

static int is_attached(long handle) { return handle >= 1 && handle <= attaches && attached[handle].addr; }

CALL(shmdt)
{
	UNUSED;
	if (!is_attached(args[0].num))
		return -EINVAL;
	char *addr = attached[args[0].num].addr;
	attached[args[0].num].addr = 0;
	return RC(syscall(SYS_shmdt, addr));
}

CALL(shmpeek)
{
	UNUSED;
	if (!is_attached(args[0].num))
		return -EINVAL;
	put_data(attached[args[0].num].addr + args[1].num, args[2].num);
	return 0;
}

CALL(shmpoke)
{
	UNUSED;
	if (!is_attached(args[0].num))
		return -EINVAL;
	if (attached[args[0].num].read_only)
		return -EACCES;
	memcpy(attached[args[0].num].addr + args[1].num, args[2].text, args[2].len);
	return 0;
}

static void put_perm(struct ipc_perm *perm)
{
	put("{\"key\":%d,\"uid\":%u,\"gid\":%u,\"cuid\":%u,\"cgid\":%u,\"mode\":\"%o\"", perm->__key, perm->uid, perm->gid,
	    perm->cuid, perm->cgid, perm->mode & 07777);
}

/* A struct to set is a list of uid, gid, mode and, for a queue, qbytes. */
static void set_perm(struct ipc_perm *perm, struct arg *list)
{
	perm->uid = list[1].num;
	perm->gid = list[2].num;
	perm->mode = list[3].num;
}

CALL(shmctl)
{
	UNUSED;
	struct shmid_ds buf = { 0 };
	if (args[1].num == IPC_SET)
		set_perm(&buf.shm_perm, &args[2]);
	long rc = RC(syscall(SYS_shmctl, args[0].num, args[1].num, &buf));
	if (rc >= 0 && args[1].num == IPC_STAT) {
		put_perm(&buf.shm_perm);
		put(",\"size\":%ld,\"nattch\":%ld}", (long)buf.shm_segsz, (long)buf.shm_nattch);
	}
	return rc;
}

CALL(msgctl)
{
	UNUSED;
	struct msqid_ds buf = { 0 };
	if (args[1].num == IPC_SET) {
		set_perm(&buf.msg_perm, &args[2]);
		buf.msg_qbytes = args[6].num;
	}
	long rc = RC(syscall(SYS_msgctl, args[0].num, args[1].num, &buf));
	if (rc >= 0 && args[1].num == IPC_STAT) {
		put_perm(&buf.msg_perm);
		put(",\"cbytes\":%ld,\"qnum\":%ld,\"qbytes\":%ld}", (long)buf.__msg_cbytes, (long)buf.msg_qnum,
		    (long)buf.msg_qbytes);
	}
	return rc;
}

CALL(semop)
{
	UNUSED;
	struct sembuf ops[16];
	for (int i = 0; i < args[1].num; i++)
		ops[i] = (struct sembuf){ args[3 + 4 * i].num, args[4 + 4 * i].num, args[5 + 4 * i].num };
	return RC(syscall(SYS_semop, args[0].num, ops, args[1].num));
}

CALL(semctl)
{
	UNUSED;
	long command = args[2].num;
	unsigned short all[64] = { 0 };
	struct semid_ds buf = { 0 };
	void *arg = (void *)args[3].num;
	if (command == SETALL) {
		for (int i = 0; i < args[3].num; i++)
			all[i] = args[4 + i].num;
		arg = all;
	} else if (command == GETALL)
		arg = all;
	else if (command == IPC_SET || command == IPC_STAT) {
		if (command == IPC_SET)
			set_perm(&buf.sem_perm, &args[3]);
		arg = &buf;
	}
	long rc = RC(syscall(SYS_semctl, args[0].num, args[1].num, command, arg));
	if (rc >= 0 && command == GETALL)
		put("[%d,%d,%d,%d,%d,%d,%d,%d]", all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]);
	if (rc >= 0 && command == IPC_STAT) {
		put_perm(&buf.sem_perm);
		put(",\"nsems\":%ld}", (long)buf.sem_nsems);
	}
	return rc;
}

static struct {
	long type;
	char text[1 << 20];
} message;

CALL(msgsnd)
{
	UNUSED;
	message.type = args[1].num;
	memcpy(message.text, args[2].text, args[2].len);
	return RC(syscall(SYS_msgsnd, args[0].num, &message, args[2].len, args[3].num));
}

CALL(msgrcv)
{
	UNUSED;
	long n = RC(syscall(SYS_msgrcv, args[0].num, &message, args[1].num, args[2].num, args[3].num));
	if (n >= 0) {
		put("[%ld,", message.type);
		put_data(message.text, n);
		put("]");
	}
	return n;
}

#define ONE(name, run) { #name, do_##run, SYS_##name, 0 },
const struct callee ipc_calls[] = {
	ONE(shmget, get) ONE(semget, get) ONE(msgget, get) ONE(shmat, shmat) ONE(shmdt, shmdt) ONE(shmctl, shmctl)
	ONE(msgctl, msgctl) ONE(semop, semop) ONE(semctl, semctl) ONE(msgsnd, msgsnd) ONE(msgrcv, msgrcv)
	{ "shmpeek", do_shmpeek, 0, 0 }, { "shmpoke", do_shmpoke, 0, 0 },
	{ 0 },
};
