/**
 * Operations that reach hooks which the recorded sample of hook-trace leaves out, as C text: `record/hook-trace` plays
 * them on real kernels, and rows of the committed tables bring the text with the answer.
 */
export interface RecordedTrace {
  readonly setup?: string
  readonly calls: string
  /** The modules that the kernel boots with, beside capability. */
  readonly lsm?: string
}

const mounts: Readonly<Record<string, RecordedTrace>> = {
  gone_umount: { setup: 'mns(); S(mount, "t", "m", "tmpfs", 0, NULL);', calls: 'umount2("m", 0)' },
  pivot_within: {
    setup: 'mns(); S(mount, "r", "m", "tmpfs", 0, NULL); S(chdir, "m"); S(chroot, "."); S(mkdir, "n", 0755); ' +
      'S(mount, "t", "n", "tmpfs", 0, NULL); S(mkdir, "n/old", 0755);',
    calls: 'pivot_root("n", "n/old")',
  },
  gone_unlink: { setup: 'mkf("f", 0644);', calls: 'unlink("f")' },
}

const overlays: Readonly<Record<string, RecordedTrace>> = {
  layer_open: { setup: 'ovlm();', calls: 'openat(CWD, "f", O_RDONLY)' },
  layer_write: { setup: 'ovlm();', calls: 'openat(CWD, "f", O_RDWR)' },
  layer_create: { setup: 'ovlm();', calls: 'openat(CWD, "n", O_WRONLY | O_CREAT, 0644)' },
  layer_mkdir: { setup: 'ovlm();', calls: 'mkdir("nd", 0755)' },
  layer_close: { setup: 'ovlm(); int f = S(open, "f", O_RDONLY);', calls: 'close(f)' },
  layer_mmap: {
    setup: 'ovlm(); int f = S(open, "f", O_RDONLY);', calls: 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, f, 0)',
  },
  layer_chmod: { setup: 'ovlm();', calls: 'chmod("f", 0600)' },
  layer_rename: { setup: 'ovlm();', calls: 'rename("f", "g")' },
  layer_unlink: { setup: 'ovlm();', calls: 'unlink("f")' },
}

const ipc: Readonly<Record<string, RecordedTrace>> = {
  gone_msg: { setup: 'int q = S(msgget, IPC_PRIVATE, 0600);', calls: 'msgctl(q, IPC_RMID, NULL)' },
  gone_shm: { setup: 'int q = S(shmget, IPC_PRIVATE, 4096, 0600);', calls: 'shmctl(q, IPC_RMID, NULL)' },
  gone_sem: { setup: 'int q = S(semget, IPC_PRIVATE, 1, 0600);', calls: 'semctl(q, 0, IPC_RMID)' },
}

const bpf: Readonly<Record<string, RecordedTrace>> = {
  gone_map: { setup: 'int m = mkmap();', calls: 'close(m)' },
  gone_prog: { setup: 'int m = mkprog();', calls: 'close(m)' },
  gone_token: { setup: 'int t = token();', calls: 'close(t)' },
  token_map: {
    setup: 'int t = token(); ATTR0(a); a.map_type = 2; a.key_size = 4; a.value_size = 8; a.max_entries = 4; ' +
      'a.map_flags = 0x10000; a.map_token_fd = t;',
    calls: 'bpf(BPF_MAP_CREATE, &a, sizeof a)',
  },
  token_prog: {
    setup: 'int t = token(); union bpf_attr a; pa(&a, BPF_PROG_TYPE_SOCKET_FILTER); a.prog_flags = 0x10000; ' +
      'a.prog_token_fd = t;',
    calls: 'bpf(BPF_PROG_LOAD, &a, sizeof a)',
  },
}

const MAP_BINDER = 'mmap(NULL, 65536, PROT_READ, MAP_PRIVATE, f, 0);'
/** A process that is the context manager, with flags, and waits for one call; then one who calls it. */
const binderCall = (flags: string): RecordedTrace => ({
  setup: 'int p[2]; pipe(p); int k = fork(); if (!k) { int f = open("/dev/binder", O_RDWR); ' +
    `${MAP_BINDER} struct { uint32_t type, fl; uint64_t b, c; } o = { 0x73622a85, ${flags}, 0, 0 }; ` +
    'ioctl(f, 0x4018620d, &o); uint32_t cmd = 0x630c; struct { uint64_t ws, wc, wb, rs, rc, rb; } ' +
    'bw = { 4, 0, (long)&cmd, 0, 0, 0 }; ioctl(f, 0xc0306201, &bw); write(p[1], "x", 1); ' +
    'bw.ws = 0; bw.rs = 256; bw.rb = (long)bi; ioctl(f, 0xc0306201, &bw); for (;;) pause(); } ' +
    `char c; read(p[0], &c, 1); int f = open("/dev/binder", O_RDWR); ${MAP_BINDER} ` +
    'struct __attribute__((packed)) { uint32_t cmd; uint64_t target, cookie; uint32_t code, flags, pid, euid; ' +
    'uint64_t dsize, osize, data, off; } t = { 0x40406300, 0, 0, 1, 0x10 | 1, 0, 0, 0, 0, 0, 0 }; ' +
    'struct { uint64_t ws, wc, wb, rs, rc, rb; } bw = { sizeof t, 0, (long)&t, 0, 0, 0 };',
  calls: 'ioctl(f, 0xc0306201, &bw)',
})

const devices: Readonly<Record<string, RecordedTrace>> = {
  binder_plain: binderCall('0x100'),
  binder_context: binderCall('0x1100'),
  tun_second: {
    setup: 'int f = S(open, "/dev/net/tun", O_RDWR); struct ifreq r = { .ifr_name = "hk0", .ifr_flags = IFF_TAP }; ' +
      'S(ioctl, f, TUNSETIFF, &r); S(ioctl, f, TUNSETPERSIST, 1); close(f); f = S(open, "/dev/net/tun", O_RDWR);',
    calls: 'ioctl(f, TUNSETIFF, &r)',
  },
  tun_attached: {
    setup: 'int f = S(open, "/dev/net/tun", O_RDWR); ' +
      'struct ifreq r = { .ifr_name = "hk1", .ifr_flags = IFF_TAP | IFF_MULTI_QUEUE }; S(ioctl, f, TUNSETIFF, &r); ' +
      'r.ifr_flags = IFF_DETACH_QUEUE; S(ioctl, f, TUNSETQUEUE, &r); r.ifr_flags = IFF_ATTACH_QUEUE;',
    calls: 'ioctl(f, TUNSETQUEUE, &r)',
  },
}

const attributes: Readonly<Record<string, RecordedTrace>> = {
  names_security: {
    setup: 'mkf("f", 0644); S(setxattr, "f", "security.other", "x", 1, 0); S(setxattr, "f", "user.t", "x", 1, 0);',
    calls: 'listxattr("f", buf, 1000)',
  },
}

const others: Readonly<Record<string, RecordedTrace>> = {
  pseudo_setxattr: { calls: 'setxattr("/proc/self/status", "security.selinux", "x", 2, 0)' },
  event_enable: {
    setup: 'struct perf_event_attr a = pe(); int f = S(perf_event_open, &a, 0, -1, -1, 0);',
    calls: 'ioctl(f, PERF_EVENT_IOC_ENABLE, 0)',
  },
  session_given: {
    setup: 'keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0); recorded_child(); ' +
      'keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0);',
    calls: 'keyctl(KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0)',
  },
  ring_personality: {
    setup: 'int f = ring(0, 64); int p = S(io_uring_register, f, IORING_REGISTER_PERSONALITY, NULL, 0); ' +
      'sqe->opcode = IORING_OP_NOP; sqe->personality = p; push();',
    calls: 'io_uring_enter(f, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0)',
  },
}

/** `struct xfrm_userpolicy_info` for UDP to one port of the loopback address, and the message's header. */
const POLICY = 'struct { struct nlmsghdr h; struct xfrm_userpolicy_info p; struct nlattr a; ' +
  'struct xfrm_user_sec_ctx c; char t[16]; } m; memset(&m, 0, sizeof m); m.p.sel.family = AF_INET; ' +
  'm.p.sel.daddr.a4 = htonl(0x7f000001); m.p.sel.prefixlen_d = 32; m.p.sel.proto = 17; m.p.sel.dport = htons(4444); ' +
  'm.p.sel.dport_mask = 0xffff; m.p.dir = XFRM_POLICY_OUT; m.a.nla_type = XFRMA_SEC_CTX; m.a.nla_len = 4 + 8 + 5; ' +
  'm.c.len = 8 + 5; m.c.exttype = XFRMA_SEC_CTX; m.c.ctx_alg = 1; m.c.ctx_doi = 1; m.c.ctx_len = 5; ' +
  'strcpy(m.t, "a:b:");'
const PLAIN = 'm.h.nlmsg_len = 16 + sizeof m.p;'
const LABELLED = 'm.h.nlmsg_len = 16 + sizeof m.p + 4 + 8 + 8;'
const NEW = 'm.h.nlmsg_type = XFRM_MSG_NEWPOLICY; m.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK; m.h.nlmsg_seq = 1;'
const ASK = 'struct { struct nlmsghdr h; struct xfrm_userpolicy_id p; } d; memset(&d, 0, sizeof d); ' +
  'd.h.nlmsg_len = sizeof d; d.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK; d.p.sel = m.p.sel; d.p.dir = XFRM_POLICY_OUT;'
const SOCKET = 'S(unshare, CLONE_NEWNET); int s = S(socket, AF_NETLINK, SOCK_RAW, NETLINK_XFRM);'
const MAKE = `${SOCKET} ${POLICY} ${PLAIN} ${NEW}`
const MADE = `${MAKE} S(send, s, &m, m.h.nlmsg_len, 0); ${ASK}`
const FLUSH = 'struct { struct nlmsghdr h; char t[4]; } d; memset(&d, 0, sizeof d); ' +
  'd.h.nlmsg_len = 16; d.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;'
const SPI = `${SOCKET} struct { struct nlmsghdr h; struct xfrm_userspi_info p; } m; memset(&m, 0, sizeof m); ` +
  'm.h.nlmsg_len = sizeof m; m.h.nlmsg_type = XFRM_MSG_ALLOCSPI; m.h.nlmsg_flags = NLM_F_REQUEST; ' +
  'm.p.info.id.daddr.a4 = htonl(0x7f000001); m.p.info.saddr.a4 = htonl(0x7f000001); m.p.info.id.proto = 50; ' +
  'm.p.info.family = AF_INET; m.p.min = 0x100; m.p.max = 0x100;'
const SPI_MADE = `${SPI} S(send, s, &m, sizeof m, 0); struct { struct nlmsghdr h; struct xfrm_usersa_id p; } d; ` +
  'memset(&d, 0, sizeof d); d.h.nlmsg_len = sizeof d; d.h.nlmsg_type = XFRM_MSG_DELSA; ' +
  'd.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK; d.p.daddr.a4 = htonl(0x7f000001); d.p.spi = htonl(0x100); ' +
  'd.p.family = AF_INET; d.p.proto = 50;'

const ipsec: Readonly<Record<string, RecordedTrace>> = {
  policy_new: { setup: MAKE, calls: 'send(s, &m, m.h.nlmsg_len, 0)' },
  policy_labelled: { setup: `${SOCKET} ${POLICY} ${LABELLED} ${NEW}`, calls: 'send(s, &m, m.h.nlmsg_len, 0)' },
  policy_bad_label: {
    setup: `${SOCKET} ${POLICY} ${LABELLED} ${NEW} m.c.ctx_len = 4;`, calls: 'send(s, &m, m.h.nlmsg_len, 0)',
  },
  policy_twice: { setup: MADE, calls: 'send(s, &m, m.h.nlmsg_len, 0)' },
  policy_replaced: { setup: `${MADE} m.h.nlmsg_type = XFRM_MSG_UPDPOLICY;`, calls: 'send(s, &m, m.h.nlmsg_len, 0)' },
  policy_user: { setup: `${MAKE} user();`, calls: 'send(s, &m, m.h.nlmsg_len, 0)' },
  policy_gone: { setup: `${MADE} d.h.nlmsg_type = XFRM_MSG_DELPOLICY;`, calls: 'send(s, &d, sizeof d, 0)' },
  policy_asked: { setup: `${MADE} d.h.nlmsg_type = XFRM_MSG_GETPOLICY;`, calls: 'send(s, &d, sizeof d, 0)' },
  policy_missing: {
    setup: `${MADE} d.h.nlmsg_type = XFRM_MSG_DELPOLICY; d.p.sel.dport = 7;`, calls: 'send(s, &d, sizeof d, 0)',
  },
  policy_flush: {
    setup: `${MAKE} S(send, s, &m, m.h.nlmsg_len, 0); ${FLUSH} d.h.nlmsg_type = XFRM_MSG_FLUSHPOLICY;`,
    calls: 'send(s, &d, 16, 0)',
  },
  state_spi: { setup: SPI, calls: 'send(s, &m, sizeof m, 0)' },
  state_gone: { setup: SPI_MADE, calls: 'send(s, &d, sizeof d, 0)' },
  state_missing: { setup: `${SPI_MADE} d.p.spi = 7;`, calls: 'send(s, &d, sizeof d, 0)' },
  state_flush: {
    setup: `${SPI} S(send, s, &m, sizeof m, 0); ${FLUSH} d.h.nlmsg_type = XFRM_MSG_FLUSHSA; d.h.nlmsg_len = 20;`,
    calls: 'send(s, &d, 20, 0)',
  },
}

/** A state for ESP with a label, which its algorithms let the kernel make. */
const ESP = `${SOCKET} struct { struct nlmsghdr h; struct xfrm_usersa_info p; struct nlattr e; char en[64]; ` +
  'uint32_t el; struct nlattr a; struct xfrm_user_sec_ctx c; char t[8]; } m; memset(&m, 0, sizeof m); ' +
  'm.h.nlmsg_type = XFRM_MSG_NEWSA; m.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK; ' +
  'm.p.id.daddr.a4 = htonl(0x7f000001); m.p.saddr.a4 = htonl(0x7f000001); m.p.id.proto = 50; ' +
  'm.p.id.spi = htonl(0x300); m.p.family = AF_INET; m.e.nla_type = 2; m.e.nla_len = 4 + 68; ' +
  'm.a.nla_type = XFRMA_SEC_CTX; m.a.nla_len = 4 + 8 + 5; m.c.len = 8 + 5; m.c.exttype = XFRMA_SEC_CTX; ' +
  'm.c.ctx_alg = 1; m.c.ctx_doi = 1; m.c.ctx_len = 5; strcpy(m.t, "a:b:");'

const SK_POLICY = 'struct xfrm_userpolicy_info p; memset(&p, 0, sizeof p); p.sel.family = AF_INET;'

const transformed: Readonly<Record<string, RecordedTrace>> = {
  state_labelled: {
    // the second state finds its algorithms loaded
    setup: `${ESP} strcpy(m.en, "ecb(cipher_null)"); m.h.nlmsg_len = sizeof m; S(send, s, &m, sizeof m, 0); ` +
      'm.p.id.spi = htonl(0x301);',
    calls: 'send(s, &m, sizeof m, 0)',
  },
  state_unknown: {
    setup: `${ESP} strcpy(m.en, "nothing"); m.h.nlmsg_len = sizeof m;`, calls: 'send(s, &m, sizeof m, 0)',
  },
  socket_policy: {
    setup: `int s = S(socket, AF_INET, SOCK_DGRAM, 0); ${SK_POLICY} p.dir = XFRM_POLICY_OUT;`,
    calls: 'setsockopt(s, IPPROTO_IP, 17, &p, sizeof p)',
  },
  socket_policy_user: {
    setup: `user(); int s = S(socket, AF_INET, SOCK_DGRAM, 0); ${SK_POLICY} p.dir = XFRM_POLICY_OUT;`,
    calls: 'setsockopt(s, IPPROTO_IP, 17, &p, sizeof p)',
  },
  socket_policy_send: {
    setup: 'int u = socket(AF_INET, SOCK_DGRAM, 0); bind(u, i4(23456), 16); ' +
      `int s = S(socket, AF_INET, SOCK_DGRAM, 0); ${SK_POLICY} p.dir = XFRM_POLICY_OUT; ` +
      'S(setsockopt, s, IPPROTO_IP, 17, &p, sizeof p);',
    calls: 'sendto(s, "abc", 3, 0, i4(23456), 16)',
  },
  socket_policy_block: {
    setup: 'int u = socket(AF_INET, SOCK_DGRAM, 0); bind(u, i4(23456), 16); ' +
      `int s = S(socket, AF_INET, SOCK_DGRAM, 0); ${SK_POLICY} p.dir = XFRM_POLICY_OUT; p.action = 1; ` +
      'S(setsockopt, s, IPPROTO_IP, 17, &p, sizeof p);',
    calls: 'sendto(s, "abc", 3, 0, i4(23456), 16)',
  },
  socket_policy_clone: {
    setup: `int s = S(socket, AF_INET, SOCK_STREAM, 0); ${SK_POLICY} p.dir = XFRM_POLICY_OUT; ` +
      'S(setsockopt, s, IPPROTO_IP, 17, &p, sizeof p); bind(s, i4(23457), 16); listen(s, 5); ' +
      'int c = socket(AF_INET, SOCK_STREAM, 0);',
    calls: 'connect(c, i4(23457), 16)',
  },
}

const AUDIT = 'int s = S(socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);'
const RULE = `${AUDIT} mkrule(1011, AUDIT_SUBJ_TYPE, "init_t");`
const audit: Readonly<Record<string, RecordedTrace>> = {
  rule_new: { setup: RULE, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)' },
  rule_role: {
    setup: `${AUDIT} mkrule(1011, AUDIT_SUBJ_ROLE, "x");`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)',
  },
  rule_object: {
    setup: `${AUDIT} mkrule(1011, AUDIT_OBJ_TYPE, "x");`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)',
  },
  rule_twice: { setup: `${RULE} S(send, s, &ar, ar.h.nlmsg_len, 0);`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)' },
  rule_gone: {
    setup: `${RULE} S(send, s, &ar, ar.h.nlmsg_len, 0); ar.h.nlmsg_type = 1012;`,
    calls: 'send(s, &ar, ar.h.nlmsg_len, 0)',
  },
  rule_missing: {
    setup: `${AUDIT} mkrule(1012, AUDIT_SUBJ_TYPE, "other_t");`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)',
  },
  rule_bad_list: { setup: `${RULE} ar.r.flags = 77;`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)' },
  rule_bad_action: { setup: `${RULE} ar.r.action = 1;`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)' },
  rule_bad_op: { setup: `${RULE} ar.r.fieldflags[0] = 0;`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)' },
  rule_short: { setup: RULE, calls: 'ar.h.nlmsg_len = 100; send(s, &ar, 100, 0)' },
  rule_user: { setup: `${RULE} user();`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)' },
}

const ENABLE = 'struct { struct nlmsghdr h; struct audit_status a; } en; memset(&en, 0, sizeof en); ' +
  'en.h.nlmsg_len = 16 + sizeof en.a; en.h.nlmsg_type = 1001; en.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK; ' +
  'en.a.mask = 1; en.a.enabled = 1; send(s, &en, en.h.nlmsg_len, 0);'
/** What comes next is done by a child, with a rule for its calls. */
const audited = (nr: number, rest: string, field = 'AUDIT_SUBJ_TYPE, "init_t"', change = ''): string =>
  `${rest} ${AUDIT} ${ENABLE} mkrule(1011, ${field}); ${change} ar.r.mask[${nr} / 32] = 1u << (${nr} % 32); ` +
  'S(send, s, &ar, ar.h.nlmsg_len, 0); recorded_child();'

const auditedCalls: Readonly<Record<string, RecordedTrace>> = {
  audited_open: { setup: audited(257, 'mkf("f", 0644);'), calls: 'openat(CWD, "f", O_RDONLY)' },
  audited_create: { setup: audited(257, ''), calls: 'openat(CWD, "n", O_CREAT | O_WRONLY, 0644)' },
  audited_stat: { setup: audited(6, 'mkf("f", 0644); struct stat st;'), calls: 'lstat("f", &st)' },
  audited_unlink: { setup: audited(87, 'mkf("f", 0644);'), calls: 'unlink("f")' },
  audited_chmod: { setup: audited(90, 'mkf("f", 0644);'), calls: 'chmod("f", 0600)' },
  audited_kill: { setup: audited(62, 'int k = kid(0, NULL);'), calls: 'kill(k, 0)' },
  audited_shm: {
    setup: audited(31, 'struct shmid_ds b; int q = S(shmget, IPC_PRIVATE, 4096, 0600);'),
    calls: 'shmctl(q, IPC_STAT, &b)',
  },
  audited_getpid: { setup: audited(39, ''), calls: 'syscall(39)' },
}

/** `/dev/cachefiles`, by which a daemon gives the kernel a place to keep files of the network. */
const CACHE = 'int f = S(open, "/dev/cachefiles", O_RDWR);'
const cache: Readonly<Record<string, RecordedTrace>> = {
  cache_open: { calls: 'open("/dev/cachefiles", O_RDWR)' },
  cache_context: { setup: CACHE, calls: 'write(f, "secctx a:b:c", 12)' },
  cache_context_twice: { setup: `${CACHE} write(f, "secctx a:b:c", 12);`, calls: 'write(f, "secctx a:b:c", 12)' },
  cache_no_dir: { setup: CACHE, calls: 'write(f, "bind", 4)' },
  cache_unknown: { setup: CACHE, calls: 'write(f, "nothing", 7)' },
  cache_tmpfs: {
    setup: `${CACHE} S(write, f, "dir /tmp/w", 10); S(write, f, "secctx a:b:c", 12);`, calls: 'write(f, "bind", 4)',
  },
  cache_plain: { setup: `${CACHE} S(write, f, "dir /tmp/w", 10);`, calls: 'write(f, "bind", 4)' },
  cache_overlay: {
    setup: `ovlm(); ${CACHE} S(write, f, "dir /tmp/w/m2", 13); S(write, f, "secctx a:b:c", 12);`,
    calls: 'write(f, "bind", 4)',
  },
}

const loops: Readonly<Record<string, RecordedTrace>> = {
  loop_new: { setup: 'int f = S(open, "/dev/loop-control", O_RDWR);', calls: 'ioctl(f, 0x4C80, 40)' },
  loop_old: {
    setup: 'int f = S(open, "/dev/loop-control", O_RDWR); S(ioctl, f, 0x4C80, 41);', calls: 'ioctl(f, 0x4C80, 41)',
  },
  loop_gone: {
    setup: 'int f = S(open, "/dev/loop-control", O_RDWR); S(ioctl, f, 0x4C80, 42);', calls: 'ioctl(f, 0x4C81, 42)',
  },
  loop_missing: { setup: 'int f = S(open, "/dev/loop-control", O_RDWR);', calls: 'ioctl(f, 0x4C81, 77)' },
}

const LABELS = 'landlock,apparmor'
const labelled: Readonly<Record<string, RecordedTrace>> = {
  labelled_binder: { ...binderCall('0x1100'), lsm: LABELS },
  labelled_rule: {
    setup: `${AUDIT} mkrule(1011, AUDIT_SUBJ_ROLE, "unconfined");`, calls: 'send(s, &ar, ar.h.nlmsg_len, 0)',
    lsm: LABELS,
  },
  labelled_change_rule: {
    setup: `${AUDIT} ${ENABLE} mkrule(1011, AUDIT_SUBJ_ROLE, "unconfined"); ar.r.action = 0;`,
    calls: 'send(s, &ar, ar.h.nlmsg_len, 0)', lsm: LABELS,
  },
  labelled_other_getpid: {
    setup: audited(39, '', 'AUDIT_SUBJ_ROLE, "unconfined"', 'ar.r.fieldflags[0] = 0x30000000;'), calls: 'syscall(39)',
    lsm: LABELS,
  },
  labelled_match_getpid: {
    setup: audited(39, '', 'AUDIT_SUBJ_ROLE, "unconfined"', 'ar.r.flags = 20;'), calls: 'syscall(39)', lsm: LABELS,
  },
}

export const recordedTraces: Readonly<Record<string, RecordedTrace>> = {
  ...mounts, ...overlays, ...ipc, ...bpf, ...others, ...ipsec, ...transformed, ...devices, ...attributes,
  ...cache, ...loops, ...labelled, ...audit, ...auditedCalls,
}
