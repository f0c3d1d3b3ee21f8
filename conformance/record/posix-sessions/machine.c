/*
 * The first process of a virtual machine: mounts what sessions need, sets what stands in /sysctl (`PATH VALUE` a line),
 * runs the runner, and hands its answers to QEMU's debug port. `@end` is the last line.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEBUG_PORT 0xe9

static void set_all(void)
{
	char path[256], value[256];
	FILE *settings = fopen("/sysctl", "r");

	while (fscanf(settings, "%255s %255[^\n]", path, value) == 2) {
		int file = open(path, O_WRONLY);
		if (file < 0 || write(file, value, strlen(value)) < 0)
			printf("cannot set %s\n", path);
		close(file);
	}
	fclose(settings);
}

int main(void)
{
	static char buffer[4096];
	char *argv[] = { "/runner", "/sessions", "/report", "/answers", 0 };
	ssize_t n;

	for (char **dir = (char *[]){ "/proc", "/sys", "/dev", "/mnt", "/tmp", 0 }; *dir; dir++)
		mkdir(*dir, 0755);
	mount("proc", "/proc", "proc", 0, 0);
	mount("sysfs", "/sys", "sysfs", 0, 0);
	mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
	set_all();
	if (fork() == 0) {
		execv(argv[0], argv);
		_exit(1);
	}
	wait(0);
	int answers = open("/answers", O_RDONLY);
	if (iopl(3))
		return 1;
	while ((n = read(answers, buffer, sizeof buffer)) > 0)
		outsb(DEBUG_PORT, buffer, n);
	outsb(DEBUG_PORT, "@end\n", 5);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
