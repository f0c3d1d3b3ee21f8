/** Ways to say what a row of the named table does: one process, two, a traced one, one in a namespace of its own. */
import {
  AT_FDCWD, capSetOf, capToShortHex, CAP_NET_RAW, CapSet, CLONE_NEWUSER, errnoName, MAP_ANONYMOUS, MAP_FIXED,
  MAP_PRIVATE, O_RDWR, O_WRONLY, packUserCap, packVfsCap, PROT_READ, PTRACE_SEIZE, PTRACE_TRACEME, unpackVfsCap,
  XATTR_NAME_CAPS,
} from '@lsmkit/abi'
import { fileCapsFromText, fileCapsToText } from '@lsmkit/capability/engine'
import type { Task } from '@lsmkit/core'
import type { CapsMachine } from './machine.ts'
import type { ProgramFile } from './program.ts'
import { readWords, writeNames } from './state.ts'

export type Scenario = (machine: CapsMachine) => string

export const FILE = '/plain/f'
export const USER = 'uid=1000,1000,1000,1000 gid=1000,1000,1000,1000'

export const errnoText = (rc: number): string => (rc < 0 ? errnoName(rc) : 'ok')

export const fileCaps = (version: number, { flags = 1, rootid = 0 } = {}): Uint8Array =>
  packVfsCap({
    magic_etc: (version << 24) | flags, permitted: capSetOf(CAP_NET_RAW), inheritable: new CapSet(), rootid,
  })!

const plainFile: ProgramFile = { uid: 0, gid: 0, mode: 0o644, caps: null }

/** Runs `act` as a process in state `words`, with a file made by root before. */
export const withFile =
  (words: string, file: Partial<ProgramFile>, act: (machine: CapsMachine, task: Task) => string): Scenario =>
    (machine) => {
      machine.makeFile(FILE, { ...plainFile, ...file })
      const task = machine.start(readWords(words))
      try {
        return act(machine, task)
      } finally {
        machine.end(task)
        machine.kernel.sys.unlink(machine.kernel.init, FILE)
      }
    }

export const as = (words: string, act: (machine: CapsMachine, task: Task) => string): Scenario =>
  withFile(words, {}, act)

export const setxattr = (words: string, name: string, value: Uint8Array, file: Partial<ProgramFile> = {}): Scenario =>
  withFile(words, file, ({ kernel }, task) => errnoText(kernel.sys.setxattr(task, FILE, name, value, 0)))

/** `uid_map` and `gid_map` as init writes them: uid 0 inside is 1000 outside. */
const enterNamespace = ({ kernel }: CapsMachine, task: Task): void => {
  const { sys, init } = kernel
  const rc = sys.unshare(task, CLONE_NEWUSER)
  if (rc < 0) throw new Error(`unshare: ${errnoName(rc)}`)
  for (const map of ['uid_map', 'gid_map']) {
    const fd = sys.openat(init, AT_FDCWD, `/proc/${task.pid}/${map}`, O_WRONLY, 0)
    const written = sys.write(init, fd, new TextEncoder().encode('0 1000 1\n'))
    sys.close(init, fd)
    if (written < 0) throw new Error(`${map}: ${errnoName(written)}`)
  }
}

export const inNamespace = (file: Partial<ProgramFile>, act: (machine: CapsMachine, task: Task) => string): Scenario =>
  withFile(USER, file, (machine, task) => {
    enterNamespace(machine, task)
    return act(machine, task)
  })

const getCaps = ({ kernel }: CapsMachine, task: Task): Uint8Array | number => {
  const buf = new Uint8Array(64)
  const rc = kernel.sys.getxattr(task, FILE, XATTR_NAME_CAPS, buf)
  return rc < 0 ? rc : buf.subarray(0, rc)
}

export const sizeAnd = (what: 'ver' | 'rootid') => (machine: CapsMachine, task: Task): string => {
  const value = getCaps(machine, task)
  if (typeof value === 'number') return errnoName(value)
  const { magic_etc, rootid } = unpackVfsCap(value)!
  return `size=${value.length} ${what}=${what === 'ver' ? magic_etc >>> 24 : rootid}`
}

/** The file's capabilities that remain after `act`. */
export const killpriv = (act: (machine: CapsMachine, task: Task) => number): Scenario =>
  withFile('P=ALL E=ALL', { caps: fileCaps(2) }, (machine, task) => {
    const rc = act(machine, task)
    return `${errnoText(rc)} ${typeof getCaps(machine, task) === 'number' ? 'nocaps' : 'caps'}`
  })

export const writeByte = ({ kernel }: CapsMachine, task: Task): number => {
  const fd = kernel.sys.openat(task, AT_FDCWD, FILE, O_RDWR, 0)
  const rc = fd < 0 ? fd : kernel.sys.write(task, fd, Uint8Array.of(65))
  kernel.sys.close(task, fd)
  return rc
}

/** Two processes: what the first may do to the second. */
export const between = (
  actor: string,
  target: string,
  act: (machine: CapsMachine, actor: Task, target: Task) => number,
): Scenario => (machine) => {
  const tasks = [actor, target].map((words) => machine.start(readWords(words))) as [Task, Task]
  const rc = act(machine, ...tasks)
  for (const task of tasks) machine.end(task)
  return errnoText(rc)
}

export const seize = (actor: string, target: string): Scenario =>
  between(actor, target, ({ kernel }, me, other) => kernel.sys.ptrace(me, PTRACE_SEIZE, other.pid, 0, 0))

const setuidRoot: ProgramFile = { uid: 0, gid: 0, mode: 0o4755, caps: null }
export const capsProgram: ProgramFile = { uid: 0, gid: 0, mode: 0o755, caps: fileCaps(2) }

export const execOutcome = (
  machine: CapsMachine,
  task: Task,
  program: ProgramFile,
  options?: Parameters<CapsMachine['exec']>[2],
): string => {
  const { rc, atSecure } = machine.exec(task, program, options)
  if (rc < 0) return errnoName(rc)
  const { uid, P, E, A } = machine.state(task)
  return `euid=${uid[1]} P=${writeNames(P)} E=${writeNames(E)} A=${writeNames(A)} secure=${Number(atSecure)}`
}

/** A traced execve of a set-user-ID root program; `attach` makes the tracer one. */
export const tracedExec = (
  tracer: string,
  tracee: string,
  attach: (machine: CapsMachine, tracer: Task, tracee: Task) => number,
): Scenario => (machine) => {
  const parent = machine.start(readWords(tracer))
  const task = machine.start(readWords(tracee), parent)
  const rc = attach(machine, parent, task)
  if (rc < 0) throw new Error(`attaching: ${errnoName(rc)}`)
  const outcome = execOutcome(machine, task, setuidRoot)
  machine.end(task, parent)
  machine.end(parent)
  return outcome
}
export const traceme = ({ kernel }: CapsMachine, _tracer: Task, tracee: Task) =>
  kernel.sys.ptrace(tracee, PTRACE_TRACEME, 0, 0, 0)
export const seizing = ({ kernel }: CapsMachine, tracer: Task, tracee: Task) =>
  kernel.sys.ptrace(tracer, PTRACE_SEIZE, tracee.pid, 0, 0)

/** setcap, the bytes, getcap. */
export const setcap = (text: string): Scenario => as('P=ALL E=ALL', (machine, task) => {
  const rc = machine.kernel.sys.setxattr(task, FILE, XATTR_NAME_CAPS, fileCapsFromText(text), 0)
  const value = rc < 0 ? rc : getCaps(machine, task)
  if (typeof value === 'number') return errnoName(value)
  return `${Buffer.from(value).toString('hex')} F ${fileCapsToText(value).text}`
})

export const capget = (words: string, version: number, pid: number): Scenario => as(words, ({ kernel }, task) => {
  const header = { version, pid }
  const rc = kernel.sys.capget(task, header, new Uint8Array(24))
  return `${errnoText(rc)} ver=${header.version.toString(16)}`
})

export const capset = (version: number, pid: number): Scenario => as('P=ALL E=ALL', ({ kernel }, task) =>
  errnoText(kernel.sys.capset(task, { version, pid }, new Uint8Array(24))))

export const VERSION_3 = 0x20080522
export const prctls = (words: string, ...calls: number[][]): Scenario => as(words, ({ kernel }, task) =>
  calls.map(([option = 0, arg2 = 0, arg3 = 0]) => kernel.sys.prctl(task, option, arg2, arg3, 0, 0))
    .map((rc) => (rc < 0 ? errnoName(rc) : rc)).join(' '))

export const mapZero = ({ kernel }: CapsMachine, task: Task): string =>
  errnoText(kernel.sys.mmap(task, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0))

export const maskedCapset = as('P=net_raw E=net_raw', ({ kernel }, task) => {
  const set = new CapSet(1 << CAP_NET_RAW, ~0x1ff)
  const data = packUserCap({ effective: set, permitted: set, inheritable: new CapSet() }, 2)
  const rc = kernel.sys.capset(task, { version: VERSION_3, pid: 0 }, data)
  const { cap_permitted: P, cap_effective: E } = task.cred
  return rc < 0 ? errnoName(rc) : [P, E].map(capToShortHex).join(' ')
})
