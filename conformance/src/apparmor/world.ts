/** The world a session plays in: a kernel with AppArmor, a fresh /t, and actors forked of an unconfined controller. */
import { O_CREAT, O_WRONLY, RLIMIT_NOFILE, SIG_BLOCK, SIGKILL, SIGSTOP, WNOHANG } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor'
import { PolicyStore } from '@lsmkit/apparmor/query'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { AuditRecord, Stack, Task } from '@lsmkit/core'
import { bootKernel, hostFormat } from '@lsmkit/kernel'
import type { Kernel, NativeProcess } from '@lsmkit/kernel'

/** An ELF identification with a mark of our own. */
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0x6c, 0x73, 0x6d, 0x6b, 0x69, 0x74, 0]
const PROGRAM_SIZE = 8192
const UNBLOCKED = [SIGKILL, SIGSTOP]

export interface Actor {
  readonly task: Task
  /** Descriptors that it keeps, by slot. */
  readonly slots: Map<number, number>
  /** The descriptors of the common socket pair's end in this actor. */
  readonly pair: readonly [number, number]
}

export interface World {
  readonly kernel: Kernel
  readonly stack: Stack
  readonly store: PolicyStore
  readonly binaries: ReadonlyMap<string, Uint8Array>
  readonly controller: Task
  readonly actors: Map<number, Actor>
  /** Texts of records, as they come. */
  readonly log: string[]
  readonly pair: readonly [number, number]
  /** The arguments of the last executed program. */
  report: NativeProcess | null
  readonly panics: string[]
}

const blocked = (): bigint => {
  let set = 0n
  for (let sig = 1; sig <= 64; sig++) if (!UNBLOCKED.includes(sig)) set |= 1n << BigInt(sig - 1)
  return set
}

const programBytes = (): Uint8Array => {
  const bytes = new Uint8Array(PROGRAM_SIZE)
  bytes.set(ELF_MAGIC)
  return bytes
}

const textOf = (record: AuditRecord): string | null => (record.kind === 'text' ? record.text : null)

/** `folders` were made on the root by sessions before: it stays unchanged for a whole boot. */
export const makeWorld = (
  binaries: ReadonlyMap<string, Uint8Array>, revision: number, folders: Iterable<string>,
): World => {
  const log: string[] = []
  const panics: string[] = []
  const store = new PolicyStore()
  store.root.revision = revision
  const sink = (record: AuditRecord): void => {
    const text = textOf(record)
    if (text !== null) log.push(text)
  }
  const stack = createStack({
    lsms: [capability(), apparmor({ policy: store })],
    cmdline: 'apparmor=1 security=apparmor',
    audit: { denials: false, sinks: [sink] },
  })
  const onPanic = (call: string, error: unknown): void => void panics.push(`${call}: ${String(error)}`)
  const kernel = bootKernel({ stack, bpf: () => bpf().engine(stack), onPanic })
  const controller = kernel.init
  const world: World = {
    kernel, stack, store, binaries, controller, actors: new Map(), log, pair: preparePair(kernel), report: null, panics,
  }
  prepareFiles(kernel)
  for (const folder of folders) kernel.sys.mkdir(controller, folder, 0o755)
  const isElf = (buf: Uint8Array): boolean => ELF_MAGIC.every((byte, i) => buf[i] === byte)
  kernel.machine.exec.registerBinfmt(hostFormat(kernel.machine, 'prog', isElf, (process) => {
    world.report = process
    return 0
  }))
  log.length = 0
  return world
}

const AF_UNIX = 1
const SOCK_DGRAM = 2

const preparePair = ({ init, sys }: Kernel): readonly [number, number] => {
  const fds: number[] = []
  sys.socketpair(init, AF_UNIX, SOCK_DGRAM, 0, fds)
  return [fds[0]!, fds[1]!]
}

const prepareFiles = (kernel: Kernel): void => {
  const { init, sys } = kernel
  init.signal!.rlim[RLIMIT_NOFILE] = { rlim_cur: 1024, rlim_max: 4096 }
  sys.umask(init, 0)
  sys.mkdir(init, '/t', 0o777)
  sys.mount(init, 'tmpfs', '/t', 'tmpfs', 0, 'mode=0777')
  sys.mkdir(init, '/dev/mqueue', 0o777)
  sys.mount(init, 'mqueue', '/dev/mqueue', 'mqueue', 0, null)
  sys.mkdir(init, '/t/bin', 0o777)
  writeFile(kernel, '/t/bin/.prog', programBytes(), 0o755)
  for (const folder of ['/in', POLICIES]) sys.mkdir(init, folder, 0o755)
}

/** Where the recorder had the binaries; an actor reads the one that it loads. */
export const POLICIES = '/in/p'

export const writeFile = ({ init, sys }: Kernel, path: string, data: Uint8Array, mode: number): void => {
  const fd = sys.open(init, path, O_WRONLY | O_CREAT, mode)
  sys.write(init, fd, data)
  sys.close(init, fd)
}

/** A fork of the controller, as the recording starts an actor. */
export const startActor = (world: World, number: number): void => {
  const { kernel: { sys, machine }, controller } = world
  const task = machine.tasks.find(sys.fork(controller))!
  task.comm = 'actor'
  sys.setsid(task)
  sys.chdir(task, '/t')
  sys.umask(task, 0o022)
  sys.rt_sigprocmask(task, SIG_BLOCK, blocked(), null, 8)
  world.actors.set(number, { task, slots: new Map(), pair: world.pair })
}

/** The controller takes note of all that have ended: nothing is left of them in /proc. */
export const reapActors = ({ kernel: { sys }, controller }: World): void => {
  while (sys.wait4(controller, -1, null, WNOHANG, null) > 0);
}

/** The text that the controller reads in /proc/PID/attr; `-` if there is nothing. */
export const attributeOf = ({ stack, controller }: World, task: Task, name: string): string => {
  if (task.exit_state !== 0) return '-'
  const value: { value: string | null } = { value: null }
  const before = stack.current.task
  stack.current.task = controller
  const rc = stack.lsm.getprocattr.ask(task, 0, name, value)
  stack.current.task = before
  return rc < 0 || value.value === null ? '-' : value.value.replace(/\n$/, '')
}
