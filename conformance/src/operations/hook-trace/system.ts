/** Described operations on BPF, perf events, the clock, modules and the rest of the system. */
import { described } from './described-trace.ts'

const MAP = 'int m = mkmap();'
const EVENT = 'struct perf_event_attr a = pe();'

const bpf = described({
  bpf_btf_load: [
    'ATTR0(a); char z[24] = { 0 }; a.btf = (long)z; a.btf_size = 24;', 'bpf(BPF_BTF_LOAD, &a, sizeof a) = EINVAL',
  ],
  bpf_map_close: [MAP, 'close(m)'],
  bpf_map_get_fd_by_id: [
    `${MAP} ATTR0(a); struct bpf_map_info i = { 0 }; a.info.bpf_fd = m; a.info.info_len = sizeof i; ` +
      'a.info.info = (long)&i; S(bpf, BPF_OBJ_GET_INFO_BY_FD, &a, sizeof a); memset(&a, 0, sizeof a); a.map_id = i.id;',
    'bpf(BPF_MAP_GET_FD_BY_ID, &a, sizeof a)',
  ],
  bpf_pin: [
    `${MAP} ATTR0(a); a.pathname = (long)"/sys/fs/bpf/hp"; a.bpf_fd = m;`,
    'bpf(BPF_OBJ_PIN, &a, sizeof a); a.bpf_fd = 0; bpf(BPF_OBJ_GET, &a, sizeof a)',
  ],
  bpf_prog_close: ['int m = mkprog();', 'close(m)'],
  bpf_prog_info: [
    'int m = mkprog(); ATTR0(a); struct bpf_prog_info i = { 0 }; a.info.bpf_fd = m; ' +
      'a.info.info_len = sizeof i; a.info.info = (long)&i;',
    'bpf(BPF_OBJ_GET_INFO_BY_FD, &a, sizeof a)',
  ],
  bpf_prog_load: ['union bpf_attr a; pa(&a, BPF_PROG_TYPE_SOCKET_FILTER);', 'bpf(BPF_PROG_LOAD, &a, sizeof a)'],
  bpf_prog_load_kprobe: ['union bpf_attr a; pa(&a, BPF_PROG_TYPE_KPROBE);', 'bpf(BPF_PROG_LOAD, &a, sizeof a)'],
})

const perf = described({
  perf_ioctl: ['int f = S(perf_event_open, &a, 0, -1, -1, 0);', 'ioctl(f, PERF_EVENT_IOC_ENABLE, 0)'],
  perf_open_cpu: 'perf_event_open(&a, -1, 0, -1, 0)',
  perf_open_other: ['int k = kid(0, NULL);', 'perf_event_open(&a, k, -1, -1, 0)'],
}, EVENT)

const others = described({
  adjtimex_query: ['struct timex x = { 0 };', 'adjtimex(&x)'],
  adjtimex_set: ['struct timex x = { .modes = ADJ_FREQUENCY };', 'adjtimex(&x)'],
  delete_module_missing: 'delete_module("nosuch", O_NONBLOCK) = ENOENT',
  firmware_modprobe: 'socket(12, SOCK_DGRAM, 0) = EAFNOSUPPORT',
  kmsg_open: 'openat(CWD, "/dev/kmsg", O_RDONLY)',
  settimeofday_tz: ['struct timezone z = { 0, 0 };', 'settimeofday(NULL, &z)'],
  sysfs_call: 'sysfs(3, 0, 0)',
  uring_setup: 'io_uring_setup(4, &up)',
  uring_personality: ['int f = ring(0, 64);', 'io_uring_register(f, IORING_REGISTER_PERSONALITY, NULL, 0)'],
  uring_nop_personality: [
    'int f = ring(0, 64); int p = io_uring_register(f, IORING_REGISTER_PERSONALITY, NULL, 0); ' +
      'sqe->opcode = IORING_OP_NOP; sqe->personality = p; push();',
    'io_uring_enter(f, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0)',
  ],
  uffd_user: ['user();', 'userfaultfd(UFFD_USER_MODE_ONLY)'],
  uffd_user_kernel: ['user();', 'userfaultfd(0) = EPERM'],
})

export const systemTraces = { ...bpf, ...perf, ...others }
