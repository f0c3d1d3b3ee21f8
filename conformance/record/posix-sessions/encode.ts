/** Sessions as the runner reads them: a line a call, every argument a word that says its kind. */
import { ownValue } from '@lsmkit/abi'
import { PLAIN } from '../../src/posix/calls.ts'
import { toBytes, toNumber } from '../../src/posix/session.ts'
import type { Actor, Call, Header, Prelude, Session } from '../../src/posix/session.ts'

const hex = (text: string): string => Buffer.from(toBytes(text)).toString('hex')
const number = (arg: unknown): string => {
  const value = toNumber(arg)
  return `i${value === Infinity ? -1 : value}`
}
const text = (arg: unknown): string => (typeof arg === 'string' ? `s${hex(arg)}` : arg === null ? 'z' : number(arg))
const data = (arg: unknown): string => {
  if (typeof arg === 'string') return `s${hex(arg)}`
  const { rep, n } = arg as { rep: string; n: number }
  return `r${hex(rep)}:${n}`
}
const list = (items: readonly unknown[], encode: (arg: unknown) => string): string =>
  [`l${items.length}`, ...items.map(encode)].join(' ')

const TIMES: Readonly<Record<string, number>> = { UTIME_NOW: 0x3fffffff, UTIME_OMIT: 0x3ffffffe }
const time = (arg: unknown): string =>
  Array.isArray(arg) ? list(arg, number) : `i${ownValue(TIMES, arg as string) ?? toNumber(arg)}`

/** Numbers and text as `PLAIN` names them; `o` a number or null, `l` numbers, `t` texts, `s` a structure, `T` times. */
const kinds: Readonly<Record<string, (arg: unknown) => string>> = {
  n: number,
  p: text,
  d: data,
  o: (arg) => (arg === null ? 'z' : Array.isArray(arg) ? list(arg, number) : number(arg)),
  l: (arg) => list(arg as unknown[], number),
  L: (arg) => list(arg as unknown[], (item) => list(item as unknown[], number)),
  t: (arg) => list(arg as unknown[], text),
  T: (arg) => (arg === null ? 'z' : list(arg as unknown[], time)),
  s: (arg) =>
    arg !== null && typeof arg === 'object' && !Array.isArray(arg)
      ? list(Object.values(arg), number)
      : kinds['o']!(arg ?? 0),
}

const OTHERS: Readonly<Record<string, string>> = {
  openat2: 'nps', read: 'nn', pread64: 'nnn', copy_file_range: 'nonon', newfstatat: 'npn', fstat: 'n',
  readlink: 'pn', readlinkat: 'npn', getcwd: 'n', getdents64: 'n', utimensat: 'npTn',
  getxattr: 'ppn', lgetxattr: 'ppn', fgetxattr: 'npn', listxattr: 'pn', llistxattr: 'pn', flistxattr: 'nn',
  fcntl: 'nno', pipe2: 'n', setgroups: 'l', getresuid: '', getresgid: '', getgroups: '', capget: '', capset: 'ppp',
  sigpending: '', prlimit: 'no', execve: 'ptt', execveat: 'npttn', hold: 'p', reap: 'n', install: 'pnnn',
  shmget: 'nnn', semget: 'nnn', msgget: 'nnn', shmat: 'nn', shmdt: 'n', shmpeek: 'nnn', shmpoke: 'nnp',
  shmctl: 'nns', msgctl: 'nns', semop: 'nL', semctl: 'nnns', msgsnd: 'nndn', msgrcv: 'nnnn',
}

const call = ([actor, name, args]: Call): string => {
  const shape = ownValue(PLAIN, name) ?? ownValue(OTHERS, name)
  if (shape === undefined) throw new Error(`no call \`${name}\``)
  return ['C', actor, name, ...args.map((arg, i) => ownValue(kinds, shape[i] ?? 'n')!(arg))].join(' ')
}

const actor = ({ uid, gid, caps, umask, groups }: Actor): string =>
  ['A', uid, gid, caps === 'all' ? -1 : BigInt(`0x${caps}`), Number.parseInt(umask, 8), ...groups].join(' ')

export const encodeHeader = ({ bounding }: Header): string => `B ${bounding}\n`
export const encodeSession = (session: Session, prelude: Prelude | undefined): string =>
  [
    `S ${session.id}`,
    ...session.actors.map(actor),
    ...(prelude?.calls ?? []).map(call),
    ...session.calls.map(call),
    'E',
    '',
  ].join('\n')
