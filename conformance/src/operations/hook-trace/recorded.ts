/**
 * Operations that reach hooks which the recorded sample of hook-trace leaves out, as C text: `record/hook-trace` plays
 * them on real kernels, and rows of the committed tables bring the text with the answer.
 */
export interface RecordedTrace {
  readonly setup?: string
  readonly calls: string
}

const mounts: Readonly<Record<string, RecordedTrace>> = {
  gone_umount: { setup: 'mns(); S(mount, "t", "m", "tmpfs", 0, NULL);', calls: 'umount2("m", 0)' },
  gone_pivot: {
    setup: 'mns(); S(mount, "t", "m", "tmpfs", 0, NULL); S(mkdir, "m/old", 0755);', calls: 'pivot_root("m", "m/old")',
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

const others: Readonly<Record<string, RecordedTrace>> = {
  pseudo_setxattr: { calls: 'setxattr("/proc/self/status", "security.selinux", "x", 2, 0)' },
  event_enable: {
    setup: 'struct perf_event_attr a = pe(); int f = S(perf_event_open, &a, 0, -1, -1, 0);',
    calls: 'ioctl(f, PERF_EVENT_IOC_ENABLE, 0)',
  },
  session_given: {
    setup: 'keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0);',
    calls: 'keyctl(KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0)',
  },
  ring_personality: {
    setup: 'int f = ring(0, 64); int p = S(io_uring_register, f, IORING_REGISTER_PERSONALITY, NULL, 0); ' +
      'sqe->opcode = IORING_OP_NOP; sqe->personality = p; push();',
    calls: 'io_uring_enter(f, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0)',
  },
}

export const recordedTraces: Readonly<Record<string, RecordedTrace>> = {
  ...mounts, ...overlays, ...ipc, ...bpf, ...others,
}
