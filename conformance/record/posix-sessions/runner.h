/* Plays recorded sessions on a real kernel: what the parts share. */
#ifndef RUNNER_H
#define RUNNER_H
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* i number, s bytes, z null, l list: its elements follow */
struct arg {
	char type;
	long num;
	char *text;
	long len;
};

struct call {
	int actor;
	const struct callee *callee;
	struct arg args[48];
	int nargs;
};

/* Answers a result or -errno, and prints what is seen beside it with put*(). */
struct callee {
	const char *name;
	long (*run)(const struct callee *self, struct arg *args, int nargs);
	long nr;
	const char *kinds;
};

/* Pages that all processes of a session share. */
struct shared {
	volatile int turn[8];  /* a call waits for this actor */
	volatile int done;
	volatile int call;
	volatile int report;   /* a process that has stopped in the report program */
	volatile int reported; /* it was described and killed */
	dev_t root_dev;
	int inodes;
	ino_t inode[65536];
	long out_len;
	char out[1 << 22];
};
extern struct shared *shared;
extern char *report_program;
extern long report_size;

void put(const char *format, ...);
void put_bytes(const char *text, long len);
void put_data(const char *data, long len);
const char *errno_name(int err);
struct stat;
void put_stat_of(struct stat *st);
long list_dir(int fd);
void put_final(void);
void put_report(int pid);

long raw(const struct callee *self, struct arg *args, int nargs);
const struct callee *find_callee(const char *name);
extern const struct callee file_calls[], task_calls[], ipc_calls[], exec_calls[];

void wait_word(volatile int *word, int until);
void wake_word(volatile int *word, int value);

#define RC(expression) ({ long rc_ = (expression); rc_ < 0 ? -(long)errno : rc_; })
extern char buffer[1 << 21];
#endif
