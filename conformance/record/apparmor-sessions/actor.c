/* An actor: takes operations from its pipe, plays them, answers. It goes on as the program that it executes. */
#include "player.h"
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>

char *arg[ARGS];
size_t arg_size[ARGS];
int args;
char *blob;
size_t blob_size;
char result[70000];
int slots[SLOTS];
int self;
pid_t pids[ACTORS], new_pid;

long num(int at)
{
	return at < args ? strtol(arg[at], NULL, 0) : 0;
}

int slot(int at)
{
	return at < args ? slots[num(at) % SLOTS] : -1;
}

long keep(int at, long fd)
{
	if (fd < 0)
		return -1;
	int *kept = &slots[num(at) % SLOTS];
	if (*kept >= 0)
		close(*kept);
	*kept = fd;
	return 0;
}

pid_t pid_of(int at)
{
	return at < args ? pids[num(at) % ACTORS] : 0;
}

long show(const void *bytes, long size)
{
	if (size < 0)
		return -1;
	percent_text(result, bytes, size, 1);
	return 0;
}

long closing(int fd, long rc)
{
	int error = errno;

	close(fd);
	errno = error;
	return rc;
}

const char *kind_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return "none";
	switch (st.st_mode & S_IFMT) {
	case S_IFCHR: return "chr";
	case S_IFSOCK: return "sock";
	case S_IFREG: return "file";
	case S_IFDIR: return "dir";
	case S_IFIFO: return "fifo";
	}
	return "other";
}

/* The program that is executed gets all that an actor knows as arguments. */
static char **arguments(char *path, int added)
{
	static char number[12], kept[SLOTS][12], *all[SLOTS + 6];
	int n = 0;

	all[n++] = path;
	all[n++] = "actor";
	sprintf(number, "%d", self);
	all[n++] = number;
	all[n++] = added ? "1" : "0";
	for (int i = 0; i < SLOTS; i++) {
		sprintf(kept[i], "%d", slots[i]);
		all[n++] = kept[i];
	}
	return all;
}

static char *environment[] = { "LD_PRELOAD=x", "TMPDIR=/t", "X=1", NULL };

/*
 * The C library opens /dev/null for descriptors 0 to 2 that are closed where AT_SECURE is set. A copy of 1 keeps it from
 * that; the program closes it again.
 */
static long execute(int at, char *path, char *name, int flags)
{
	int added = fcntl(2, F_GETFD) < 0 && dup2(1, 2) == 2;
	char **words = arguments(name, added);
	long rc = flags ? syscall(SYS_execveat, at, path, words, environment, flags)
			: at == AT_FDCWD ? execve(path, words, environment)
					 : syscall(SYS_execveat, AT_FDCWD, path, words, environment, 0);

	return added ? closing(2, rc) : rc;
}

static long play_exec(void)
{
	return execute(AT_FDCWD, arg[0], arg[0], 0);
}

static long play_execat(void)
{
	return execute(-1, arg[0], arg[0], 0);
}

static long play_execfd(void)
{
	return execute(slot(0), "", "x", AT_EMPTY_PATH);
}

static const struct operation exec_operations[] = {
	{ "exec", play_exec }, { "execat", play_execat }, { "execfd", play_execfd }, { 0 },
};

static const struct operation *find(const char *name)
{
	static const struct operation *const tables[] = {
		file_operations, task_operations, system_operations, exec_operations,
	};

	for (int i = 0; i < 4; i++)
		for (const struct operation *one = tables[i]; one->name; one++)
			if (!strcmp(one->name, name))
				return one;
	return NULL;
}

/* `%` alone is an empty word. */
static const struct operation *read_words(char *line)
{
	char *save, *name = strtok_r(line, " ", &save);

	args = 0;
	for (char *word; args < ARGS && (word = strtok_r(NULL, " ", &save)); args++) {
		if (!strcmp(word, "%"))
			*word = 0;
		arg[args] = word;
		arg_size[args] = percent_bytes(word);
	}
	return name ? find(name) : NULL;
}

static void answer(int error)
{
	static char text[sizeof result + 64];
	/* a failed call has a result only where it says how far it came */
	int says = !error || !strcmp(result, "open") || !strcmp(result, "mmap") || !strncmp(result, "size=", 5) ||
		   !strncmp(result, "len=", 4);
	int n = sprintf(text, "%d\t%s\t%s\n", new_pid, errno_text(error), says ? result : "");

	if (write(REPLIES_END(self), text, n) < 0)
		_exit(1);
}

static size_t read_whole(void *to, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size && (n = read(COMMANDS(self), (char *)to + have, size - have)) > 0)
		have += n;
	return have;
}

void serve(void)
{
	struct command command;

	while (read_whole(&command, sizeof command) == sizeof command) {
		char *line = malloc(command.line + 1);
		blob = malloc(blob_size = command.blob);
		read_whole(line, command.line);
		read_whole(blob, command.blob);
		line[command.line] = 0;
		memcpy(pids, command.pids, sizeof pids);
		result[0] = 0;
		new_pid = 0;
		const struct operation *operation = read_words(line);
		errno = 0;
		long rc = operation ? operation->play() : (errno = ENOSYS, -1);
		answer(rc < 0 ? errno : 0);
		free(line);
		free(blob);
	}
	_exit(0);
}

/* The program that an actor has executed. */
void go_on(char **words, int secure)
{
	extern char **environ;
	char *to = result;

	self = atoi(words[0]);
	for (int i = 0; i < SLOTS; i++)
		slots[i] = atoi(words[i + 2]);
	if (words[1][0] == '1')
		close(2);
	to += sprintf(to, "secure=%d env=", secure);
	for (char **one = environ; *one; one++)
		to += sprintf(to, "%.2s,", *one);
	sprintf(to, " euid=%d", geteuid());
	answer(0);
	serve();
}
