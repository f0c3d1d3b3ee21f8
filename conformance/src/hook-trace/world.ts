/**
 * The surroundings of an operation of the table: a fresh task in an empty /tmp/w, and the helpers its setup text names.
 */
import {
  AT_FDCWD, BINDER_MINOR, CLONE_NEWNS, ERESTARTSYS, KEY_SPEC_USER_SESSION_KEYRING, KEYCTL_GET_KEYRING_ID, MAP_ANONYMOUS,
  MAP_FIXED, MAP_PRIVATE, O_CREAT, O_RDWR, O_WRONLY, PR_SET_DUMPABLE, PROT_READ, PROT_WRITE, S_IFCHR,
} from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { DEFAULT_PROFILE } from '@lsmkit/core'
import type { Host, Lsm, Profile, Stack, Task } from '@lsmkit/core'
import { Kstat, spaceOf } from '@lsmkit/kernel'
import type { BootOptions, Kernel, Memory } from '@lsmkit/kernel'
import { callsOf, TaskWorld } from '../c/actor.ts'
import type { Calls } from '../c/actor.ts'
import { bootOn, stackWith } from '../kernel.ts'
import { HookTrace } from './trace.ts'
import type { Traced } from './trace.ts'

/** A WebAssembly module stands for the program: like the recorded one it has constants, code and data to map. */
const PROGRAM = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 10, 1, 0, 11, 1, 0)
/** The recorded task had this many descriptors open, and saw this many mounts that tell options. */
const DESCRIPTORS = 12
const MOUNTS = 12
const USUAL_MOUNTS = 10
/** Tasks of root beside it: most of them were threads of the kernel. */
export const ROOT_TASKS = 54

/** Looked up before the row began, which decides whether looking them up makes inodes. */
const CACHED = ['/proc/self', '/proc/sys/kernel/hostname', '/dev/null']

/** Memory whose contents do not matter. */
const blank: Memory = { read: (_addr, len) => new Uint8Array(len), write: (_addr, data) => data.length }
const FORTY = new TextEncoder().encode('0123456789'.repeat(4))

/** The stack that the kernel boots on: with a table that notes entries. */
export const traced = (stack: Stack, trace: HookTrace): BootOptions['stack'] => {
  const { names, ids, pseudoFs, current, objects, profile } = stack
  return {
    names, ids, pseudoFs, current, objects, profile,
    lsm: trace.keysOf(stack.lsm),
    set host(host: Host) {
      stack.host = host
    },
  }
}

export class World extends TaskWorld {
  readonly stack: Stack
  readonly kernel: Kernel
  /** The task whose calls are recorded. */
  readonly task: Task
  /** Its system calls. In the window each is one group of the answer. */
  readonly sys: Calls
  readonly groups: Traced[] = []
  window = false
  /** The clock stands still except during waits. */
  now = Date.now()
  readonly trace: HookTrace

  /** `onBoot` sees the kernel before any of its calls are made or taken, and gives the one to use. */
  constructor(onBoot?: (kernel: Kernel, stack: Stack) => Kernel, profile: Profile = DEFAULT_PROFILE,
    lsms: readonly Lsm[] = []) {
    super()
    this.stack = stackWith(lsms, { profile })
    const mounts = Array.from({ length: MOUNTS - USUAL_MOUNTS }, (_, i) => ({
      type: 'tmpfs',
      target: i === 0 ? '/dev/shm' : `/mnt/${i}`,
    }))
    this.trace = new HookTrace(this.stack)
    const kernel = bootOn(traced(this.stack, this.trace), {
      mounts, clock: () => this.now, bpf: () => bpf().engine(this.stack),
    })
    this.trace.machine = kernel.machine
    this.kernel = onBoot?.(kernel, this.stack) ?? kernel
    const { sys, init } = this.kernel
    sys.mknod(init, '/dev/binder', S_IFCHR | 0o666, 10 << 8 | BINDER_MINOR)
    sys.mknod(init, '/dev/cachefiles', S_IFCHR | 0o666, 10 << 8 | 122)
    sys.mknod(init, '/dev/loop-control', S_IFCHR | 0o666, 10 << 8 | 237)
    sys.mkdir(init, '/tmp', 0o755)
    sys.mkdir(init, '/tmp/w', 0o755)
    sys.chmod(init, '/tmp/w', 0o1777)
    this.task = this.start(init)
    this.sys = this.recorded(this.task)
    // made by rows before any of those that ask for keys
    this.must(sys.keyctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 0, 0, 0), 'keyrings of root')
  }

  /** The calls of a task that are recorded in the window. */
  recorded(task: Task): Calls {
    return callsOf(this.kernel, task, (call) => {
      if (!this.window) return call()
      const group = this.trace.during(() => this.sleepOut(call))
      this.groups.push(group)
      return group.rc
    })
  }

  /** The task, on a machine as the recorded one: with mounts, descriptors, and names that were looked up before. */
  start(init: Task): Task {
    const { sys } = this.kernel
    for (const path of CACHED) this.must(sys.stat(init, path, new Kstat()), path)
    const task = this.fork(init)
    this.write('/probe', PROGRAM, 0o755, this.of(init))
    this.must(sys.execve(task, '/probe', ['probe'], []), 'execve')
    spaceOf(task.mm!).memory = blank
    sys.chdir(task, '/tmp/w')
    for (let fd = 0; fd < DESCRIPTORS; fd++) this.must(sys.openat(task, AT_FDCWD, '/dev/null', O_RDWR, 0), '/dev/null')
    return task
  }

  /** Makes the call again when the time that it waits for has come; nobody else would wake it. */
  sleepOut(call: () => number): number {
    for (;;) {
      const rc = call()
      const { sleepUntil } = this.kernel.machine
      if (rc !== -ERESTARTSYS || sleepUntil === Infinity) return rc
      this.now = Math.max(this.now, sleepUntil)
    }
  }

  /** Runs the part that is compared. */
  record(run: () => unknown): readonly Traced[] {
    this.window = true
    this.trace.isOn = true
    run()
    this.window = false
    this.trace.isOn = false
    return this.groups
  }

  /** As `as`, of a task whose calls are recorded in the window. */
  inWindow(task: Task): this {
    return this.with(task, this.recorded(task))
  }

  /** The calls of another task; they are never recorded. */
  of(task: Task): Calls {
    return callsOf(this.kernel, task)
  }

  fork(parent: Task): Task {
    return this.taskOf(this.must(this.kernel.sys.fork(parent), 'fork'))
  }

  /** The task becomes uid and gid 1000; it is not dumpable after that. */
  user(calls: Calls = this.sys): void {
    this.must(calls.setgroups(0, []), 'setgroups')
    this.must(calls.setresgid(1000, 1000, 1000), 'setresgid')
    this.must(calls.setresuid(1000, 1000, 1000), 'setresuid')
  }

  /** A child that stays; of uid 1000 it is dumpable. */
  kid(uid = 0, then: (calls: Calls) => void = () => {}): number {
    const task = this.fork(this.task)
    spaceOf(task.mm!).memory = blank
    const calls = this.of(task)
    if (uid !== 0) {
      this.user(calls)
      this.must(calls.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 'prctl')
    }
    then(calls)
    return task.pid
  }

  /** `kid(openf)`: the child has the file `f` open as descriptor 40. */
  openf = (calls: Calls): void => {
    calls.dup2(this.must(calls.openat(AT_FDCWD, 'f', O_CREAT, 0o644), 'f'), 40)
  }

  write(path: string, bytes: Uint8Array | string, mode: number, sys: Calls = this.sys): void {
    const fd = this.must(sys.openat(AT_FDCWD, path, O_CREAT | O_WRONLY, 0o700), path)
    sys.write(fd, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
    sys.fchmod(fd, mode)
    sys.close(fd)
  }

  /** A file of 40 bytes. */
  mkf(name: string, mode: number): void {
    this.write(name, FORTY, mode)
  }

  /** Makes and opens `f`. */
  openFile(flags: number): number {
    this.mkf('f', 0o644)
    return this.must(this.sys.openat(AT_FDCWD, 'f', flags, 0), 'f')
  }

  /** Copies the program that exits at once. */
  cpf(name: string, mode: number): void {
    this.write(name, PROGRAM, mode)
  }

  /** Anonymous memory, readable and writable; at `addr`, or where there is room for 0. */
  buffer(addr: number, size = 4096): number {
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | (addr === 0 ? 0 : MAP_FIXED)
    return this.must(this.sys.mmap(addr, size, PROT_READ | PROT_WRITE, flags, -1, 0), 'mmap')
  }

  /** Layers of an overlay on `m`, the lower one with `f`, which has an attribute, and `d`. */
  ovl(): void {
    this.mns()
    this.must(this.sys.mount('t', 'm', 'tmpfs', 0, null), 'mount')
    for (const dir of ['m/l', 'm/u', 'm/wk', 'm/l/d']) this.must(this.sys.mkdir(dir, 0o755), dir)
    this.mkf('m/l/f', 0o644)
    this.must(this.sys.setxattr('m/l/f', 'user.x', FORTY, 0), 'setxattr')
  }

  /** Stands in the overlay of these, on `m2`. */
  ovlm(): void {
    this.ovl()
    this.must(this.sys.mount('o', 'm2', 'overlay', 0, 'lowerdir=m/l,upperdir=m/u,workdir=m/wk'), 'mount')
    this.must(this.sys.chdir('m2'), 'chdir')
  }

  /** A mount namespace of its own, with the directories m and m2. */
  mns(): void {
    this.must(this.sys.unshare(CLONE_NEWNS), 'unshare')
    this.sys.mkdir('m', 0o755)
    this.sys.mkdir('m2', 0o755)
  }
}
