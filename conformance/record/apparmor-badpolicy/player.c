/*
 * Writes policy binaries to AppArmor's files. Lines of /script/writes: `session`, which takes all policy away, and
 * `FILE SIZE`: the next SIZE bytes of /script/bytes go to .load or .replace. Prints the number of each session, and
 * errno, the file `profiles` and the records of each write, with tabs between. Ends where a name cannot be removed.
 */
#include "guest.h"
#include <sys/prctl.h>

static FILE *out;

static void print_record(const char *text, size_t size, void *of)
{
	(void)of;
	/* the kernel ends a text with a NUL */
	print_text(out, text, strnlen(text, size));
}

static void skip_record(const char *text, size_t size, void *of)
{
	(void)text, (void)size, (void)of;
}

int main(void)
{
	static char line[256], file[64], path[128];
	FILE *writes, *all;
	size_t size;
	int session = -1, from = first_session();

	out = begin_machine();
	open_records();
	prctl(PR_SET_NAME, "actor");
	writes = fopen("/script/writes", "re");
	all = fopen("/script/bytes", "re");
	while (writes && all && fgets(line, sizeof line, writes)) {
		if (sscanf(line, "%63s %zu", file, &size) < 2) {
			if (++session < from)
				continue;
			if (!remove_policy())
				end_machine(out);
			read_records(skip_record, NULL);
			fprintf(out, "session %d\n", session);
			continue;
		}
		char *bytes = malloc(size + 1);
		fread(bytes, 1, size, all);
		if (session < from) {
			free(bytes);
			continue;
		}
		snprintf(path, sizeof path, POLICY "%s", file);
		fprintf(out, "%s", errno_text(write_file(path, bytes, size)));
		free(bytes);
		char *profiles = read_file(POLICY "profiles", &size);
		print_text(out, profiles, size);
		free(profiles);
		read_records(print_record, NULL);
		fprintf(out, "\n");
		fflush(out);
	}
	end_machine(out);
}
