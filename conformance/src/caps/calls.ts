/** The calls of the recorded tables, made as system calls: `setuid(0)`, `PR_CAPBSET_DROP(13)`, `capset(P=1,E=0)`. */
import {
  _LINUX_CAPABILITY_VERSION_3, packUserCap, PR_CAP_AMBIENT, PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS, PR_SET_SECUREBITS, userCapWords, ownValue,
} from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { UsageError } from '../suite.ts'
import { readHex, readNames } from './state.ts'

export interface CallOutcome {
  /** The answer of the system call. */
  readonly rc: number
  /** The value in the table's `retval`: the answer, or the version in the header. */
  readonly value: number
}

type Sys = Kernel['sys']
type Call = (sys: Sys, task: Task, args: readonly string[]) => CallOutcome

/** A failed call's value is -1, as from the C library. */
const plain = (rc: number): CallOutcome => ({ rc, value: rc < 0 ? -1 : rc })

const prctlOptions: Readonly<Record<string, number>> = {
  PR_CAP_AMBIENT, PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_SET_KEEPCAPS, PR_SET_NO_NEW_PRIVS, PR_SET_SECUREBITS,
}

const prctl = (sys: Sys, task: Task, option: number, args: readonly string[]): CallOutcome => {
  const [arg2 = 0, arg3 = 0, arg4 = 0, arg5 = 0] = args.map(Number)
  return plain(sys.prctl(task, option, arg2, arg3, arg4, arg5))
}

const named = (args: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(args.map((arg) => arg.split('=') as [string, string]))

const WORDS = userCapWords(_LINUX_CAPABILITY_VERSION_3)
const pack = (effective: CapWords, permitted: CapWords, inheritable: CapWords) =>
  packUserCap({ effective, permitted, inheritable }, WORDS)

/** Sets are hexadecimal in one table and names in the other. */
const capset = (read: (text: string) => CapWords): Call => (sys, task, args) => {
  const { P, E, I } = named(args)
  const header = { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }
  return plain(sys.capset(task, header, pack(read(E!), read(P!), read(I!))))
}

/** The value is the version that stands in the header afterwards. */
const capget: Call = (sys, task, args) => {
  const header = { version: Number(named(args).ver), pid: Number(named(args).pid) }
  const rc = sys.capget(task, header, args.includes('NULL') ? null : new Uint8Array(24))
  return { rc, value: header.version }
}

/** capset with empty sets; when it is refused, the value is the version that stands in the header afterwards. */
const capset0: Call = (sys, task, args) => {
  const header = { version: Number(named(args).ver), pid: Number(named(args).pid) }
  const rc = sys.capset(task, header, new Uint8Array(24))
  return rc < 0 ? { rc, value: header.version } : plain(rc)
}

const ids = (args: readonly string[]): [number, number, number] => {
  const [a = 0, b = 0, c = 0] = args.map(Number)
  return [a, b, c]
}

const calls: Readonly<Record<string, Call>> = {
  setuid: (sys, task, args) => plain(sys.setuid(task, ids(args)[0])),
  setreuid: (sys, task, args) => plain(sys.setreuid(task, ids(args)[0], ids(args)[1])),
  setresuid: (sys, task, args) => plain(sys.setresuid(task, ...ids(args))),
  setfsuid: (sys, task, args) => plain(sys.setfsuid(task, ids(args)[0])),
  capget,
  capset0,
  prctl: (sys, task, [option, ...args]) => prctl(sys, task, ownValue(prctlOptions, option!)!, args),
}

/** Which notation `capset` has. */
export type Notation = 'hex' | 'names'

/** Makes the call that `text` describes. */
export const makeCall = ({ sys }: Kernel, task: Task, text: string, notation: Notation): CallOutcome => {
  const match = /^(\w+)\((.*)\)$/.exec(text)
  if (match === null) throw new UsageError(`\`${text}\` is not a call`)
  const [, name, list] = match
  if (name === 'capset') {
    const names = [...list!.matchAll(/[PEI]=[^\s=]*(?=,[PEI]=|\s|$)/g)].map(([part]) => part)
    return capset(notation === 'hex' ? readHex : readNames)(sys, task, names)
  }
  const args = list!.split(',')
  const option = ownValue(prctlOptions, name!)
  if (option !== undefined) return prctl(sys, task, option, args)
  const call = ownValue(calls, name!)
  if (call === undefined) throw new UsageError(`no call \`${name}\` is known`)
  return call(sys, task, args)
}
