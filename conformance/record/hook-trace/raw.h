/* Calls that the C library lacks or wraps, and what texts of hook-trace say in one word. */
#define CWD AT_FDCWD
#define delete_module(...) syscall(SYS_delete_module, __VA_ARGS__)
#define finit_module(...) syscall(SYS_finit_module, __VA_ARGS__)
#define init_module(...) syscall(SYS_init_module, __VA_ARGS__)
#define setreuid(...) syscall(SYS_setreuid, __VA_ARGS__)
#define setregid(...) syscall(SYS_setregid, __VA_ARGS__)
#define setresgid(...) syscall(SYS_setresgid, __VA_ARGS__)
#define setfsuid(...) syscall(SYS_setfsuid, __VA_ARGS__)
#define setfsgid(...) syscall(SYS_setfsgid, __VA_ARGS__)
#define faccessat2(...) syscall(SYS_faccessat2, __VA_ARGS__)
#define execveat(...) syscall(SYS_execveat, __VA_ARGS__)
#define quotactl(...) syscall(SYS_quotactl, __VA_ARGS__)
#define move_pages(...) syscall(SYS_move_pages, __VA_ARGS__)
#define migrate_pages(...) syscall(SYS_migrate_pages, __VA_ARGS__)
#define memfd_secret(...) syscall(SYS_memfd_secret, __VA_ARGS__)
#define fspick(...) syscall(SYS_fspick, __VA_ARGS__)
#define mount_setattr(...) syscall(SYS_mount_setattr, __VA_ARGS__)
#define kexec_load(...) syscall(SYS_kexec_load, __VA_ARGS__)
#define kexec_file_load(...) syscall(SYS_kexec_file_load, __VA_ARGS__)
#define process_madvise(...) syscall(SYS_process_madvise, __VA_ARGS__)
#define sched_setattr(...) syscall(SYS_sched_setattr, __VA_ARGS__)
#define sched_getattr(...) syscall(SYS_sched_getattr, __VA_ARGS__)
#define mq_timedsend(...) syscall(SYS_mq_timedsend, __VA_ARGS__)
#define mq_timedreceive(...) syscall(SYS_mq_timedreceive, __VA_ARGS__)
#define mq_notify(...) syscall(SYS_mq_notify, __VA_ARGS__)
#define mq_getsetattr(...) syscall(SYS_mq_getsetattr, __VA_ARGS__)
#define set_tid_address(...) syscall(SYS_set_tid_address, __VA_ARGS__)
#define ustat(...) syscall(SYS_ustat, __VA_ARGS__)
#define clone3(...) syscall(SYS_clone3, __VA_ARGS__)
#define fchmodat2(...) syscall(452, __VA_ARGS__)
#define lsm_list_modules(...) syscall(461, __VA_ARGS__)
#define statmount(...) syscall(457, __VA_ARGS__)
#define listmount(...) syscall(458, __VA_ARGS__)
#define landlock_create_ruleset(...) syscall(SYS_landlock_create_ruleset, __VA_ARGS__)
#define landlock_add_rule(...) syscall(SYS_landlock_add_rule, __VA_ARGS__)
#define landlock_restrict_self(...) syscall(SYS_landlock_restrict_self, __VA_ARGS__)
#define sysfs(...) syscall(SYS_sysfs, __VA_ARGS__)

#define ATTR0(a) union bpf_attr a; memset(&a, 0, sizeof a)
static struct bpf_insn filter_insns[2] = { { 0xb7 }, { 0x95 } };
static long pa(union bpf_attr *a, int type)
{
	memset(a, 0, sizeof *a);
	a->prog_type = type;
	a->insn_cnt = 2;
	a->insns = (long)filter_insns;
	a->license = (long)"GPL";
	return 0;
}
static int mkprog(void)
{
	union bpf_attr a;

	pa(&a, BPF_PROG_TYPE_SOCKET_FILTER);
	return bpf(BPF_PROG_LOAD, &a, sizeof a);
}
static int mkmap(void)
{
	ATTR0(a);

	a.map_type = BPF_MAP_TYPE_ARRAY;
	a.key_size = 4;
	a.value_size = 8;
	a.max_entries = 4;
	return bpf(BPF_MAP_CREATE, &a, sizeof a);
}
static int mq(void)
{
	return msgget(IPC_PRIVATE, 0600);
}
static int shm(void)
{
	return shmget(IPC_PRIVATE, 4096, 0600);
}
static int ak(const char *name)
{
	return add_key("user", name, "pay", 3, KEY_SPEC_PROCESS_KEYRING);
}
static struct perf_event_attr pe(void)
{
	return (struct perf_event_attr){ .type = PERF_TYPE_SOFTWARE, .size = sizeof(struct perf_event_attr) };
}

static char bi[4096];

/* A rule of the audit system with one field, to be sent. */
static struct {
	struct nlmsghdr h;
	struct {
		uint32_t flags, action, field_count, mask[64], fields[64], values[64], fieldflags[64], buflen;
		char buf[64];
	} r;
} ar;
static long mkrule(int type, int field, const char *value)
{
	memset(&ar, 0, sizeof ar);
	ar.r.flags = 4;
	ar.r.action = 2;
	ar.r.field_count = 1;
	ar.r.fields[0] = field;
	ar.r.fieldflags[0] = 0x40000000;
	ar.r.values[0] = ar.r.buflen = strlen(value);
	strcpy(ar.r.buf, value);
	ar.h = (struct nlmsghdr){ NLMSG_LENGTH(sizeof ar.r - 64 + strlen(value)), type, NLM_F_REQUEST | NLM_F_ACK, 1, 0 };
	return 0;
}
