/* Plays sessions under AppArmor: what the parts of the player share. */
#ifndef PLAYER_H
#define PLAYER_H
#include "guest.h"
#include <sys/syscall.h>

#define ACTORS 8
#define SLOTS 32
#define ARGS 12
#define PROGRAM "/t/bin/.prog"

/* The operation that is played: its words, decoded, and the policy that load and replace write. */
extern char *arg[ARGS];
extern size_t arg_size[ARGS];
extern int args;
extern char *blob;
extern size_t blob_size;
/* What it returns besides errno, as it is printed. */
extern char result[70000];
extern int slots[SLOTS];
extern int self;

/* The process of each actor; with every operation comes what the controller knows. */
extern pid_t pids[ACTORS];
/* The process that an operation made, for the controller. */
extern pid_t new_pid;

/* In front of an operation: its line and the policy follow. */
struct command {
	unsigned line, blob;
	pid_t pids[ACTORS];
};

/* Descriptors that every actor has. */
#define COMMANDS(actor) (900 + 4 * (actor))
#define COMMANDS_END(actor) (901 + 4 * (actor))
#define REPLIES(actor) (902 + 4 * (actor))
#define REPLIES_END(actor) (903 + 4 * (actor))
#define PAIR_END 950
#define PAIR 951

/* Answers 0 or more, or -1 with errno. */
struct operation {
	const char *name;
	long (*play)(void);
};
extern const struct operation file_operations[], task_operations[], system_operations[];

long num(int at);
int slot(int at);
long keep(int at, long fd);
pid_t pid_of(int at);
long show(const void *bytes, long size);
/* Closes a descriptor and keeps errno. */
long closing(int fd, long rc);
const char *kind_of(int fd);
void serve(void) __attribute__((noreturn));

#endif
