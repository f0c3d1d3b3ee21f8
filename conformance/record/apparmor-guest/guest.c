/* The virtual machine: mounts, the way out, files. */
#include "guest.h"
#include <dirent.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/reboot.h>

#define DEBUG_PORT 0xe9

static pid_t printer;

/* One instruction hands a whole buffer to the host. */
static void print_to_port(int from)
{
	static char buffer[1024];
	ssize_t n;

	if (iopl(3))
		_exit(1);
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		outsb(DEBUG_PORT, buffer, n);
	_exit(0);
}

FILE *begin_machine(void)
{
	int ends[2];

	for (char **dir = (char *[]){ "/proc", "/sys", "/dev", "/t", "/tmp", 0 }; *dir; dir++)
		mkdir(*dir, 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mkdir("/dev/mqueue", 0777);
	mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL);
	/* there may be no console that has descriptors 0 to 2 */
	while ((ends[0] = open("/dev/null", O_RDWR)) < 3)
		;
	close(ends[0]);
	if (pipe2(ends, O_CLOEXEC))
		exit(1);
	printer = fork();
	if (!printer) {
		close(ends[1]);
		print_to_port(ends[0]);
	}
	close(ends[0]);
	return fdopen(ends[1], "w");
}

void end_machine(FILE *out)
{
	fprintf(out, "end\n");
	fclose(out);
	waitpid(printer, NULL, 0);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, 0);
	for (;;)
		pause();
}

size_t percent_bytes(char *text)
{
	char *out = text, *in = text;

	for (unsigned byte; *in; out++)
		if (*in == '%' && sscanf(in + 1, "%2x", &byte) == 1) {
			*out = byte;
			in += 3;
		} else
			*out = *in++;
	*out = 0;
	return out - text;
}

size_t percent_text(char *out, const void *bytes, size_t size, int keeps_blanks)
{
	const unsigned char *in = bytes;
	char *to = out;

	for (size_t i = 0; i < size; i++)
		if ((in[i] > 0x20 && in[i] < 0x7f && in[i] != '%') || (in[i] == ' ' && keeps_blanks))
			*to++ = in[i];
		else
			to += sprintf(to, "%%%02X", in[i]);
	*to = 0;
	return to - out;
}

void print_text(FILE *out, const char *bytes, size_t size)
{
	char *shown = malloc(3 * size + 1);

	percent_text(shown, bytes, size, 1);
	fprintf(out, "\t%s", shown);
	free(shown);
}

const char *errno_text(int error)
{
	const char *name = error == EOPNOTSUPP ? "EOPNOTSUPP" : strerrorname_np(error);

	return error == 0 ? "OK" : name ? name : "E?";
}

char *read_file(const char *path, size_t *size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	size_t room = 65536;
	char *all = malloc(room + 1);
	ssize_t n;

	*size = 0;
	if (file < 0)
		return free(all), NULL;
	while ((n = read(file, all + *size, room - *size)) > 0) {
		*size += n;
		if (*size == room)
			all = realloc(all, (room *= 2) + 1);
	}
	close(file);
	all[*size] = 0;
	return all;
}

int write_file(const char *path, const void *bytes, size_t size)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return errno;
	int error = write(file, bytes, size) < 0 ? errno : 0;
	close(file);
	return error;
}

/* Works for every name, and takes all profiles of the namespace along. */
static void remove_namespaces(void)
{
	DIR *dir = opendir(POLICY "policy/namespaces");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	if (dir)
		closedir(dir);
}

/* A parent takes its children along. A profile with an odd name (`:`, ` x`) cannot be removed. */
int remove_policy(void)
{
	remove_namespaces();
	size_t size;
	char *all = read_file(POLICY "profiles", &size), *save, *end;

	for (char *line = all ? strtok_r(all, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		if ((end = strrchr(line, '(')) && end > line)
			end[-1] = 0;
		write_file(POLICY ".remove", line, strlen(line));
	}
	free(all);
	free(read_file(POLICY "profiles", &size));
	return size == 0;
}

/* The kernel gives words that it does not know to process 1. */
int first_session(void)
{
	const char *from = getenv("from");

	return from ? atoi(from) : 0;
}
