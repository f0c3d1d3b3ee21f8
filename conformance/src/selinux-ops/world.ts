/**
 * What an operation of the table runs in: a kernel under the recorded policy, `/w` as the recorder had it, and a task
 * of domain `s_t` whose checks are noted.
 */
import {
  AT_FDCWD, AUDIT_AVC, auditTypeName, errnoName, O_CREAT, O_RDONLY, O_WRONLY,
} from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { AuditRecord, Stack, Task } from '@lsmkit/core'
import { bootKernel, spaceOf } from '@lsmkit/kernel'
import type { Kernel, SysCalls } from '@lsmkit/kernel'
import { selinux } from '@lsmkit/selinux'
import { checkOf } from './check.ts'

type Tail<F> = F extends (task: Task, ...args: infer A) => number ? (...args: A) => number : never
/** The system calls of one task, by name. */
export type Calls = { readonly [N in keyof SysCalls]: Tail<SysCalls[N]> }

/** What an operation ended in: the last call's answer, and what the recorder looked at afterwards. */
export interface Outcome {
  readonly rc: number
  readonly result?: string
}

/** Sets the row up, as `kernel_t`, and gives what `s_t` does. */
export type Operation = (world: World) => (sys: Calls) => number | Outcome

/** A WebAssembly module stands for the program: like the recorded one it has constants, code and data to map. */
const PROGRAM = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 10, 1, 0, 11, 1, 0)
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Milliseconds since the epoch, for all of a row. */
const NOW = 1_700_000_000_000
const SOFT_NOFILE = 1024
const RLIMIT_NOFILE = 7

export const object = (type: string): string => `u:object_r:${type}:s0`
export const domain = (type: string): string => `u:r:${type}:s0`

export class World {
  readonly stack: Stack
  readonly kernel: Kernel
  /** Calls of process 1, in `kernel_t`: they set up and are not noted. */
  readonly root: Calls
  readonly checks: string[] = []
  private noting = false
  private actorTask: Task | null = null

  /** What was loaded at boot, and what is loaded now. */
  readonly policy: Uint8Array
  current: Uint8Array

  constructor(policy: Uint8Array) {
    this.policy = this.current = policy
    const onAudit = (record: AuditRecord): void => {
      if (this.noting && record.kind === 'text') this.note(record.type, record.text)
    }
    this.stack = createStack({
      lsms: [capability(), selinux({ policy })],
      audit: { denials: false, capacity: 16, sinks: [onAudit] },
      onFault: 'throw',
    })
    const onPanic = (syscall: string, cause: unknown) => {
      throw new Error(`${syscall} threw`, { cause })
    }
    this.kernel = bootKernel({
      stack: this.stack, onPanic, clock: () => NOW,
      // the recorder's kernel was built so
      config: { FANOTIFY_ACCESS_PERMISSIONS: false, XFRM_USER: false, CPU_MITIGATIONS: false },
      bpf: () => bpf().engine(this.stack),
      sysctl: { legacy_tiocsti: 1, dmesg_restrict: 0 },
    })
    const { init } = this.kernel
    this.root = this.calls(init)
    this.setUp()
  }

  private note(type: number, text: string): void {
    if (type !== AUDIT_AVC) this.checks.push(`!${auditTypeName(type)}`)
    else this.checks.push(checkOf(text))
  }

  private setUp(): void {
    const { root } = this
    this.label('/', 'root_t')
    for (const path of ['/sys', '/sys/fs']) this.label(path, 'sysfs_t')
    this.program('/probe', 'root_t')
    this.must(root.mkdir('/w', 0o777), '/w')
    this.must(root.mount('tmpfs', '/w', 'tmpfs', 0, 'mode=777'), 'mount')
    this.label('/w', 'd_t')
    this.must(root.chdir('/w'), 'chdir')
    this.must(root.umask(0), 'umask')
    this.root.setrlimit(RLIMIT_NOFILE, { rlim_cur: SOFT_NOFILE, rlim_max: 4096 })
  }

  calls(task: Task): Calls {
    const bound: Record<string, (...args: never[]) => number> = {}
    for (const [name, call] of Object.entries(this.kernel.sys)) {
      bound[name] = (...args) => (call as (...all: unknown[]) => number)(task, ...args)
    }
    return bound as unknown as Calls
  }

  taskOf(pid: number): Task {
    return this.kernel.machine.tasks.find(pid)!
  }

  /** The setting up of a row has failed: not a difference, but a mistake here. */
  readonly must = (rc: number, what: string): number => {
    if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
    return rc
  }

  label(path: string, type: string): void {
    this.must(this.root.lsetxattr(path, 'security.selinux', encode(object(type)), 0), `label ${path}`)
  }

  /** A regular file with a label of its own. */
  file(path: string, type: string, contents: string | Uint8Array = 'contents of a file\n', mode = 0o644): void {
    const { root } = this
    const fd = this.must(root.openat(AT_FDCWD, path, O_CREAT | O_WRONLY, 0o600), path)
    root.write(fd, typeof contents === 'string' ? encode(contents) : contents)
    this.must(root.fchmod(fd, mode), path)
    root.close(fd)
    this.label(path, type)
  }

  dir(path: string, type: string, mode = 0o777): void {
    this.must(this.root.mkdir(path, mode), path)
    this.label(path, type)
  }

  node(path: string, type: string, mode: number, dev = 0): void {
    this.must(this.root.mknod(path, mode, dev), path)
    this.label(path, type)
  }

  link(path: string, target: string, type: string): void {
    this.must(this.root.symlink(target, path), path)
    this.label(path, type)
  }

  program(path: string, type: string, mode = 0o755): void {
    this.file(path, type, PROGRAM, mode)
  }

  /** A descriptor that the task will inherit, opened by `kernel_t`. */
  fd(path: string, flags: number): number {
    return this.must(this.root.openat(AT_FDCWD, path, flags, 0), path)
  }

  /** A child of process 1 in a domain of its own. */
  other(type = 'p_t', parent: Calls = this.root): Task {
    const task = this.taskOf(this.must(parent.fork(), 'fork'))
    this.must(this.calls(task).execve('/probe', ['probe'], []), 'execve')
    this.forget(task)
    this.setDomain(task, type)
    return task
  }

  /** Memory whose contents do not matter. */
  private forget(task: Task): void {
    spaceOf(task.mm!).memory = { read: (_addr, len) => new Uint8Array(len), write: (_addr, data) => data.length }
  }

  private setDomain(task: Task, type: string): void {
    const sys = this.calls(task)
    const fd = this.must(sys.openat(AT_FDCWD, '/proc/self/attr/current', O_WRONLY, 0), 'attr/current')
    this.must(sys.write(fd, encode(domain(type))), `domain ${type}`)
    sys.close(fd)
  }

  /** The acting task: forked when the row has been set up. */
  get actor(): Task {
    this.actorTask ??= this.other('s_t')
    return this.actorTask
  }

  /** Another policy, loaded by `kernel_t` once the row has been set up. */
  load(policy: Uint8Array): void {
    this.current = policy
    const fd = this.fd('/sys/fs/selinux/load', O_WRONLY)
    this.must(this.root.write(fd, policy), 'load')
    this.root.close(fd)
  }

  /** Runs the part that is noted, under another policy if there is one. */
  play(run: (sys: Calls) => number | Outcome, policy: Uint8Array | null = null): Outcome {
    const sys = this.calls(this.actor)
    if (policy !== null) this.load(policy)
    this.noting = true
    try {
      const answer = run(sys)
      return typeof answer === 'number' ? { rc: answer } : answer
    } finally {
      this.noting = false
    }
  }

  /** Runs put-off work, after which a task that was killed is dead. */
  settle(): void {
    this.kernel.machine.runRcu()
  }

  /** The context of a file, looked at by `kernel_t`. */
  labelOf(path: string): string {
    const value = new Uint8Array(256)
    const n = this.root.lgetxattr(path, 'security.selinux', value)
    return n < 0 ? '?' : new TextDecoder().decode(value.subarray(0, n)).replace(/\0$/, '')
  }

  /** The context of a task as its attr/current has it. */
  domainOf(pid: number): string {
    const { root } = this
    const fd = root.openat(AT_FDCWD, `/proc/${pid}/attr/current`, O_RDONLY, 0)
    if (fd < 0) return '?'
    const buf = new Uint8Array(256)
    const n = root.read(fd, buf)
    root.close(fd)
    return n < 0 ? '?' : new TextDecoder().decode(buf.subarray(0, n)).replace(/\0$/, '')
  }
}
