/** The calls under mediation, and the side that makes each: the table that `lsm exec --mediate --check` prints. */

import { wrapped } from '../plan/explain.ts'

/** What happens if a program changes an argument between the question and the call. */
interface Race {
  /** Completes: "if … meanwhile". */
  readonly change: string
  /** What decides then, by the first ABI of Landlock that does. */
  readonly decided: readonly (readonly [what: string, abi: number])[]
}

export interface MediatedCalls {
  readonly calls: readonly string[]
  /** `watch`: without a race, on what it has looked at. */
  readonly by: 'watch' | 'kernel' | 'refused'
  readonly note: string
  /** Null: nothing is gained. */
  readonly race: Race | null
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const mediatedCalls: readonly MediatedCalls[] = [
  {
    calls: words(`
      open openat openat2 creat mkdir mkdirat mknod mknodat symlink symlinkat link linkat unlink unlinkat rmdir rename
      renameat renameat2 chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat truncate setxattr lsetxattr
      fsetxattr removexattr lremovexattr fremovexattr
    `),
    by: 'watch', note: 'on descriptors that it holds', race: null,
  },
  {
    calls: ['connect', 'bind', 'pidfd_send_signal'],
    by: 'watch', note: "on a copy of the program's descriptor; paths of UNIX sockets are held on every kernel",
    race: null,
  },
  {
    calls: ['sendto', 'sendmsg', 'sendmmsg'],
    by: 'watch', note: 'for sockets of datagrams, with what was read once; the kernel sends on streams',
    race: {
      change: 'the descriptor of a stream is exchanged for one of datagrams',
      decided: [['abstract names', 6], ['paths of UNIX sockets', 9], ['ports of UDP', 10]],
    },
  },
  {
    calls: ['kill', 'tkill', 'tgkill', 'ptrace', 'fork', 'vfork', 'clone'],
    by: 'kernel', note: 'their arguments are numbers, which cannot change', race: null,
  },
  {
    calls: ['execve', 'execveat'],
    by: 'kernel', note: 'a process that turns out to run another file is ended at its next call',
    race: { change: 'the name changes', decided: [['the files that may be executed', 1]] },
  },
  {
    calls: words(`
      mount umount2 move_mount open_tree open_tree_attr fsopen fsmount fspick mount_setattr chroot pivot_root unshare
      setns open_by_handle_at uselib personality process_vm_readv process_vm_writev pidfd_getfd userfaultfd bpf
      rt_sigqueueinfo rt_tgsigqueueinfo setxattrat removexattrat io_uring_setup clone3
    `),
    by: 'refused', note: '', race: null,
  },
]

const COLUMNS = 78
const INDENT = '    '

const raceLines = ({ change, decided }: Race, landlock: number): string[] => {
  const list = (isHeld: boolean): string =>
    decided.filter(([, abi]) => (landlock >= abi) === isHeld).map(([what, abi]) =>
      (isHeld ? what : `${what} (Landlock before ABI ${abi})`)).join(', ')
  const [held, open] = [list(true), list(false)]
  return [
    `if ${change} meanwhile, Landlock decides about: ${held === '' ? 'nothing' : held}`,
    ...open === '' ? [] : [`and nothing decides about: ${open}`],
  ]
}

/** A line for each group of calls, and more for those with a race, on a kernel with this ABI of Landlock. */
export const mediatedCallLines = (landlock: number): string[] => mediatedCalls.flatMap(({ calls, by, note, race }) => {
  const who = by === 'refused' ? 'refused' : `made by the ${by}`
  const [first = '', ...rest] = wrapped(`${calls.join(', ')}: ${who}${note === '' ? '' : `, ${note}`}`, COLUMNS)
  const more = race === null ? [] : raceLines(race, landlock).flatMap((line) => wrapped(line, COLUMNS - INDENT.length))
  return [first, ...[...rest, ...more].map((line) => INDENT + line)]
})
