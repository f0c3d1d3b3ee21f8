/** Modules that the start of a WASI program does without, by what they are for. Each group is a script of its own. */

/** Tests of modules: those below a place, `except` for some that hold classes or that every start calls. */
const below = (place, ...except) => {
  const kept = new Set(except.map((name) => `${place}/${name}.ts`))
  return (path) => path.startsWith(`${place}/`) && !kept.has(path)
}
const these = (place, ...names) => {
  const all = new Set(names.map((name) => `${place}/${name}.ts`))
  return (path) => all.has(path)
}
const anyOf = (...tests) => (path) => tests.some((test) => test(path))

/** By name, a test of the path of a module below `packages`. */
export const laterGroups = {
  component: below('wasi/src/component'),
  hostfs: below('kernel/src/fs/hostfs'),
  overlay: below('kernel/src/fs/overlay', 'node', 'dir-file', 'file', 'xattr', 'super'),
  programs: (path) => /^cli\/src\/commands\/.*program\.ts$/.test(path),
  completion: these('cli/src', 'completion', 'completion-bash'),
  texts: anyOf(
    these('core/src', 'audit/kernel-text', 'policy/audit-log', 'stack/explain', 'stack/explain-text'),
    these('capability/src', 'exec-state', 'process-state', 'cap-from-text', 'cap-to-text'),
  ),
  async: these(
    'wasi/src', 'run-async', 'reactor', 'terminal', 'posix/spawn', 'workers/run', 'preview1/unstable',
    'preview1/wasmedge-names', 'binary/share-memory',
  ),
  bpf: below('kernel/src/bpf', 'attr', 'map-kinds', 'batches', 'info', 'attach-types'),
  net: anyOf(
    below('kernel/src/net/inet', 'packets', 'inet', 'operations', 'sctp'), below('kernel/src/net/unix', 'unix'),
    these('kernel/src/syscalls', 'sockets', 'socket-messages', 'socket-options'),
  ),
  netlink: anyOf(
    below('kernel/src/net/xfrm'), these('kernel/src/log', 'audit-rules', 'audit-calls'),
    these('kernel/src/net', 'audit-messages', 'netlink-kernel', 'netlink-links', 'netlink-requests'),
  ),
  uring: below('kernel/src/syscalls/uring'),
  keys: below('kernel/src/keys', 'no-keys', 'keys', 'key-commands', 'ring-commands', 'construction-commands'),
  ipc: below('kernel/src/ipc', 'no-ipc', 'namespaces', 'mqueue-fs', 'checks', 'sem-undo', 'shm-attach', 'ipc'),
  proc: below('kernel/src/fs/proc', 'instance', 'owner', 'fds', 'sys', 'root'),
  devices: anyOf(
    these('kernel/src/fs/dev/binder', 'write-read', 'transaction', 'objects'),
    these('kernel/src/fs/devpts', 'tty-ioctl', 'job-control'),
  ),
  memory: these(
    'kernel/src/mm', 'brk', 'change-vmas', 'migrate', 'mlock', 'mprotect', 'mremap', 'process-vm', 'remap-file-pages',
  ),
  tasks: these(
    'kernel/src/task', 'create-namespaces', 'kcmp', 'ptrace-requests', 'ptrace-stops', 'release-task', 'setns', 'wait',
  ),
  files: anyOf(
    these('kernel/src/syscalls', 'clocks', 'dirs', 'fcntl', 'ioctl', 'memory', 'polls', 'ranges', 'rlimits', 'stats'),
    these('kernel/src/vfs', 'copy-range', 'epoll', 'epoll-paths', 'fallocate', 'moving', 'mount-setattr', 'remove',
      'rename', 'truncate'),
  ),
  calls: these(
    'kernel/src/syscalls', 'admin', 'aio', 'bpf', 'copies', 'epolls', 'event-fds', 'fanotifies', 'fanotify-file',
    'fanotify-group', 'fanotify-info', 'fanotify-marks', 'fanotify-read', 'file-handles', 'file-locks', 'fs-contexts',
    'futexes', 'futex-op', 'hardware', 'inotifies', 'kernel-images', 'landlock', 'ldt', 'lsm', 'memfds', 'mount-info',
    'mounts', 'namespaces', 'numa', 'old-dirs', 'old-files', 'perf-events', 'personality', 'pidfds', 'priorities',
    'prctl-mm', 'ptrace', 'quota-records', 'quotas', 'runner', 'sched', 'sessions', 'signal-waits', 'signals',
    'special-memory', 'timers', 'usage', 'waits', 'xattrs',
  ),
}
