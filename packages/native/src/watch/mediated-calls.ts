/** The calls under mediation, and the side that makes each: the table that `lsm exec --mediate --check` prints. */

export interface MediatedCalls {
  readonly calls: readonly string[]
  /** `watch`: without a race. `kernel`: Landlock and seccomp beneath decide about arguments that change. */
  readonly by: 'watch' | 'kernel' | 'refused'
  readonly note: string
}

export const mediatedCalls: readonly MediatedCalls[] = [
  {
    calls: [
      'open', 'creat', 'mkdir', 'mknod', 'symlink', 'link', 'unlink', 'rmdir', 'rename', 'chmod', 'chown', 'truncate',
      'setxattr', 'removexattr',
    ],
    by: 'watch', note: 'on descriptors that it holds',
  },
  { calls: ['connect', 'bind'], by: 'watch', note: "on the program's own socket" },
  { calls: ['kill', 'ptrace', 'fork'], by: 'kernel', note: 'their arguments are numbers, which cannot change' },
  { calls: ['execve'], by: 'kernel', note: 'a process that turns out to run another file is ended at its next call' },
  { calls: ['sendto', 'sendmsg'], by: 'kernel', note: 'an address that changes is left to the walls beneath' },
  {
    calls: ['mount', 'namespaces', 'chroot', 'file handles', 'memory of other processes', 'io_uring'],
    by: 'refused', note: '',
  },
]
