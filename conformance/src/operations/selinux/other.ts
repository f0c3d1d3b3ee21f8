/** Operations of selinux-ops.tsv: bpf(2), performance events, io_uring, userfaultfd and selinuxfs. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const MAP = 'fd = mkmap()'
const PROG = 'fd = mkprog()'
const ATTR = 'union bpf_attr a; memset(&a, 0, sizeof a)'
const onMap = (cmd: string): string =>
  `${ATTR}; a.map_fd = fd; a.key = zeros; a.value = note; bpf(${cmd}, &a, sizeof a)`
/** Another descriptor of an inherited object, by the number that the first one tells. */
const again = (info: string, cmd: string, name: string): string =>
  `${ATTR}; struct ${info} i; memset(&i, 0, sizeof i); a.info.bpf_fd = fd; a.info.info_len = sizeof i; a.info.info = &i;
    bpf(BPF_OBJ_GET_INFO_BY_FD, &a, sizeof a); memset(&a, 0, sizeof a); a.${name} = i.id; bpf(${cmd}, &a, sizeof a)`

const bpf: Operations = {
  ...each({}, {
    bpf_map_create: 'mkmap()',
    bpf_prog_load: 'mkprog()',
    bpf_pin: `fd = mkmap(); ${ATTR}; a.pathname = "/sys/fs/bpf/p"; a.bpf_fd = fd; bpf(BPF_OBJ_PIN, &a, sizeof a);
      unlink("/sys/fs/bpf/p")`,
    bpf_test_run: `fd = mkprog(); ${ATTR}; a.test.prog_fd = fd; a.test.data_size_in = 64; a.test.data_in = zeros;
      bpf(BPF_PROG_TEST_RUN, &a, sizeof a)`,
  }),
  bpf_token_create_bad: {
    setup: 'fd = open("f", O_RDONLY)',
    act: `${ATTR}; a.token_create.bpffs_fd = fd; bpf(BPF_TOKEN_CREATE, &a, sizeof a)`,
  },
  ...each({ setup: MAP }, {
    bpf_map_update: onMap('BPF_MAP_UPDATE_ELEM'),
    bpf_map_lookup: onMap('BPF_MAP_LOOKUP_ELEM'),
    bpf_map_getfd: again('bpf_map_info', 'BPF_MAP_GET_FD_BY_ID', 'map_id'),
  }),
  bpf_prog_getfd: { setup: PROG, act: again('bpf_prog_info', 'BPF_PROG_GET_FD_BY_ID', 'prog_id') },
  bpf_pass_fd: {
    setup: 'socketpair(AF_UNIX, SOCK_DGRAM, 0, sp); fd = mkmap(); send_fd(sp[0], fd)', act: 'recv_fd(sp[1])',
    tells: ['text', ''],
  },
  bpf_attach_socket: {
    setup: PROG,
    act: 's = socket(AF_INET, SOCK_DGRAM, 0); int f = fd; setsockopt(s, SOL_SOCKET, SO_ATTACH_BPF, &f, 4)',
  },
}

/** kernel.perf_event_paranoid is -1. */
const TRUST = 'put("/proc/sys/kernel/perf_event_paranoid", "-1")'
const event = (more = '', pid = '0', cpu = '-1'): string =>
  `struct perf_event_attr e; clock_event(&e); ${more} fd = perf_event_open(&e, ${pid}, ${cpu}, -1, 0)`

const perf: Operations = {
  ...each({ setup: TRUST }, {
    perf_self: event(),
    perf_self_kernel: event('e.exclude_kernel = 0;'),
    perf_cpu: event('', '-1', '0'),
    perf_tracepoint: event('e.type = PERF_TYPE_TRACEPOINT; e.config = 1;'),
    perf_read: `${event()}; read(fd, buf, 8); ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)`,
    perf_mmap: `${event()}; mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0)`,
  }),
  perf_other: { setup: TRUST, other: '', act: event('', 'other') },
  perf_read_inherited: { setup: `${TRUST}; ${event()}`, act: 'read(fd, buf, 8)' },
}

/** A request in a new ring, and its answer. */
const request = (fields: string): string =>
  `int r; r = ring(0, 64); ${fields}; push(); io_uring_enter(r, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0); cqe()`
const uring: Operations = {
  uring_setup: { act: 'io_uring_setup(4, &up)' },
  uring_sqpoll: { act: 'up.flags = IORING_SETUP_SQPOLL; io_uring_setup(4, &up)' },
  uring_register: { act: 'fd = io_uring_setup(4, &up); io_uring_register(fd, IORING_REGISTER_PERSONALITY, NULL, 0)' },
  ...each({ tells: ['cqe'] }, {
    uring_nop_personality: request(
      'sqe->opcode = IORING_OP_NOP; sqe->personality = io_uring_register(r, IORING_REGISTER_PERSONALITY, NULL, 0)',
    ),
  }),
  uring_read: {
    setup: 'fd = open("f", O_RDONLY)',
    act: request('sqe->opcode = IORING_OP_READ; sqe->fd = fd; sqe->addr = buf; sqe->len = 5'),
    tells: ['cqe'],
  },
  uring_cmd: {
    act: request('int s; s = socket(AF_INET, SOCK_STREAM, 0); sqe->opcode = IORING_OP_URING_CMD; sqe->fd = s'),
    tells: ['cqe'],
  },
  uring_cmd_null: {
    setup: 'node("n", "o_t", S_IFCHR|0666, 0x103)',
    act: request('int s; s = open("n", O_RDWR); sqe->opcode = IORING_OP_URING_CMD; sqe->fd = s'),
    tells: ['cqe'],
  },
}

const write = (name: string, text: string, size: number): string =>
  `fd = open("/sys/fs/selinux/${name}", O_WRONLY); write(fd, ${text}, ${size})`
/** A question, and its answer. */
const ask = (name: string, text: string): string =>
  `fd = open("/sys/fs/selinux/${name}", O_RDWR); write(fd, "${text}", ${text.length}); read(fd, buf, 4096)`
const PAIR = 'u:r:s_t:s0 u:object_r:o_t:s0 7'

const selinuxfs: Operations = each({}, {
  selfs_access: ask('access', PAIR),
  selfs_create: ask('create', PAIR),
  selfs_relabel: ask('relabel', PAIR),
  selfs_member: ask('member', PAIR),
  selfs_user: ask('user', 'u:r:s_t:s0 u'),
  selfs_context: ask('context', 'u:object_r:o_t:s0'),
  selfs_context_invalid: ask('context', 'u:r:nosuch_t:s0'),
  selfs_validatetrans: write('validatetrans', '"u:object_r:o_t:s0 u:object_r:l_t:s0 7 u:r:s_t:s0"', 48),
  selfs_checkreqprot: write('checkreqprot', '"0"', 1),
  selfs_disable: write('disable', '"1"', 1),
  selfs_cache_threshold: write('avc/cache_threshold', '"512"', 3),
  selfs_status_mmap: 'fd = open("/sys/fs/selinux/status", O_RDONLY); mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0)',
  selfs_policy_read: 'fd = open("/sys/fs/selinux/policy", O_RDONLY); read(fd, buf, 100)',
  selfs_policy_mmap: 'fd = open("/sys/fs/selinux/policy", O_RDONLY); mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0)',
  sel_setenforce_same: write('enforce', '"1"', 1),
  sel_setenforce_0: write('enforce', '"0"', 1),
  sel_setbool: `${write('booleans/flag', '"1"', 1)}; ${write('commit_pending_bools', '"1"', 1)}`,
  sel_setbool_pending: write('booleans/flag', '"1"', 1),
  sel_load_garbage: write('load', 'zeros', 16),
  sel_fd_after_reload: 'fd = open("f", O_RDONLY); reload(); read(fd, buf, 2)',
  sel_mmap_after_reload:
    'fd = open("f", O_RDONLY); at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0); reload(); peek(at)',
  userfaultfd: 'userfaultfd(O_CLOEXEC)',
  // UFFDIO_API
  userfaultfd_api:
    'struct { long api, features, ioctls; } a = { 0xaa }; fd = userfaultfd(0); ioctl(fd, 0xc018aa3f, &a)',
})

export const otherOperations: Operations = {
  ...bpf, ...perf, ...uring, ...selinuxfs,
  // what cannot be read is written all the same
  sel_load_policy: { setup: 'fd = policy_file()', act: 'load_policy(fd)' },
}
