/* Plays the log of smack-transcript as process 1: reads /rows, prints `@` and each row with the answer of smackfs. */
#include "../common.h"

/* `%HH` is a byte; what it comes to, in place. */
static size_t bytes_of(char *text)
{
	char *to = text;

	for (char *from = text; *from; to++) {
		unsigned byte;

		if (*from == '%' && sscanf(from + 1, "%2X", &byte) == 1) {
			*to = byte;
			from += 3;
		} else
			*to = *from++;
	}
	return to - text;
}

/* What is there to read, new lines as `|`, without the NUL behind it. */
static void print_read(int file)
{
	static char all[1 << 16];
	ssize_t size = read_whole(file, all, sizeof all);

	if (size < 0) {
		printf("r:%s\n", strerrorname_np(errno));
		return;
	}
	putchar('=');
	for (ssize_t i = 0; i < size; i++)
		putchar(all[i] == '\n' ? '|' : all[i]);
	putchar('\n');
}

static void print_written(ssize_t written, ssize_t size)
{
	if (written < 0)
		printf("%s\n", strerrorname_np(errno));
	else if (written == size)
		printf("OK\n");
	else
		printf("OK(%zd)\n", written);
}

int main(void)
{
	static char line[1 << 16], payload[1 << 16];
	FILE *rows;

	mount_system();
	mount("smackfs", "/sys/fs/smackfs", "smackfs", 0, 0);
	put("/proc/sys/kernel/printk", "1");
	for (int i = 0; i < 3; i++)
		open("/dev/console", O_RDWR);
	rows = fopen("/rows", "r");
	while (fgets(line, sizeof line, rows)) {
		char *field[5], *rest = line, path[64];
		ssize_t size, written = 0;
		int file;

		line[strcspn(line, "\n")] = 0;
		for (int i = 0; i < 5; i++)
			field[i] = strsep(&rest, "\t");
		strcpy(payload, field[4]);
		size = bytes_of(payload);
		printf("@%s\t%s\t%s\t%s\t%s\t", field[0], field[1], field[2], field[3], field[4]);
		sprintf(path, "/sys/fs/smackfs/%s", field[3]);
		file = open(path, *field[2] == 'W' ? O_WRONLY : *field[2] == 'R' ? O_RDONLY : O_RDWR);
		if (file < 0) {
			printf("o:%s\n", strerrorname_np(errno));
			continue;
		}
		if (*field[2] != 'R')
			written = write(file, payload, size);
		if (*field[2] == 'W')
			print_written(written, size);
		else if (written < 0)
			printf("w:%s\n", strerrorname_np(errno));
		else
			print_read(file);
		close(file);
	}
	machine_ends();
}
