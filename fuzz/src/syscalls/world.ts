/** A kernel with canaries, a confined task, and somebody who makes calls from within the calls of others. */
import { AT_FDCWD, CAP_EMPTY_SET, capAssign, capIsEmpty, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from '@lsmkit/abi'
import type { Cred, Task } from '@lsmkit/core'
import { bootKernel, Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { openAll } from '@lsmkit/kernel/fuzz'
import type { Confinement } from './stacks.ts'

/** The contents of the canaries: no confined program may ever have them in a buffer. */
export const SECRET = 'canary-7f3a9c51'
export const UID = 1000

/** By its mode, and by the stack. */
const DAC_CANARY = '/root/canary'
const MAC_CANARY = '/canary'

/** Where confined tasks would find what they may not have. */
export const TEMPTING = [
  DAC_CANARY, MAC_CANARY, '/root', '/proc/1/root/root/canary', '/proc/1/root/canary', '/proc/1/fd/3', '/proc/1/cwd',
  '/proc/1/mem', '/proc/self/root/root/canary', '/proc/self/fd/3', '/proc/self/attr/current', '/tmp/link',
  '/tmp/../root/canary', '/proc/self/uid_map', '/proc/self/setgroups', '/proc/self/exe', '/setuid', '/dev/mem',
]

export interface World extends Kernel {
  readonly user: Task
  readonly panics: string[]
  /** Calls that were made from within others. */
  readonly nested: () => number
}

const HOOKS = ['inode_permission', 'file_open', 'file_permission', 'capable', 'task_alloc', 'socket_create'] as const
/** Of so many asks of a hook one is answered to with a call. */
const EVERY = 7
const CLOCK = 1_700_000_000_000

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${rc}`)
  return rc
}

const put = ({ sys, init }: Kernel, path: string, text: string, mode: number): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o600), path)
  sys.write(init, fd, new TextEncoder().encode(text))
  sys.fchmod(init, fd, mode)
  sys.close(init, fd)
}

/** Sinks and observers that write a log as process 1, and look at the canaries. */
const nestCalls = ({ sys, init }: Kernel, { stack }: Confinement): (() => number) => {
  const log = must(sys.openat(init, AT_FDCWD, '/root/log', O_CREAT | O_RDWR, 0o600), 'log')
  let busy = false
  let count = 0
  const nested = (): void => {
    if (busy) return
    busy = true
    count++
    sys.pwrite64(init, log, Uint8Array.of(0x2e), 0)
    sys.close(init, sys.openat(init, AT_FDCWD, DAC_CANARY, O_RDONLY, 0))
    sys.stat(init, MAC_CANARY, new Kstat())
    busy = false
  }
  stack.audit.addSink(nested)
  let asks = 0
  const entry = (): void => {
    if (++asks % EVERY === 0) nested()
  }
  for (const hook of HOOKS) stack.observe(hook, { entry })
  return () => count
}

export interface WorldOptions {
  /** Decides what is random to the kernel. */
  readonly seed: number
  /** Others make calls from within those of the user. */
  readonly nests?: boolean
  /** Else the user is root, whom nothing confines. */
  readonly confined?: boolean
}

export const bootWorld = (
  confinement: Confinement, { seed, nests = false, confined = true }: WorldOptions,
): World => {
  const panics: string[] = []
  const { stack } = confinement
  const kernel = bootKernel({
    stack, clock: () => CLOCK, ...confinement.options,
    onPanic: (name, error) => void panics.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`),
  })
  const { sys, init, machine } = kernel
  let word = seed
  machine.random = (length) => Uint8Array.from({ length }, () => (word = Math.imul(word, 48271) + 1) >>> 24)
  must(sys.mkdir(init, '/tmp', 0o777), '/tmp')
  sys.chmod(init, '/tmp', 0o1777)
  must(sys.mkdir(init, '/root', 0o700), '/root')
  put(kernel, DAC_CANARY, SECRET, 0o600)
  put(kernel, MAC_CANARY, SECRET, 0o644)
  put(kernel, '/prog', '\0asm\x01\0\0\0', 0o755)
  must(sys.symlink(init, DAC_CANARY, '/tmp/link'), 'link')
  for (let fd = 0; fd <= 3; fd++) must(sys.openat(init, AT_FDCWD, DAC_CANARY, O_RDONLY, 0), 'fd')
  confinement.protect(kernel, MAC_CANARY)
  const user = machine.tasks.find(must(sys.fork(init), 'fork'))!
  sys.close_range(user, 0, 0xffffffff, 0)
  if (confined) {
    confinement.confine(kernel, user)
    dropRights(kernel, user)
  }
  const nested = nests ? nestCalls(kernel, confinement) : () => 0
  openAll(kernel.sys, user)
  return { ...kernel, user, panics, nested }
}

const dropRights = ({ sys }: Kernel, task: Task): void => {
  must(sys.setgroups(task, 0, []), 'setgroups')
  must(sys.setresgid(task, UID, UID, UID), 'setresgid')
  must(sys.setresuid(task, UID, UID, UID), 'setresuid')
  const { cred } = task
  for (const set of [cred.cap_effective, cred.cap_permitted, cred.cap_inheritable, cred.cap_ambient]) {
    capAssign(set, CAP_EMPTY_SET)
  }
}

/** Which right a task has that it must not have; null when there is none. */
const rightOf = ({ uid, euid, suid, fsuid, gid, egid, sgid, fsgid, user_ns, ...cred }: Cred): string | null => {
  const ids = { uid, euid, suid, fsuid, gid, egid, sgid, fsgid }
  for (const [name, id] of Object.entries(ids)) if (id !== UID) return `${name} ${id}`
  if (user_ns.parent !== null) return null
  for (const set of ['cap_effective', 'cap_permitted', 'cap_ambient'] as const) {
    if (!capIsEmpty(cred[set])) return set
  }
  return null
}

/** Right that anybody but process 1 has gained; null when nobody has. */
export const gained = ({ machine, init }: Kernel): string | null => {
  for (const task of machine.tasks.threads()) {
    if (task === init || task.exit_state !== 0) continue
    const right = rightOf(task.cred) ?? rightOf(task.real_cred)
    if (right !== null) return `task ${task.pid} has ${right}`
  }
  return null
}

/** The damage to the canaries; null if there is none. */
export const damaged = ({ sys, init }: Kernel): string | null => {
  for (const path of [DAC_CANARY, MAC_CANARY]) {
    const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
    const buffer = new Uint8Array(64)
    const length = sys.read(init, fd, buffer)
    const stat = new Kstat()
    sys.fstat(init, fd, stat)
    sys.close(init, fd)
    const text = new TextDecoder().decode(buffer.subarray(0, Math.max(length, 0)))
    if (text !== SECRET) return `${path} holds \`${text}\` (${fd})`
    if (stat.uid !== 0 || stat.gid !== 0) return `${path} belongs to ${stat.uid}:${stat.gid}`
  }
  return null
}
