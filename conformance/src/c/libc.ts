/** The C library and the kernel as C text calls them: what every suite that plays C text has. */
import { ownValue } from '@lsmkit/abi'
import * as abi from '@lsmkit/abi'
import type { Actor } from './actor.ts'
import { BPF_HEADERS, bpfCalls } from './bpf.ts'
import { fileCalls } from './files.ts'
import { GLOBALS, HEADERS } from './headers.ts'
import { IPC_GLOBALS, IPC_HEADERS, ipcCalls } from './ipc.ts'
import { keyCalls } from './keys.ts'
import { ChildEnds, CMachine } from './machine.ts'
import type { Builtin, Functions } from './machine.ts'
import { NETLINK_GLOBALS, NETLINK_HEADERS, netlinkCalls } from './netlink.ts'
import { PERF_HEADERS, perfCalls } from './perf.ts'
import { processCalls } from './processes.ts'
import { signatureCalls } from './signatures.ts'
import { SOCKET_GLOBALS, SOCKET_HEADERS, socketCalls } from './sockets.ts'
import { stringCalls } from './strings.ts'
import { URING_GLOBALS, URING_HEADERS, uringCalls } from './uring.ts'

/** Names of the recorder's programs that no header has. */
const OWN_NAMES: Readonly<Record<string, number>> = {
  NULL: 0, CWD: abi.AT_FDCWD, SIG_DFL: 0, SIG_IGN: 1, SIGEV_SIGNAL: 0, SIGEV_NONE: 1,
  ADJ_SETOFFSET: 0x100, ADJ_FREQUENCY: 2,
  UFFD_USER_MODE_ONLY: 1, O_ASYNC: 0o20000, FASYNC: 0o20000, O_NDELAY: abi.O_NONBLOCK,
}

const constant = (name: string): number | undefined => {
  const value = ownValue(OWN_NAMES, name) ?? (abi as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined
}

/** Calls that take numbers alone need nothing but their name. */
const plain = (world: Actor, name: string): Builtin | undefined => {
  const call = (world.sys as unknown as Record<string, Builtin | undefined>)[name]
  return call === undefined ? undefined : (...args) => call(...args)
}

/** Functions by name, as one task calls them. */
export type Group<A extends Actor = Actor> = (m: CMachine, actor: A) => Record<string, Builtin>
const GROUPS: readonly Group[] = [
  stringCalls, fileCalls, ipcCalls, keyCalls, bpfCalls, perfCalls, uringCalls, socketCalls, signatureCalls,
  netlinkCalls, processCalls,
]

const FORKS = ['fork', 'vfork', 'clone', 'clone3']

/**
 * The functions that the text may call as one task, a suite's own helpers included; `onChild` is called for processes
 * it makes.
 */
export const functionsOf = <A extends Actor>(
  m: CMachine, world: A, helpers: Group<A>, onChild: (pid: number) => void = () => {},
): Functions => {
  const all = new Map<string, Builtin>()
  for (const group of [...GROUPS, helpers]) for (const [name, fn] of Object.entries(group(m, world))) all.set(name, fn)
  const lookUp = (name: string) => all.get(name) ?? plain(world, name)
  const born = (pid: number): number => {
    if (pid > 0 && world.taskOf(pid).tgid === pid) onChild(pid)
    return pid
  }
  for (const name of FORKS) {
    const fork = lookUp(name)!
    all.set(name, (...args) => born(fork(...args)))
  }
  return lookUp
}

/** As `functions`, of a child that the text has just forked: it sees 0 once, and its part ends when it sleeps. */
export const asChild = ({ kernel }: Actor, functions: Functions): Functions => {
  let isBorn = false
  return (name) => {
    const fn = functions(name)
    if (fn === undefined) return undefined
    return (...args) => {
      if (!isBorn && FORKS.includes(name)) {
        isBorn = true
        return 0
      }
      const rc = fn(...args)
      if (rc !== -abi.ERESTARTSYS) return rc
      kernel.machine.sleepOn?.subscribe(() => {})
      throw new ChildEnds()
    }
  }
}

const TEXTS = HEADERS + BPF_HEADERS + PERF_HEADERS + IPC_HEADERS + SOCKET_HEADERS +
  NETLINK_HEADERS + URING_HEADERS + GLOBALS + NETLINK_GLOBALS + IPC_GLOBALS + SOCKET_GLOBALS + URING_GLOBALS
/** They are parsed once. */
let headers: CMachine | null = null

/** A machine with the headers and the buffers that C texts name. */
export const machineWithHeaders = (): CMachine => {
  if (headers === null) {
    headers = new CMachine(constant)
    headers.run(TEXTS)
  }
  return headers.copy()
}
