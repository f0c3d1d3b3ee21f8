/*
 * Says as process 1 what lsm-order compares, one `@name<TAB>text` each, and plays /rows, the rows of lsm-syscalls of this
 * boot: each by a task of its own, printed as `@row` with return, errno, size and buffer behind it.
 */
#include "../common.h"

#define CTX 32

/* Text as a shell shows it: without NULs, and without white space at its end. */
static void print_text(const char *text, ssize_t size)
{
	while (size > 0 && (!text[size - 1] || strchr(" \n", text[size - 1])))
		size--;
	for (ssize_t i = 0; i < size; i++)
		if (text[i])
			putchar(text[i] == '\n' ? '|' : text[i]);
}

static void tell_file(const char *name, const char *path, int is_attribute)
{
	int file = open(path, O_RDONLY);
	ssize_t n = file < 0 ? -1 : read(file, buf, sizeof buf - 1);

	printf("@%s\t", name);
	if (n < 0)
		printf("%s\n", strerrorname_np(errno));
	else {
		if (is_attribute)
			putchar('=');
		print_text(buf, n);
		putchar('\n');
	}
	close(file);
}

static void tell_ids(void)
{
	uint64_t ids[64];
	uint32_t size = sizeof ids;
	long count = syscall(461, ids, &size, 0);

	printf("@ids\t");
	for (long i = 0; i < count; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)ids[i]);
	putchar('\n');
}

/* The log of what has to do with modules. */
static void tell_log(void)
{
	static char log[1 << 20];
	int size = syscall(SYS_syslog, 3, log, sizeof log - 1);

	log[size < 0 ? 0 : size] = 0;
	for (char *rest = log, *line; (line = strsep(&rest, "\n"));) {
		char *text = strstr(line, "LSM: ");

		if (text)
			printf("@log\t%s\n", text);
	}
}

/* `name=value` of a row: the value's place, or NULL. A name may end with `+`; a label stands between quotes. */
static char *value_of(char *arguments, const char *name)
{
	size_t length = strlen(name);

	for (char *at = arguments; at;) {
		if (!strncmp(at, name, length)) {
			if (name[length - 1] == '+' || at[length] == '=')
				return at + length + (name[length - 1] == '+' ? 0 : 1);
			if (!at[length] || at[length] == ',')
				return at + length;
		}
		if (!strncmp(at, "label='", 7))
			at = strchr(at + 7, '\'');
		at = strchr(at, ',');
		if (at)
			at++;
	}
	return NULL;
}
static long number_of(char *arguments, const char *name, long otherwise)
{
	char *value = value_of(arguments, name);

	return value ? strtol(value, NULL, 0) : otherwise;
}

static void answer_with(long rc, uint32_t size, const unsigned char *bytes)
{
	printf("%ld\t%s\t%u\t", rc < 0 ? -1 : rc, rc < 0 ? strerrorname_np(errno) : "OK", size);
	if (rc < 0 || !bytes || !size)
		putchar('-');
	for (uint32_t i = 0; rc >= 0 && bytes && i < size; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

static void list_or_get(const char *call, char *arguments)
{
	static unsigned char bytes[1 << 16];
	char *given = value_of(arguments, "size"), *context = value_of(arguments, "ctx");
	int has_size = !given || strncmp(given, "NULL", 4), has_bytes = !context || strncmp(context, "NULL", 4);
	uint32_t size = has_size && given ? strtoul(given, NULL, 0) : 0;
	uint64_t id = number_of(arguments, "ctx.id", 0);
	long flags = number_of(arguments, "flags", 0), rc;

	memcpy(bytes, &id, 8);
	if (!strcmp(call, "list"))
		rc = syscall(461, bytes, has_size ? &size : NULL, flags);
	else
		rc = syscall(459, number_of(arguments, "attr", 0), has_bytes ? bytes : NULL, has_size ? &size : NULL, flags);
	answer_with(rc, has_size ? size : 0, has_bytes ? bytes : NULL);
}

static void set(char *arguments)
{
	static unsigned char bytes[1 << 16];
	char *label = value_of(arguments, "label") + 1, *end = strchr(label, '\''), *context = value_of(arguments, "ctx");
	uint64_t length = end - label + !value_of(arguments, "plain"), whole = (CTX + length + 7) & ~7ul;
	uint64_t head[4] = { number_of(arguments, "ctx.id", 0), number_of(arguments, "ctx.flags", 0), whole, length };
	char *given = value_of(arguments, "ctx_len");
	int bad = context && !strncmp(context, "badptr", 6);
	uint32_t size;
	long rc;

	head[2] = number_of(arguments, "len", whole);
	if (given)
		head[3] = 0xfffffffffffffff0;
	head[3] += number_of(arguments, "ctx_len+", 0);
	memcpy(bytes, head, CTX);
	memcpy(bytes + CTX, label, end - label);
	size = number_of(arguments, "size", whole + number_of(arguments, "size+", 0));
	rc = syscall(460, number_of(arguments, "attr", 0), bad ? (void *)8 : bytes, size, number_of(arguments, "flags", 0));
	answer_with(rc, 0, NULL);
}

static void play_rows(FILE *rows)
{
	static char line[4096];

	while (fgets(line, sizeof line, rows)) {
		char *rest = line, *number, *call;
		pid_t pid;

		line[strcspn(line, "\n")] = 0;
		number = strsep(&rest, "\t");
		strsep(&rest, "\t");
		call = strsep(&rest, "\t");
		pid = fork();
		if (!pid) {
			printf("@row\t%s\t", number);
			if (!strcmp(call, "set"))
				set(rest);
			else
				list_or_get(call, rest);
			fflush(stdout);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

int main(void)
{
	FILE *rows;

	mount_system();
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, 0);
	dup2(open("/dev/ttyS1", O_RDWR), 1);
	tell_file("lsm", "/sys/kernel/security/lsm", 0);
	tell_ids();
	tell_log();
	tell_file("current", "/proc/self/attr/current", 1);
	tell_file("smack", "/proc/self/attr/smack/current", 1);
	tell_file("apparmor", "/proc/self/attr/apparmor/current", 1);
	fflush(stdout);
	rows = fopen("/rows", "r");
	if (rows)
		play_rows(rows);
	machine_ends();
}
