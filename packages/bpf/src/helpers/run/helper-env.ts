/** What helpers work on: the machine and its maps, and a host that knows tasks, files, users' memory and time. */
import type { BpfMap } from '../../maps/bpf-map.ts'
import type { MapSpace } from '../../maps/map-space.ts'
import { BpfFault } from '../../vm/fault.ts'
import type { Helper } from '../../vm/executable.ts'
import type { Machine } from '../../vm/machine.ts'
import type { AsyncCalls } from './async-calls.ts'

/** The running task as helpers tell of it. */
export interface TaskFacts {
  readonly pid: number
  readonly tgid: number
  readonly uid: number
  readonly gid: number
  readonly comm: string
}

/** Control groups; each is known by the address of its `struct cgroup`. */
export interface GroupHost {
  readonly ofTask: (task: number) => number
  readonly id: (group: number) => number
  /** 0 when there is none of that id. */
  readonly fromId: (id: number) => number
  /** Steps below the root. */
  readonly level: (group: number) => number
  /** 0 above the root. */
  readonly parent: (group: number) => number
  readonly children: (group: number) => readonly number[]
  /** Whether a group is the other or below it. */
  readonly isUnder: (group: number, above: number) => boolean
  /** Of what a CGROUP_ARRAY holds. */
  readonly of: (held: object) => number
}

/** A part of a task's memory. */
export interface Area {
  readonly start: bigint
  readonly end: bigint
  /** Of its `struct vm_area_struct`. */
  readonly address: () => number
}

/**
 * What is asked of the kernel behind the programs. Addresses are of kernel objects in the machine's memory. Every
 * member may be left out: then there is nobody to ask, and the helper answers as on a machine without it.
 */
export interface ProgramHost {
  /** Address of current's task_struct. */
  readonly task?: () => number
  readonly facts?: () => TaskFacts
  readonly groups?: GroupHost
  /** Leaders of all processes, the idle task first; threads of a process, its leader first. */
  readonly processes?: () => readonly number[]
  readonly threads?: (task: number) => readonly number[]
  /** The task of a number in the initial name space, 0 when there is none. */
  readonly taskOf?: (pid: number) => number
  /** What a task has mapped, in order; null when it has no memory. */
  readonly areas?: (task: number) => readonly Area[] | null
  /** An extended attribute that the running task may read: -EACCES, -ENODATA, -EOPNOTSUPP. */
  readonly xattr?: (object: number, kind: 'file' | 'dentry', name: string) => Uint8Array | number
  /** Id of the group that the running program is attached to, and its attach type. */
  readonly attachedTo?: () => { readonly group: number; readonly type: number }
  /** Copies from the running task's memory: 0 or -EFAULT. */
  readonly readUser?: (address: number, into: Uint8Array) => number
  /** The same of another task. */
  readonly readTask?: (task: number, address: number, into: Uint8Array) => number
  readonly writeUser?: (address: number, bytes: Uint8Array) => number
  /** Nanoseconds since boot; from 0 when not given. */
  readonly now?: () => number
  /** One line of the trace pipe, without its line feed. */
  readonly trace?: (text: string) => void
  /** Path of a `struct path`, null when it has none. */
  readonly path?: (address: number) => string | null
  /** Sends the signal to the running process, or only to its thread: 0 or -errno. */
  readonly signal?: (signal: number, thread: boolean) => number
  /** Secure-exec of a `struct linux_binprm`. */
  readonly secureExec?: (bprm: number, on: boolean) => void
  /** SHA-256 of the content of a file, null when there is none. */
  readonly hash?: (object: number, kind: 'file' | 'inode') => Uint8Array | null
  /** `struct file *` of the program that a task runs, 0 when it has none. */
  readonly exeFile?: (task: number) => number
  /** `struct socket *` of a file, `struct sock *` and other networking: 0 when it is none. */
  readonly socketOfFile?: (file: number) => number
  /** What programs attached to control groups get and set. */
  readonly retval?: { get(): number; set(value: number): number }
  /** Of the program that runs. */
  readonly cookie?: () => number
  /**
   * Calls a callback of programs later, for timers: what to do, in nanoseconds from now. Gives the way to stop it, null
   * when it cannot.
   */
  readonly later?: (nanoseconds: number, run: () => void) => (() => void) | null
  /** A callback that ran later was stopped. */
  readonly fault?: (error: unknown) => void
}

export interface HelperEnv {
  readonly machine: Machine
  readonly maps: MapSpace
  readonly host: ProgramHost
  readonly asyncs: AsyncCalls
}

/** A line of a table of helpers: letters of arguments and result as in `Helper`. */
export type HelperLine = readonly [
  id: number,
  args: string,
  result: Helper['result'],
  call: (env: HelperEnv, ...words: number[]) => number,
  callsBack?: true,
]

/** The map that a register points to; a program that was not verified may have anything there. */
export const mapAt = ({ maps }: HelperEnv, address: number): BpfMap => {
  const map = maps.at(address >>> 0)
  if (map === null) throw new BpfFault('helper', -1, 'no map is at this address')
  return map
}

/** Bytes that the program gives: a view that must not be kept, or a copy out of a kernel object. */
export const given = ({ machine: { memory, objects } }: HelperEnv, address: number, size: number): Uint8Array => {
  const [at, length] = [address >>> 0, size >>> 0]
  if (length === 0 || memory.mayRead(at, length)) return memory.u8.subarray(at, at + length)
  const bytes = objects.bytes(at, 0, length)
  if (bytes === null) throw new BpfFault('memory', -1)
  return bytes
}

/** Where such bytes lie in memory: those of a kernel object are put there for the helper. */
export const placed = (env: HelperEnv, address: number, size: number): number => {
  const { memory } = env.machine
  const [at, length] = [address >>> 0, size >>> 0]
  if (length === 0 || memory.mayRead(at, length)) return at
  const bytes = given(env, at, length)
  const copy = env.machine.copyRoom(length)
  memory.u8.set(bytes, copy)
  return copy
}

/** Bytes that the helper fills for the program. */
export const wanted = ({ machine: { memory } }: HelperEnv, address: number, size: number): Uint8Array => {
  const [at, length] = [address >>> 0, size >>> 0]
  if (length !== 0 && !memory.mayWrite(at, length)) throw new BpfFault('memory', -1)
  return memory.u8.subarray(at, at + length)
}

/** A 64-bit result: the high word goes to the machine's cell. */
export const wide = ({ machine }: HelperEnv, value: number): number => {
  const high = Math.floor(value / WORD)
  machine.high = high | 0
  return (value - high * WORD) | 0
}

/** 64 bits from two words, as a number: exact to 53 bits. */
export const number64 = (low: number, high: number): number => high * WORD + (low >>> 0)

const WORD = 0x1_0000_0000

/** Writes 64 bits. */
export const put64 = ({ machine: { memory } }: HelperEnv, address: number, low: number, high: number): void => {
  if (!memory.mayWrite(address >>> 0, 8)) throw new BpfFault('memory', -1)
  memory.view.setInt32(address >>> 0, low, true)
  memory.view.setInt32((address >>> 0) + 4, high, true)
}

/** The text up to a NUL within `size` bytes. */
export const textAt = (env: HelperEnv, address: number, size: number): string => {
  return textIn(given(env, address, size))
}

const textIn = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end))
}

const PAGE = 4096

/** The text up to its NUL, wherever that is; none longer than a page is read. */
export const cString = (env: HelperEnv, address: number, high = 0): string => {
  const { memory, objects } = env.machine
  const at = address >>> 0
  if (high === 0 && memory.mayRead(at, 1)) return textAt(env, at, Math.min(PAGE, memory.u8.length - at))
  const bytes = objects.bytes(at, high, PAGE)
  return bytes === null ? '' : textIn(bytes)
}
