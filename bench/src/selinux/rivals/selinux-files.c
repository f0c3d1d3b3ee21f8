/*
 * libselinux's look-up of file contexts.
 *
 *   selinux-files FILE_CONTEXTS PATHS
 */
#include <selinux/label.h>
#include <selinux/selinux.h>
#include "pass.h"

static struct selabel_handle *handle;
static char **paths;
static size_t count;

static uint32_t sum(void)
{
	uint32_t total = 2166136261u;

	for (size_t i = 0; i < count; i++) {
		char *context = NULL;

		if (selabel_lookup_raw(handle, &context, paths[i], 0)) {
			total = mix(total, '!');
			continue;
		}
		for (char *c = context; *c; c++)
			total = mix(total, (unsigned char)*c);
		freecon(context);
	}
	return total;
}

static double pass(void)
{
	uint64_t start = now_ns();

	for (size_t i = 0; i < count; i++) {
		char *context = NULL;

		if (!selabel_lookup_raw(handle, &context, paths[i], 0))
			freecon(context);
	}
	return (double)(now_ns() - start) / (double)count;
}

int main(int argc, char **argv)
{
	struct selinux_opt options[] = { { SELABEL_OPT_PATH, argc > 1 ? argv[1] : NULL } };
	size_t size, room = 0;
	char *text;

	if (argc < 3)
		return 2;
	handle = selabel_open(SELABEL_CTX_FILE, options, 1);
	if (!handle) {
		perror(argv[1]);
		return 1;
	}
	text = read_all(argv[2], &size);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (count == room) {
			room = room ? 2 * room : 1024;
			paths = realloc(paths, room * sizeof(*paths));
		}
		paths[count++] = line;
	}
	answer_parent(pass, sum);
	return 0;
}
