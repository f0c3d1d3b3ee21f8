/*
 * Loads the programs of a file made by encode.ts one after another and prints `R number errno processed message`, the
 * last line that the verifier wrote. Runs as the first process of a virtual machine or as root in one.
 * Build: gcc -static -O1 recorder.c. Usage: recorder FILE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LOG_SIZE (1 << 22)
#define MAPS 64
#define INSNS 4096
#define SECONDS 4

static const uint8_t *at;
static union bpf_attr wanted[MAPS];
static int fds[MAPS], map_count, btf_fd;
/* Number of the program that is loaded now: outlives a child that the kernel ended. */
static volatile uint32_t *now;
static char *log_text;

static uint32_t word(void)
{
	uint32_t value;
	memcpy(&value, at, 4);
	at += 4;
	return value;
}

static int bpf(int cmd, union bpf_attr *attr) { return syscall(SYS_bpf, cmd, attr, sizeof *attr); }

static void load_types(void)
{
	union bpf_attr attr = { 0 };
	uint32_t size = word();
	attr.btf = (uintptr_t)at;
	attr.btf_size = size;
	attr.btf_log_buf = (uintptr_t)log_text;
	attr.btf_log_size = LOG_SIZE;
	attr.btf_log_level = 1;
	btf_fd = bpf(BPF_BTF_LOAD, &attr);
	if (btf_fd < 0) printf("no types: %d %s\n", errno, log_text);
	at += size;
}

/* Takes programs of one kind alone from the first one on that names it: made anew for each. */
static int has_owner(int index)
{
	int type = wanted[index].map_type;
	return type == BPF_MAP_TYPE_PROG_ARRAY || type == BPF_MAP_TYPE_DEVMAP || type == BPF_MAP_TYPE_DEVMAP_HASH ||
	       type == BPF_MAP_TYPE_CPUMAP;
}

static int map_fd(int index)
{
	if (index < 0 || index >= map_count) return 100000;
	if (fds[index] == 0) {
		union bpf_attr attr = wanted[index];
		fds[index] = bpf(BPF_MAP_CREATE, &attr);
	}
	return fds[index];
}

static void close_own(void)
{
	for (int index = 0; index < map_count; index++) {
		if (!has_owner(index) || fds[index] <= 0) continue;
		close(fds[index]);
		fds[index] = 0;
	}
}

static void make_map(int index)
{
	union bpf_attr attr = { 0 };
	attr.map_type = word();
	attr.key_size = word();
	attr.value_size = word();
	attr.max_entries = word();
	attr.map_flags = word();
	int inner = word();
	attr.btf_key_type_id = word();
	attr.btf_value_type_id = word();
	uint64_t low = word();
	attr.map_extra = low | (uint64_t)word() << 32;
	uint32_t size = word();
	const void *data = at;
	at += size;
	if (inner >= 0) attr.inner_map_fd = fds[inner];
	if (attr.btf_value_type_id) attr.btf_fd = btf_fd;
	wanted[index] = attr;
	if (has_owner(index)) return;
	int fd = fds[index] = bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0) printf("no map %d of type %d: %d\n", index, wanted[index].map_type, errno);
	if (size == 0) return;
	uint32_t key = 0;
	memset(&attr, 0, sizeof attr);
	attr.map_fd = fd;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)data;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr)) printf("no data for map %d: %d\n", index, errno);
	memset(&attr, 0, sizeof attr);
	attr.map_fd = fd;
	if (bpf(BPF_MAP_FREEZE, &attr)) printf("map %d is not frozen: %d\n", index, errno);
}

/* `subprog 0 (entry) main insns_self 6 …`: statistics of later kernels. */
static int is_subprogram(const char *line)
{
	return strncmp(line, "subprog ", 8) == 0 && strstr(line, " insns_self ") != 0;
}

/* The last line but the statistics, and their first number. */
static const char *last_line(long *processed)
{
	char *end = log_text + strlen(log_text);
	const char *found = "";
	*processed = 0;
	while (end > log_text) {
		while (end > log_text && end[-1] == '\n') *--end = 0;
		char *start = end;
		while (start > log_text && start[-1] != '\n') start--;
		if (sscanf(start, "processed %ld insns", processed) != 1 && strncmp(start, "verification time", 17) &&
		    strncmp(start, "stack depth", 11) && !is_subprogram(start) && *start) {
			found = start;
			break;
		}
		end = start;
	}
	return found;
}

static void skip(void)
{
	at += 6 * 4;
	uint32_t functions = word(), count = word();
	at += functions * 8 + count * 8;
}

static void play(uint32_t number, int as_root)
{
	static struct bpf_insn insns[INSNS];
	union bpf_attr attr = { 0 };
	attr.prog_type = word();
	attr.expected_attach_type = word();
	attr.attach_btf_id = word();
	attr.prog_flags = word();
	attr.license = (uintptr_t)(word() ? "GPL" : "MIT");
	int is_root = word();
	uint32_t functions = word(), count = word();
	const void *infos = at;
	at += functions * 8;
	memcpy(insns, at, count * 8);
	at += count * 8;
	if (is_root != as_root) return;
	for (uint32_t i = 0; i < count; i++) {
		if (insns[i].code != 0x18) continue;
		if (insns[i].src_reg == 1 || insns[i].src_reg == 2) insns[i].imm = map_fd(insns[i].imm);
		i++;
	}
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = count;
	attr.log_level = 4;
	attr.log_buf = (uintptr_t)log_text;
	attr.log_size = LOG_SIZE;
	if (functions) {
		attr.prog_btf_fd = btf_fd;
		attr.func_info = (uintptr_t)infos;
		attr.func_info_cnt = functions;
		attr.func_info_rec_size = 8;
	}
	log_text[0] = 0;
	/* a program that takes too long is given up with EAGAIN, which merge leaves out */
	alarm(SECONDS);
	int fd = bpf(BPF_PROG_LOAD, &attr);
	int error = fd < 0 ? errno : 0;
	alarm(0);
	if (fd >= 0) close(fd);
	close_own();
	long processed;
	const char *line = last_line(&processed);
	printf("R %u %d %ld %.120s\n", number, -error, processed, error ? line : "");
}

static void wake(int number) { (void)number; }

static void drop(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	syscall(SYS_capget, &head, data);
	for (int cap = 0; cap < 64; cap++) {
		if (cap != 12 && cap != 21 && cap != 38 && cap != 39) continue;
		data[cap / 32].effective &= ~(1u << cap % 32);
		data[cap / 32].permitted &= ~(1u << cap % 32);
	}
	if (syscall(SYS_capset, &head, data)) printf("capabilities stay: %d\n", errno);
}

static void play_from(const uint8_t *cases, uint32_t first, int as_root)
{
	at = cases;
	uint32_t count = word();
	for (uint32_t number = 0; number < count; number++) {
		if (number < first) {
			skip();
			continue;
		}
		*now = number;
		play(number, as_root);
	}
	*now = count;
	fflush(stdout);
}

/* In a child, for some programs make the kernel itself fall: then another child goes on behind them. */
static void play_all(const uint8_t *cases, int as_root)
{
	uint32_t count, first = 0;
	memcpy(&count, cases, 4);
	while (first < count) {
		*now = first;
		pid_t child = fork();
		if (child == 0) {
			if (!as_root) drop();
			play_from(cases, first, as_root);
			_exit(0);
		}
		waitpid(child, 0, 0);
		if (*now < count) printf("the kernel fell over program %u\n", *now);
		first = *now + 1;
	}
}

int main(int argc, char **argv)
{
	int first = getpid() == 1;
	const char *path = !first && argc > 1 ? argv[1] : "/cases";
	if (first) {
		mkdir("/proc", 0755);
		mount("proc", "/proc", "proc", 0, 0);
		int sysctl = open("/proc/sys/kernel/unprivileged_bpf_disabled", O_WRONLY);
		if (sysctl < 0 || write(sysctl, "0", 1) != 1) printf("no programs of nobody: %d\n", errno);
		close(sysctl);
	}
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	setrlimit(RLIMIT_MEMLOCK, &all);
	struct sigaction action = { .sa_handler = wake };
	sigaction(SIGALRM, &action, 0);
	setlinebuf(stdout);
	log_text = malloc(LOG_SIZE);
	int fd = open(path, O_RDONLY);
	struct stat st;
	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		return 1;
	}
	at = mmap(0, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	load_types();
	map_count = word();
	for (int index = 0; index < map_count; index++) make_map(index);
	const uint8_t *cases = at;
	now = mmap(0, sizeof *now, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	play_all(cases, 1);
	play_all(cases, 0);
	printf("END\n");
	fflush(stdout);
	if (first) {
		tcdrain(1);
		reboot(RB_POWER_OFF);
	}
	return 0;
}
