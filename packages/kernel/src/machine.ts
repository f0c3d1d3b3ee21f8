/**
 * The state that all parts of one booted kernel share; bootKernel builds it. Parts are functions that take it first,
 * `do_exit(machine, task, code)`, bound into a table (state/bound.ts) for other rooms; their state is in classes with
 * names: `keyTable`, `ipcTable`, `netTable`, `bpfTable`. A few are made by a factory, `kmsgDevice(lsm, machine)`.
 * Several machines may live in one process, and may share a stack.
 */
import { EAGAIN, EINVAL, ENOENT, ERESTARTSYS, O_NONBLOCK } from '@lsmkit/abi'
import { isUnused, kernelRules, Tracing } from '@lsmkit/core'
import type {
  AnyKeyMap, Cred, Current, Dentry, File, Inode, KernelRules, LandlockEngine, Path, Profile, PseudoFs, Qstr, Sock,
  Socket, SuperBlock, Task, TaskAttrDir, TaskLabels,
} from '@lsmkit/core'
import type { FileSystemType, PseudoPlace, UserNamespace, VfsMount } from '@lsmkit/core'
import { BootError } from './state/boot-error.ts'
import type { Clock, Now } from './state/clock.ts'
import { defaultConfig } from './state/config.ts'
import type { KernelConfig } from './state/config.ts'
import type { FileOperations, FileSystem } from './state/vfs/driver.ts'
import { Ceiling } from './state/ceiling.ts'
import { MemoryAccount } from './state/host-memory.ts'
import type { Bpf } from './interfaces/bpf.ts'
import type { Cgroups } from './interfaces/cgroups.ts'
import type { Exec, FirmwareLoader } from './interfaces/exec.ts'
import type { BlockDevices, Nsfs, Sysfs, Tmpfs } from './interfaces/fs.ts'
import type { Ipc } from './interfaces/ipc.ts'
import type { Keys, KeyUpcall } from './interfaces/keys.ts'
import type { Advice, Mmaps, Mms, Shmem } from './interfaces/mm.ts'
import type { DatagramGateway, Gateway, HttpService, NameService, Net } from './interfaces/net.ts'
import type { SeccompNotify, SyscallFilter, SyscallGate } from './interfaces/seccomp.ts'
import type { Delivery, Ptrace, Signals } from './interfaces/signals.ts'
import type {
  Creds, Deadlines, Exits, Forks, Namespaces, Pidfds, Timers, UserNs,
} from './interfaces/tasks.ts'
import type { Vfs } from './interfaces/vfs.ts'
import type { Kstat } from './state/vfs/kstat.ts'
import { noDevice } from './state/vfs/no-device.ts'
import type { NativeProgram } from './state/exec/native.ts'
import { AuditRules } from './state/audit.ts'
import { KernelLog } from './state/kernel-log.ts'
import type { BpfTable } from './state/bpf/table.ts'
import type { IpcTable } from './state/ipc/table.ts'
import { KeyTable } from './state/keys/table.ts'
import type { NetTable } from './state/net/table.ts'
import type { OptionalSubsystem } from './state/optional.ts'
import type { OverlayTable } from './state/overlay/table.ts'
import { NotificationTable } from './state/seccomp/notifications.ts'
import type { Sysctl } from './state/sysctl.ts'
import { Hrtimers } from './state/task/hrtimers.ts'
import type { PlainNamespace } from './state/task/namespaces.ts'
import { PROC_DYNAMIC_FIRST } from './state/task/namespaces.ts'
import { signalOf, threadOf } from './state/task/thread.ts'
import type { PidfdTable } from './state/task/pidfd-table.ts'
import type { Tasks } from './state/task/tasks.ts'
import { TimerTable } from './state/task/timer-table.ts'
import { UserNsTable } from './state/task/user-ns-table.ts'
import { Fsnotify } from './state/vfs/fsnotify.ts'
import type { AnonInodes } from './state/vfs/anon-inodes.ts'
import { DentryCache } from './state/vfs/dentry-cache.ts'
import { LeaseTable } from './state/vfs/lease-table.ts'
import { MountTable } from './state/vfs/mount-table.ts'
import type { PipeTable } from './state/vfs/pipe-table.ts'
import { SuperTable } from './state/vfs/super-table.ts'
import type { Mount } from './state/vfs/mount.ts'
import type { WaitQueue } from './state/vfs/wait.ts'

/** `stack.objects`: the `given` fields of each field table, in table order. */
export interface ObjectFactories {
  task(pid: number, tgid: number, real_cred: Cred, cred: Cred): Task
  cred(user_ns: UserNamespace): Cred
  super_block(s_dev: number, s_type: FileSystemType, s_user_ns: UserNamespace): SuperBlock
  inode(i_mode: number, i_sb: SuperBlock, i_ino: number): Inode
  dentry(d_name: Qstr, d_sb: SuperBlock): Dentry
  file(f_mode: number, f_flags: number, f_path: Path, f_inode: Inode, f_cred: Cred): File
  socket(type: number, inode: Inode): Socket
  sock(sk_family: number, sk_type: number, sk_protocol: number): Sock
}

/** The parts of a stack that a kernel needs. */
export interface BootStack {
  /** In the order of registration, as the securityfs file `lsm` and lsm_list_modules list them. */
  readonly names: readonly string[]
  readonly ids: readonly number[]
  /** By place in `ids`. */
  readonly taskLabels?: readonly TaskLabels[]
  /** Directories of LSMs below /proc/PID/attr. */
  readonly attrDirs?: readonly TaskAttrDir[]
  readonly pseudoFs: readonly PseudoFs[]
  readonly lsm: AnyKeyMap
  readonly current: Current
  readonly objects: ObjectFactories
  /** The kernel release whose rules hold where releases differ; 6.12 unless given. */
  readonly profile?: Profile
  /** Records what a system call threw, which denies. */
  readonly reportFault?: (where: string, error: unknown) => void
  /** Programs that look at what the kernel does. */
  readonly tracing?: Tracing
}

/** By part: machines share what stands for a part that they do not have. */
const known = new Map<string, object>()

/** Stands where a part is not set up yet: using it is a BootError that names the part. */
const unset = <T extends object>(part: string): T => {
  let instead = known.get(part)
  if (instead === undefined) known.set(part, instead = refusing(part))
  return instead as T
}

const refusing = (part: string): object => {
  const refuse = (): never => {
    throw new BootError(-EINVAL, `machine.${part} is used before its subsystem is set up`)
  }
  return new Proxy({}, { get: refuse, set: refuse, has: refuse, ownKeys: refuse })
}

export class Machine {
  readonly stack: BootStack
  /** Of the stack's kernel release. */
  readonly rules: KernelRules
  readonly lsm: AnyKeyMap
  readonly current: Current
  readonly objects: ObjectFactories
  readonly init_user_ns: UserNamespace
  readonly clock: Clock
  /** The time at boot. */
  readonly bootTime: number
  readonly sysctl: Sysctl
  /** Subsystems that this kernel is built without. */
  readonly without: ReadonlySet<OptionalSubsystem>
  /** Set by bootKernel, before anything runs. */
  config: KernelConfig = defaultConfig()
  readonly tasks: Tasks
  /** Memory of the host's heap that guests hold, and the kernel for them; its `max` is `bootKernel`'s `hostMemory`. */
  readonly memory: MemoryAccount = new MemoryAccount(null)
  /** The most that all files in memory may hold together. */
  readonly ceiling = new Ceiling()
  /** Until process 1 runs, everything is the machine's own. */
  isBooting = true
  /** Registered types by name, as /proc/filesystems lists them. */
  readonly filesystems = new Map<string, FileSystem>()
  // the parts, each set once by its subsystem (boot/subsystems.ts)
  vfs: Vfs = unset('vfs')
  readonly mountTable = new MountTable()
  readonly superTable = new SuperTable()
  readonly dentryCache = new DentryCache()
  readonly leaseTable = new LeaseTable()
  pipeTable: PipeTable = unset('pipeTable')
  anonInodes: AnonInodes = unset('anonInodes')
  creds: Creds = unset('creds')
  userNs: UserNs = unset('userNs')
  readonly userNsTable = new UserNsTable()
  cgroups: Cgroups = unset('cgroups')
  mms: Mms = unset('mms')
  signals: Signals = unset('signals')
  delivery: Delivery = unset('delivery')
  ptrace: Ptrace = unset('ptrace')
  exits: Exits = unset('exits')
  /** Runs the filters of seccomp(2). */
  syscallFilter: SyscallFilter = unset('syscallFilter')
  seccompNotify: SeccompNotify = unset('seccompNotify')
  readonly notifications = new NotificationTable()
  /** On the way into every call. */
  readonly tracing: Tracing
  gate: SyscallGate = unset('gate')
  readonly auditRules: AuditRules = new AuditRules()
  forks: Forks = unset('forks')
  namespaces: Namespaces = unset('namespaces')
  pidfds: Pidfds = unset('pidfds')
  pidfdTable: PidfdTable = unset('pidfdTable')
  nsfs: Nsfs = unset('nsfs')
  mmaps: Mmaps = unset('mmaps')
  advice: Advice = unset('advice')
  shmem: Shmem = unset('shmem')
  exec: Exec = unset('exec')
  ipc: Ipc = unset('ipc')
  ipcTable: IpcTable = unset('ipcTable')
  keys: Keys = unset('keys')
  readonly keyTable = new KeyTable()
  /** Those of the kernel itself. */
  init_cred: Cred = unset('init_cred')
  /** bpf(2); null on a machine without it. */
  bpf: Bpf | null = null
  /** Set where `bpf` is. */
  bpfTable: BpfTable = unset('bpfTable')
  /** The engine of Landlock's system calls; null on a machine without it. */
  landlock: LandlockEngine | null = null
  /** Counts what changes the shape of the tree: directories and mount points that are renamed, mounts. */
  readonly topology = { version: 0 }
  net: Net = unset('net')
  netTable: NetTable = unset('netTable')
  /** Where sockets live. */
  sock_mnt: Mount = unset('sock_mnt')
  sysfs: Sysfs = unset('sysfs')
  overlayTable: OverlayTable = unset('overlayTable')
  deadlines: Deadlines = unset('deadlines')
  timers: Timers = unset('timers')
  readonly timerTable = new TimerTable()
  readonly fsnotify = new Fsnotify()
  /** The idle task, which is the kernel itself where no process is at work. */
  idle: Task = unset('idle')
  /** Files that the host's drivers ask for by name. */
  firmware: FirmwareLoader = unset('firmware')
  blockDevices: BlockDevices = unset('blockDevices')
  readonly log: KernelLog = new KernelLog(() => this.monotonic())
  /** Timers of the kernel's own. */
  readonly hrtimers: Hrtimers = new Hrtimers(() => this.monotonic(), (error) => this.panic('hrtimer', error))
  /** TypeScript programs that files may name (state/exec/native.ts). */
  readonly programs = new Map<string, NativeProgram>()
  /** Steps that other subsystems take when a thread is about to end, and still counts as one of its process. */
  readonly onExiting: ((task: Task) => void)[] = []
  /** Steps that other subsystems take when a thread ends, before its files go; `last`: the whole process ends. */
  readonly onExit: ((task: Task, last: boolean) => void)[] = []
  /** Steps that other subsystems take when a task has been made, with the CLONE_* flags. */
  readonly onFork: ((child: Task, parent: Task, flags: number) => void)[] = []
  /** Steps that a host takes before a read changes the access time of an inode. */
  readonly onAccess: ((inode: Inode) => void)[] = []
  /**
   * A note that a host wants to have on each copy that an overlay makes in its upper layer, beside the overlay's own
   * attributes: of the lower file or directory, with its attributes from before the copy; null for none.
   */
  overlayNote: ((lower: Path, stat: Kstat) => Uint8Array | null) | null = null
  /** Whether a directory of an overlay stays although its layers below have lost it: a mount lies in it. */
  overlayKeeps: ((directory: Dentry) => boolean) | null = null
  /** Each lets go of what a call that slept has held on to: the host has ended it with -EINTR. */
  readonly onCallEnded: ((task: Task) => void)[] = []
  /** Each forgets what does not outlive the program; the new memory is there already. */
  readonly onExec: ((task: Task) => void)[] = []
  /** Fills a new ipc or net namespace: 0 or -errno. */
  onNewNamespace: (ns: PlainNamespace) => number = () => 0
  /** The caller leaves its ipc namespace: its semaphore undo list is applied. */
  onUnshareIpc: (task: Task) => void = () => {}
  /** reboot(2) was allowed; the host decides what becomes of the machine. */
  onReboot: (how: 'restart' | 'halt' | 'power-off') => void = () => {}
  /** A key is asked for that nobody has: what /sbin/request-key would exit with, -ENOENT where there is none. */
  onRequestKey: (call: KeyUpcall) => number = () => -ENOENT
  /** The way to the host's network, for TCP; null: there is none. */
  gateway: Gateway | null = null
  /** The way to the host's network, for UDP; null: there is none. */
  datagrams: DatagramGateway | null = null
  /** Looks names of hosts up for programs; null: there are none. */
  names: NameService | null = null
  /** Makes requests of HTTP for programs; null: there are none. */
  http: HttpService | null = null
  /** Notifies the host that `task` may be able to go on: after a signal, or a child's end. */
  onWake: (task: Task) => void = () => {}
  #inums = PROC_DYNAMIC_FIRST
  /** How deep pid namespaces have been: each level has a cache of its own. */
  pidNsLevels = 0
  /** Sessions of the audit system given out so far. */
  lastAuditSession = 0
  /** A file of a namespace (nsfs) may be bound from outside the caller's tree. */
  isNamespaceFile: (dentry: Dentry) => boolean = () => false
  #sleepOn: WaitQueue | null = null
  #sleepUntil = Infinity
  /** The queue that the last call that returned -ERESTARTSYS waits on. */
  get sleepOn(): WaitQueue | null {
    return this.#sleepOn
  }
  /** Until when it waits at most, on the machine's clock; Infinity: until it is woken. */
  get sleepUntil(): number {
    return this.#sleepUntil
  }
  /** The current call waits on `queue`, until `until` at most: what it returns, -ERESTARTSYS. */
  sleep(queue: WaitQueue | null, until = Infinity): number {
    this.#sleepOn = queue
    this.#sleepUntil = until
    return -ERESTARTSYS
  }
  /** As `sleep`, but -EAGAIN for a file that does not block. */
  sleepUnlessNonblock(file: File, queue: WaitQueue): number {
    return (file.f_flags & O_NONBLOCK) !== 0 ? -EAGAIN : this.sleep(queue)
  }
  /** The next call starts with no wait on record. */
  forgetSleep(): void {
    this.sleep(null)
  }
  /** Where pipes live. */
  pipe_mnt: VfsMount = unset('pipe_mnt')
  /** Where files of tmpfs without a name live, and how their inodes are made. */
  shm_mnt: VfsMount = unset('shm_mnt')
  shmInode: Tmpfs['get_inode'] = unset('shmInode')
  /** The path of an entry that an LSM declares, on a mount of the kernel's own. */
  pseudoPath: (place: PseudoPlace) => Path | null = () => null
  /** Operations of the character device with this number; those of `noDevice` when there is none. */
  chrdev: (rdev: number) => FileOperations = () => noDevice
  /** Adds or replaces the driver of a character device; a host does so for its consoles. */
  registerChrdev: (rdev: number, fops: FileOperations) => void = () => {}
  /** Bytes of memory that programs see. */
  readonly totalram = 8 * 2 ** 30
  /** Boot arguments as /proc/cmdline shows them. */
  cmdline = ''
  /** Random bytes; a host may replace them by a sequence that repeats. */
  random: (length: number) => Uint8Array = (length) => crypto.getRandomValues(new Uint8Array(length))
  /** The last time that was read; good enough where a day matters. */
  readonly lastNow: Now = { sec: 0, nsec: 0 }
  /** Sends a signal from the kernel itself (SIGXFSZ, SIGPIPE); the process half fills it in. */
  sendSignal: (task: Task, sig: number) => void = () => {}
  /** Called with what a system call threw: a bug, which denies and has been recorded. */
  onPanic: (syscall: string, error: unknown) => void = () => {}

  constructor(
    stack: BootStack, init_user_ns: UserNamespace, clock: Clock, sysctl: Sysctl, tasks: Tasks,
    without: readonly OptionalSubsystem[] = [],
  ) {
    this.stack = stack
    this.rules = kernelRules(stack.profile)
    this.lsm = stack.lsm
    this.current = stack.current
    this.tracing = stack.tracing ?? new Tracing(() => {})
    this.objects = stack.objects
    this.init_user_ns = init_user_ns
    this.clock = clock
    this.bootTime = clock()
    this.sysctl = sysctl
    this.tasks = tasks
    this.without = new Set(without)
  }

  /** As core's function, for those who have a kernel and do not load core. */
  isUnused(key: Parameters<typeof isUnused>[0]): boolean {
    return isUnused(key)
  }

  /** State that few programs need, by its class; `part` makes it. */
  readonly parts = new Map<new (machine: Machine) => object, object>()

  /** The machine's one instance of a class, made at its first use: `machine.part(FutexTable)`. */
  part<T extends object>(type: new (machine: Machine) => T): T {
    let part = this.parts.get(type) as T | undefined
    if (part === undefined) this.parts.set(type, (part = new type(this)))
    return part
  }

  /** The account that pays for objects of the current task. */
  get account(): MemoryAccount {
    return this.isBooting ? this.memory : threadOf(this.current.task).memcg
  }

  /** The offset from the host's clock that clock_settime and adjtimex have set, in milliseconds. */
  clockOffset = 0

  /** CLOCK_REALTIME in milliseconds. */
  realtime(): number {
    return this.clock() + this.clockOffset
  }
  /** CLOCK_MONOTONIC in milliseconds: since boot. */
  monotonic(): number {
    return this.clock() - this.bootTime
  }

  /** System calls under way: one, and those made from within it. */
  depth = 0
  /** While a call runs the wall clock stands, as the kernel's coarse clock does between two ticks. */
  #stamped = false

  /** The wall clock as inodes are stamped with it. The object is the machine's own: read it before the next call. */
  now(): Now {
    if (this.#stamped) return this.lastNow
    const ms = this.clock() + this.clockOffset
    const sec = Math.floor(ms / 1000)
    this.lastNow.sec = sec
    this.lastNow.nsec = Math.floor((ms - sec * 1000) * 1e6)
    this.#stamped = this.depth > 0
    return this.lastNow
  }

  readonly #rcu: (() => void)[] = []

  /** Puts work off until the current system call has returned its result (call_rcu, task work of kernel threads). */
  callRcu(work: () => void): void {
    this.#rcu.push(work)
  }

  /** True while put-off work runs: its hooks do not belong to the call that caused them. */
  inRcu = false

  /** The depth of the call whose packet is being received. */
  #softirqDepth = -1
  /** True while the receiving side of a packet runs inside its sender's call, but not in calls made from there. */
  get inSoftirq(): boolean {
    return this.#softirqDepth === this.depth
  }
  softirq<T>(run: () => T): T {
    const before = this.#softirqDepth
    this.#softirqDepth = this.depth
    try {
      return run()
    } finally {
      this.#softirqDepth = before
    }
  }

  /** Records an exception of the kernel's own code or of a driver on the current task, and reports it to the host. */
  panic(where: string, error: unknown): void {
    this.stack.reportFault?.(where, error)
    this.onPanic(where, error)
  }

  /** A call of `task` is over: what was put off is done once none is under way. */
  endCall(task: Task): void {
    if (--this.depth > 0) return
    this.#stamped = false
    if (this.#rcu.length > 0 || this.hrtimers.isArmed) this.#runRcuAs(task)
  }

  /** As `as` does, and without a closure: every close(2) comes here. */
  #runRcuAs(task: Task): void {
    const { current } = this
    const before = current.task
    current.task = task
    try {
      this.runRcu()
    } finally {
      current.task = before
    }
  }

  /** Runs `step` as `task`, as if it had been scheduled. */
  as<T>(task: Task, step: () => T): T {
    const { current } = this
    const before = current.task
    current.task = task
    try {
      return step()
    } finally {
      current.task = before
    }
  }

  runRcu(): void {
    if (this.inRcu) return
    this.hrtimers.run()
    const rcu = this.#rcu
    this.inRcu = true
    let done = 0
    try {
      // work may put off more
      while (done < rcu.length) {
        try {
          rcu[done++]!()
        } catch (error) {
          this.panic('task_work', error)
        }
      }
    } finally {
      if (done === rcu.length) rcu.length = 0
      else rcu.splice(0, done)
      this.inRcu = false
    }
  }

  /** The next inode number of nsfs. */
  nextInum(): number {
    return this.#inums++
  }

  /** The host ends a call of `task` that sleeps: it is not made again, the program sees -EINTR. */
  interrupt(task: Task): void {
    this.deadlines.forget(task)
    for (const step of this.onCallEnded) step(task)
  }

  wake(task: Task | null): void {
    if (task === null) return
    const { sched_waking, sched_wakeup } = this.tracing.points
    if (sched_waking.on) sched_waking.hit(task)
    signalOf(task).wait_chldexit.wake()
    this.onWake(task)
    if (sched_wakeup.on) sched_wakeup.hit(task)
  }

  /** As `request_module`, which finds no module: 0, or what a hook answers. */
  requestModule(name: string): number {
    const { module_request } = this.tracing.points
    const rc = this.lsm.kernel_module_request.ask(name)
    if (rc === 0 && module_request.on) module_request.hit(name, true, 0)
    return rc
  }

  /** A type by name; `type.subtype` is a type that knows subtypes. */
  filesystem(name: string): FileSystem | null {
    return this.filesystems.get(name) ?? null
  }

  /** As `get_fs_type`: a type nobody has registered is asked of the module loader first. */
  get_fs_type(name: string): FileSystem | null {
    const type = this.filesystem(name)
    if (type === null) this.requestModule(`fs-${name}`)
    return type
  }

  registerFilesystem(type: FileSystem): void {
    this.filesystems.set(type.name, type)
  }
}
