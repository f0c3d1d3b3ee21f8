/** `bootKernel`: a machine on a stack, with a root file system, the usual mounts, and process 1. */
import {
  AT_FDCWD, AUDIT_ARCH_X86_64, AUDIT_SECCOMP, ENOENT, ENOMEM, MNT_INTERNAL, SB_KERNMOUNT, SB_NOUSER,
} from '@lsmkit/abi'
import { init_user_ns_of, seccomp } from '@lsmkit/core'
import type { BpfEngine, Host, LandlockEngine, Path, Task } from '@lsmkit/core'
import {
  aBoolean, aFunction, aNumber, anObject, aString, bytes, checkOptions, either, listOf, optionsOf, required,
  wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { BootError } from '../state/boot-error.ts'
import { createBpf } from '../bpf/bpf.ts'
import type { Clock } from '../state/clock.ts'
import { defaultConfig } from '../state/config.ts'
import type { KernelConfig } from '../state/config.ts'
import { firmwareLoader } from '../exec/firmware.ts'
import { blockDevices } from '../fs/block-devices.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import { registerKernelFilesystems, SYS } from './kernel-filesystems.ts'
import { tmpfs } from '../fs/tmpfs/tmpfs.ts'
import { lsmHost } from './host.ts'
import type { BootDevice } from '../interfaces/fs.ts'
import type { SyscallFilter } from '../interfaces/seccomp.ts'
import { landlockHost } from '../landlock/host.ts'
import { Machine } from '../machine.ts'
import type { BootStack } from '../machine.ts'
import { byName, guardAll } from '../syscalls/entry.ts'
import type { SysCalls } from '../syscalls/entry.ts'
import { seccompNotify } from '../seccomp/notify.ts'
import { createHandlers } from '../syscalls/handlers.ts'
import { SeccompGate } from '../syscalls/syscall-filter.ts'
import { defaultSysctl } from '../state/sysctl.ts'
import type { Sysctl } from '../state/sysctl.ts'
import { setUpIdle, startInit } from './init.ts'
import { setUpCreds, setUpProcesses } from './processes.ts'
import { Tasks } from '../state/task/tasks.ts'
import { threadOf } from '../state/task/thread.ts'
import { simple_dname } from '../vfs/d-path.ts'
import { createLeases } from '../vfs/leases.ts'
import type { Mount, MountNamespace } from '../state/vfs/mount.ts'
import { LOOKUP_FOLLOW, LOOKUP_NO_SYMLINKS } from '../state/vfs/lookup-flags.ts'
import { superState } from '../state/vfs/state.ts'
import { createVfs } from '../vfs/vfs.ts'

/** A mount made at boot, below directories that are made for it. */
export interface BootMount {
  /** A registered type, or a driver of the host's own, which is registered first. */
  readonly type: string | ((machine: Machine) => FileSystem)
  /** Made where it is not there; it leads over no link, which is an error (`rc` -ELOOP). */
  readonly target: string
  /** What programs see as the mounted device. Default: the type. */
  readonly source?: string
  /** Options as mount(8) writes them: `size=64m,mode=700`. */
  readonly data?: string
  /** MS_* of mount(2). */
  readonly flags?: number
  /** The block device that it lies on, where LSMs ask; none unless given. */
  readonly device?: BootDevice
}

export interface BootOptions {
  readonly stack: BootStack & { host?: Host }
  /** After the usual ones, in this order. */
  readonly mounts?: readonly BootMount[]
  /** /proc, /sys, /dev, those below /sys/kernel and /sys/fs, and what the LSMs declare (default true). */
  readonly usualMounts?: boolean
  readonly hostname?: string
  readonly clock?: Clock
  readonly sysctl?: Partial<Sysctl>
  /** What the kernel is built with (default: as Debian's). */
  readonly config?: Partial<KernelConfig>
  /**
   * Bytes of the host's heap that guests, and the kernel for them, may hold (default 512 MiB): files and their
   * contents, tasks, descriptors, pipes, sockets, keys, IPC, mounts. Beyond it calls answer -ENOMEM, or what Linux
   * answers there. The memory of programs is their runner's. BootError when the kernel itself does not fit.
   */
  readonly hostMemory?: number
  /** Options of the root file system, a tmpfs (default `mode=755`). */
  readonly root?: string
  /** Told of what a system call threw; the call has answered -EACCES. */
  readonly onPanic?: (syscall: string, error: unknown) => void
  /** What keeps maps and runs programs for bpf(2), as `() => lsm.engine(stack)` gives it; without it: ENOSYS. */
  readonly bpf?: () => BpfEngine
  /** What Landlock's three calls stand on, as `lsm.engine` of the module gives it; without it: EOPNOTSUPP. */
  readonly landlock?: LandlockEngine
  /** Runs the filters that programs give seccomp(2), in the place of the kernel's own way. */
  readonly syscallFilter?: SyscallFilter
}

const deviceRules: OptionRules<BootDevice> = {
  name: required(aString), rdev: wholeNumber(0), readOnly: aBoolean, verityRoot: bytes,
}

const mountRules: OptionRules<BootMount> = {
  type: required(either(aString, aFunction)),
  target: required(aString),
  source: aString,
  data: aString,
  flags: wholeNumber(0),
  device: optionsOf(deviceRules),
}

/** What all keys of an object take, as those of its default. */
const keysOf = <T extends object>(defaults: T, rule: OptionRule): OptionRule =>
  optionsOf(Object.fromEntries(Object.keys(defaults).map((key) => [key, rule])))

const rules: OptionRules<BootOptions> = {
  stack: required(anObject, 'bootKernel({ stack: createStack({ lsms: [capability()] }) })'),
  mounts: listOf(optionsOf(mountRules)),
  usualMounts: aBoolean,
  hostname: aString,
  clock: aFunction,
  sysctl: keysOf(defaultSysctl(), wholeNumber(Number.MIN_SAFE_INTEGER)),
  config: keysOf(defaultConfig(), aBoolean),
  hostMemory: aNumber(0),
  root: aString,
  onPanic: aFunction,
  bpf: aFunction,
  landlock: anObject,
  syscallFilter: anObject,
}

export interface Kernel {
  /** Process 1: uid 0 with every capability, in `/`. */
  readonly init: Task
  /** Every system call that is there: `kernel.sys.openat(task, AT_FDCWD, '/etc', O_RDONLY, 0)`. */
  readonly sys: SysCalls
  /** By name; -ENOSYS for one that is not there. */
  readonly syscall: (task: Task, name: string, ...args: unknown[]) => number
  /** The inside, for drivers and tests. */
  readonly machine: Machine
}

const must = (rc: number, what: string): void => {
  if (rc < 0) throw new BootError(rc, what)
}

/** The root file system, as the first mount of the first namespace. */
const mountRoot = (machine: Machine, options: string): MountNamespace => {
  const { vfs } = machine
  const fc = vfs.fs_context_for_mount(machine.filesystem('tmpfs')!, 0)
  must(vfs.parse_monolithic_mount_data(fc, options), 'the options of the root file system')
  must(vfs.vfs_get_tree(fc), 'the root file system')
  const mount = vfs.alloc_mount(fc.root!, 0, 'rootfs')
  vfs.put_fs_context(fc)
  const ns = vfs.alloc_mnt_ns(machine.init_user_ns, machine.nextInum())
  ns.root = mount
  mount.attached = true
  vfs.joinNs(mount, ns)
  return ns
}

/** A mount of the kernel's own that no path leads to; the kernel holds it as long as it runs. */
const kernMount = (machine: Machine, type: FileSystem): Mount => {
  const { vfs } = machine
  const fc = vfs.fs_context_for_mount(type, SB_KERNMOUNT)
  must(vfs.vfs_get_tree(fc), type.name)
  const mount = vfs.alloc_mount(fc.root!, MNT_INTERNAL, type.name)
  vfs.mntget(mount)
  vfs.put_fs_context(fc)
  return mount
}

/** The directory `target`, made with all that leads to it. A link on the way is an error: anybody may have made it. */
const makeDirs = (machine: Machine, target: string): Path => {
  const { vfs } = machine
  const find = (path: string): Path | number =>
    vfs.user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW | LOOKUP_NO_SYMLINKS)
  let at = ''
  for (const name of target.split('/').filter((part) => part !== '')) {
    at += `/${name}`
    let found = find(at)
    if (found === -ENOENT) {
      must(vfs.do_mkdirat(AT_FDCWD, at, 0o755), at)
      found = find(at)
    }
    if (typeof found === 'number') throw new BootError(found, at)
  }
  const path = find(target)
  if (typeof path === 'number') throw new BootError(path, target)
  return path
}

const bootMount = (machine: Machine, { type, target, source, data, flags = 0, device }: BootMount): void => {
  let name = type
  if (typeof name !== 'string') {
    const driver = name(machine)
    machine.registerFilesystem(driver)
    name = driver.name
  }
  if (target.startsWith(`${SYS}/`)) machine.sysfs.createMountPoint(target.slice(SYS.length))
  const rc = machine.vfs.path_mount(source ?? name, makeDirs(machine, target), name, flags, data ?? null)
  must(rc, `${name} on ${target}`)
  if (device === undefined) return
  const mounted = machine.vfs.user_path_at(AT_FDCWD, target, 0)
  if (typeof mounted === 'number') throw new BootError(mounted, target)
  must(machine.blockDevices.add(mounted.mnt.mnt_sb, device), `device ${device.name}`)
}

/** Filters that ask listeners, and tell what they do in the kernel's log. */
const kernelSeccomp = (machine: Machine): SyscallFilter =>
  seccomp({
    onNotify: machine.seccompNotify.ask,
    onLog: ({ task, nr, action }) => machine.log.add(LOG_NOTICE, auditText(machine, task, nr, action)),
  })

const LOG_NOTICE = 5

/** As `audit_seccomp` writes it where no daemon listens. */
const auditText = (machine: Machine, task: Task, nr: number, action: number): string => {
  const { uid, gid } = task.cred
  const time = (machine.realtime() / 1000).toFixed(3)
  return `audit: type=${AUDIT_SECCOMP} audit(${time}:0): uid=${uid} gid=${gid} pid=${task.pid} ` +
    `comm=${JSON.stringify(task.comm)} arch=${AUDIT_ARCH_X86_64.toString(16)} syscall=${nr} compat=0 ` +
    `code=0x${action.toString(16)}`
}

const HOST_MEMORY = 512 * 2 ** 20

const limitMemory = ({ memory }: Machine, { hostMemory = HOST_MEMORY }: BootOptions): void => {
  must(memory.used <= hostMemory ? 0 : -ENOMEM, `hostMemory: the kernel alone takes ${memory.used} bytes`)
  memory.max = hostMemory
}

/**
 * Throws OptionError for options that are none, BootError when an LSM refuses what the kernel itself needs. Several
 * kernels may live in one process.
 */
export const bootKernel = (options: BootOptions): Kernel => {
  checkOptions(options, rules, 'bootKernel')
  const { stack, clock = Date.now, hostname = 'lsmkit' } = options
  const init_user_ns = init_user_ns_of(stack.current.task.cred.user_ns)
  const sysctl = { ...defaultSysctl(), ...options.sysctl }
  const machine = new Machine(stack, init_user_ns, clock, sysctl, new Tasks(stack.current))
  const { lsm } = stack
  Object.assign(machine.config, options.config)
  if (options.onPanic !== undefined) machine.onPanic = options.onPanic
  machine.blockDevices = blockDevices(lsm)
  setUpCreds(lsm, machine)
  machine.leases = createLeases(machine)
  machine.vfs = createVfs(lsm, machine)
  setUpProcesses(lsm, machine)
  if ('host' in stack) stack.host = lsmHost(machine)
  const shm = tmpfs(lsm, machine)
  machine.registerFilesystem(shm)
  machine.shm_mnt = kernMount(machine, shm)
  superState(machine.shm_mnt.mnt_sb).d_dname = simple_dname
  machine.shm_mnt.mnt_sb.s_flags |= SB_NOUSER
  machine.shmInode = shm.get_inode
  machine.pipe_mnt = kernMount(machine, machine.vfs.pipefs)
  machine.vfs.setUpAnonInodes()
  const mnt_ns = mountRoot(machine, options.root ?? 'mode=755')
  const idle = setUpIdle(machine, mnt_ns, hostname)
  machine.idle = idle
  machine.firmware = firmwareLoader(lsm, machine)
  const root = machine.vfs.rootOf(mnt_ns)
  idle.fs = machine.vfs.new_fs_struct(root, root, 0o022)
  if (options.landlock !== undefined) {
    must(options.landlock.boot(landlockHost(machine)), 'landlock: the engine serves another kernel')
    machine.landlock = options.landlock
  }
  if (options.bpf !== undefined) machine.bpf = createBpf(lsm, machine, options.bpf)
  const usual = registerKernelFilesystems(lsm, machine)
  must(machine.ipc.mqueues.mountFor(threadOf(idle).nsproxy.ipc_ns), 'mqueue')
  machine.onNewNamespace = (ns) => {
    if (ns.kind === 'net') return machine.net.setup_net(ns)
    return ns.kind === 'ipc' ? machine.ipc.mqueues.mountFor(ns) : 0
  }
  const init = startInit(machine)
  machine.seccompNotify = seccompNotify(machine)
  machine.syscallFilter = options.syscallFilter ?? kernelSeccomp(machine)
  machine.gate = new SeccompGate(machine)
  const sys = guardAll(machine, createHandlers(lsm, machine))
  machine.current.task = init
  for (const mount of options.usualMounts === false ? [] : usual) bootMount(machine, mount)
  for (const mount of options.mounts ?? []) bootMount(machine, mount)
  machine.runRcu()
  machine.isBooting = false
  limitMemory(machine, options)
  return { init, sys, syscall: byName(sys), machine }
}
