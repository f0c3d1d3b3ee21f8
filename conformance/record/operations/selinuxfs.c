/*
 * Plays the log of selinux-transcript as process 1: reads /rows, the rows of one policy, loads that from /POLICY, and
 * prints `@` and each row with the answer of selinuxfs.
 */
#include "../common.h"

static char all[16 << 20];

/* What is there to read, without the NUL behind it. */
static void print_read(int file)
{
	ssize_t size = read_whole(file, all, sizeof all);

	if (size < 0) {
		printf("%s\n", strerrorname_np(errno));
		return;
	}
	putchar('=');
	fwrite(all, 1, size, stdout);
	putchar('\n');
}

static void load(int node, const char *policy)
{
	char path[128];
	int file;
	ssize_t size = 0, n, written;

	sprintf(path, "/%s", policy);
	file = open(path, O_RDONLY);
	while ((n = read(file, all + size, sizeof all - size)) > 0)
		size += n;
	close(file);
	written = write(node, all, size);
	printf("%s %zd\n", written == size ? "OK" : strerrorname_np(errno), size);
}

static void answer_row(char op, const char *policy, const char *name, const char *payload)
{
	char path[256];
	int node;
	ssize_t written;

	sprintf(path, "/sys/fs/selinux/%s", name);
	node = open(path, op == 'R' ? O_RDONLY : op == 'T' ? O_RDWR : O_WRONLY);
	if (node < 0) {
		printf("%s\n", strerrorname_np(errno));
		return;
	}
	if (op == 'L')
		load(node, policy);
	else if (op == 'R')
		print_read(node);
	else {
		written = write(node, payload, strlen(payload));
		if (op == 'W')
			printf("%s\n", written < 0 ? strerrorname_np(errno) : "OK");
		else if (written < 0)
			printf("w:%s\n", strerrorname_np(errno));
		else
			print_read(node);
	}
	close(node);
}

int main(void)
{
	static char line[1 << 16];
	FILE *rows;

	mount_system();
	mount("selinuxfs", "/sys/fs/selinux", "selinuxfs", 0, 0);
	dup2(open("/dev/ttyS1", O_RDWR), 1);
	rows = fopen("/rows", "r");
	while (fgets(line, sizeof line, rows)) {
		char *field[6], *rest = line;

		line[strcspn(line, "\n")] = 0;
		for (int i = 0; i < 6; i++)
			field[i] = strsep(&rest, "\t");
		printf("@%s\t%s\t%s\t%s\t%s\t%s\t", field[0], field[1], field[2], field[3], field[4], field[5]);
		answer_row(*field[3], field[1], field[4], field[5]);
	}
	machine_ends();
}
