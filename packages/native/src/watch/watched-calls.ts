/** The calls that a watch reads, and those that its probe repeats: the table that `lsm exec --watch --check` prints. */
import { wrapped } from '../plan/explain.ts'

export interface WatchedCalls {
  readonly calls: readonly string[]
  /** The kernel's answer is asked for behind the same walls. */
  readonly isRepeated: boolean
  readonly note: string
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const watchedCalls: readonly WatchedCalls[] = [
  {
    calls: ['open', 'openat', 'openat2', 'creat'], isRepeated: true,
    note: 'for files and folders that are there; not for new files, for cutting one, and for devices and pipes',
  },
  { calls: ['execve', 'execveat'], isRepeated: true, note: 'from Linux 6.14 on' },
  {
    calls: ['connect', 'bind', 'sendto', 'sendmsg', 'sendmmsg'], isRepeated: true,
    note: 'for ports of TCP and UDP, at an address that is nowhere; not for paths of UNIX sockets',
  },
  {
    calls: words(`
      mkdir mkdirat mknod mknodat symlink symlinkat link linkat unlink unlinkat rmdir rename renameat renameat2 truncate
    `),
    isRepeated: false, note: 'a second time would change something',
  },
]

const COLUMNS = 78
const INDENT = '    '

/** A line for each group of calls. */
export const watchedCallLines = (): string[] => watchedCalls.flatMap(({ calls, isRepeated, note }) => {
  const [first = '', ...rest] = wrapped(`${calls.join(', ')}: ${isRepeated ? '' : 'not '}repeated; ${note}`, COLUMNS)
  return [first, ...rest.map((line) => INDENT + line)]
})
