/*
 * Loads LSM programs of two instructions (`r0 = N; exit`) as process 1 of a virtual machine. Without /rows: on every
 * function `bpf_lsm_*` that the kernel has types for, each constant, sleepable and not, and attaches those that return
 * 0. With /rows, lines `HOOK OPERATION N,N…`: attaches the programs in their order, and plays the operation.
 * Prints rows of bpf-hooks and bpf-decide without their numbers. operations.h is what main.ts prints.
 */
#include "../common.h"
#include <linux/btf.h>

static char log_text[1 << 16];
static const char *function_names[1 << 16];
static uint32_t function_ids[1 << 16];
static int function_count;

static long load(uint32_t target, int returns, int sleeps)
{
	struct bpf_insn insns[] = { { .code = 0xb7, .imm = returns }, { .code = 0x95 } };
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_LSM, .expected_attach_type = BPF_LSM_MAC, .insn_cnt = 2 };

	attr.attach_btf_id = target;
	attr.prog_flags = sleeps ? BPF_F_SLEEPABLE : 0;
	attr.insns = (uintptr_t)insns;
	attr.license = (uintptr_t)"GPL";
	attr.log_level = 4 | 1;
	attr.log_buf = (uintptr_t)log_text;
	attr.log_size = sizeof log_text;
	log_text[0] = 0;
	return bpf(BPF_PROG_LOAD, &attr, sizeof attr);
}
static long attach(int program)
{
	union bpf_attr attr = { 0 };

	attr.raw_tracepoint.prog_fd = program;
	return bpf(BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof attr);
}
/* What the operation `bpf` does. */
static uint32_t file_open_id;
static long load_program(void)
{
	long program = load(file_open_id, 0, 0);
	int error = errno;

	if (program >= 0)
		close(program);
	errno = error;
	return program < 0 ? -1 : 0;
}

#include "operations.h"

/* The functions of the kernel's types, by number: names and sizes of records are those of linux/btf.h. */
static void read_types(void)
{
	int f = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	struct stat st;

	if (f < 0 || fstat(f, &st)) {
		printf("no types: %m\n");
		return;
	}
	char *types = malloc(st.st_size);

	for (long at = 0, n; (n = read(f, types + at, st.st_size - at)) > 0;)
		at += n;
	struct btf_header *head = (void *)types;
	char *names = types + head->hdr_len + head->str_off;
	char *at = types + head->hdr_len + head->type_off, *end = at + head->type_len;

	for (uint32_t number = 1; at < end; number++) {
		struct btf_type *type = (void *)at;
		uint32_t count = BTF_INFO_VLEN(type->info);
		const char *name = names + type->name_off;

		at += sizeof *type;
		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_INT: case BTF_KIND_VAR: case BTF_KIND_DECL_TAG: at += 4; break;
		case BTF_KIND_ARRAY: at += 12; break;
		case BTF_KIND_STRUCT: case BTF_KIND_UNION: case BTF_KIND_ENUM64: case BTF_KIND_DATASEC: at += 12 * count; break;
		case BTF_KIND_ENUM: case BTF_KIND_FUNC_PROTO: at += 8 * count; break;
		}
		if (BTF_INFO_KIND(type->info) != BTF_KIND_FUNC || strncmp(name, "bpf_lsm_", 8))
			continue;
		function_names[function_count] = name + 8;
		function_ids[function_count++] = number;
		if (!strcmp(name, "bpf_lsm_file_open"))
			file_open_id = number;
	}
	close(f);
}

static const char *error_name(long error)
{
	return error ? strerrorname_np(error) : "OK";
}

/* The last line of the log but its counts, and what later kernels print behind them. */
static const char *last_line(void)
{
	const char *found = "";

	for (char *line = strtok(log_text, "\n"); line; line = strtok(0, "\n"))
		if (strncmp(line, "processed ", 10) && strncmp(line, "verification time", 17) &&
		    strncmp(line, "stack depth", 11) && !strstr(line, " insns_self "))
			found = line;
	return found;
}

static void every_hook(void)
{
	static const int constants[] = { 0, 1, 2, -1, -13, -4095, -4096 };

	for (int i = 0; i < function_count; i++)
		for (int sleeps = 0; sleeps < 2; sleeps++)
			for (int j = 0; j < 7; j++) {
				long program = load(function_ids[i], constants[j], sleeps), link;
				int error = program < 0 ? errno : 0;
				const char *attached = "-";

				if (!error && constants[j] == 0) {
					link = attach(program);
					attached = error_name(link < 0 ? errno : 0);
					close(link);
				}
				close(program);
				printf("%s\t%d\t%d\t%s\t%s\t%s\n", function_names[i], constants[j], sleeps, error_name(error), attached,
					error ? last_line() : "");
			}
}

static const char *played(call_t play, int own)
{
	int ends[2];
	long rc;

	if (own)
		return error_name(-play());
	if (pipe2(ends, O_CLOEXEC))
		return "pipe-failed";
	pid_t pid = fork();

	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return "fork-failed";
	}
	if (!pid) {
		rc = play();
		write(ends[1], &rc, sizeof rc);
		_exit(0);
	}
	close(ends[1]);
	waitpid(pid, 0, 0);
	/* a program that was executed has closed its end */
	if (read(ends[0], &rc, sizeof rc) != sizeof rc || rc > 0)
		rc = 0;
	close(ends[0]);
	return error_name(-rc);
}

static void decide(const char *order, char *line)
{
	char hook[64], name[32], answers[64], listed[64];
	int open_fds[16], count = 0;
	const char *load_error = "OK", *attach_error = "OK", *answer = "-";
	uint32_t target = 0;
	call_t play = 0;

	if (sscanf(line, "%63s %31s %63s", hook, name, answers) != 3)
		return;
	for (int i = 0; i < function_count; i++)
		if (!strcmp(function_names[i], hook))
			target = function_ids[i];
	for (const struct decide_operation *one = decide_operations; one->name; one++)
		if (!strcmp(one->name, name))
			play = one->play;
	close(open("/w/u", O_CREAT | O_WRONLY, 0777));
	rmdir("/w/d");
	strcpy(listed, answers);
	for (char *part = strtok(listed, ","); part; part = strtok(0, ",")) {
		long program = load(target, atoi(part), 0), link;

		if (program < 0) {
			load_error = error_name(errno);
			break;
		}
		link = attach(program);
		if (link < 0) {
			attach_error = error_name(errno);
			close(program);
			break;
		}
		open_fds[count++] = link;
		open_fds[count++] = program;
	}
	if (!strcmp(load_error, "OK") && !strcmp(attach_error, "OK"))
		answer = played(play, !strcmp(name, "bpf"));
	while (count)
		close(open_fds[--count]);
	printf("%s\tplain\t%s\t%s\t%s\t%s\t%s\t%s\n", order, hook, name, answers, load_error, attach_error, answer);
}

static void make_program(const char *path)
{
	int in = open("/init", O_RDONLY), out = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0777);

	sendfile(out, in, 0, 1 << 24);
	close(in);
	close(out);
}

int main(int argc, char **argv)
{
	static char order[256], rows[1 << 18];

	/* executed by the operation `exec` */
	if (getpid() != 1)
		_exit(0);
	(void)argc;
	(void)argv;
	mkdir("/sys", 0755);
	mkdir("/w", 0777);
	mount("s", "/sys", "sysfs", 0, 0);
	mount("s", "/sys/kernel/security", "securityfs", 0, 0);
	mount("w", "/w", "tmpfs", 0, "mode=777");
	make_program("/w/x");
	close(open("/w/f", O_CREAT | O_WRONLY, 0777));
	setlinebuf(stdout);
	read_types();
	int f = open("/sys/kernel/security/lsm", O_RDONLY);

	if (read(f, order, sizeof order - 1) <= 0)
		printf("no order: %m\n");
	close(f);
	f = open("/rows", O_RDONLY);
	if (f < 0)
		every_hook();
	else if (read(f, rows, sizeof rows - 1) > 0)
		for (char *line = rows, *next; *line; line = next) {
			next = strchr(line, '\n');
			*next++ = 0;
			decide(order, line);
		}
	printf("end\n");
	fflush(stdout);
	usleep(300000);
	reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, 0);
	for (;;)
		pause();
}
