/*
 * Asks AppArmor's file `.access`. Lines of /script/questions: `load FILE` takes all policy away and loads a binary,
 * `owner TEXT` and `other TEXT` write the text as user 0 and 1000. Prints a line for each.
 */
#include "guest.h"
#include <sys/fsuid.h>

static FILE *out;

static void load(const char *name)
{
	char path[300];
	size_t size;

	remove_policy();
	snprintf(path, sizeof path, "/script/%s", name);
	char *binary = read_file(path, &size);
	fprintf(out, "%s\n", errno_text(binary ? write_file(POLICY ".load", binary, size) : errno));
	free(binary);
}

static int answers_numbers(char *text, unsigned *numbers)
{
	return sscanf(text, "allow %x\ndeny %x\naudit %x\nquiet %x", numbers, numbers + 1, numbers + 2, numbers + 3) == 4;
}

static void ask(int uid, char *text)
{
	static char answer[8192], shown[3 * sizeof answer + 1];
	unsigned numbers[4];
	size_t size = percent_bytes(text);
	int file = open(POLICY ".access", O_RDWR | O_CLOEXEC);

	setfsuid(uid);
	ssize_t n = write(file, text, size);
	setfsuid(0);
	if (n >= 0)
		n = read(file, answer, sizeof answer - 1);
	int error = n < 0 ? errno : 0;
	close(file);
	answer[n < 0 ? 0 : n] = 0;
	if (error)
		fprintf(out, "%s\n", errno_text(error));
	else if (answers_numbers(answer, numbers))
		fprintf(out, "%x %x %x %x\n", numbers[0], numbers[1], numbers[2], numbers[3]);
	else {
		percent_text(shown, answer, n, 0);
		fprintf(out, "data %s\n", shown);
	}
}

int main(void)
{
	static char line[65536];
	FILE *questions;

	out = begin_machine();
	questions = fopen("/script/questions", "re");
	while (questions && fgets(line, sizeof line, questions)) {
		line[strcspn(line, "\n")] = 0;
		char *rest = strchr(line, ' ');
		if (!rest)
			continue;
		*rest++ = 0;
		if (!strcmp(line, "load"))
			load(rest);
		else
			ask(strcmp(line, "owner") ? 1000 : 0, rest);
	}
	end_machine(out);
}
