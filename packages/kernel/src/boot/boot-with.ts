/** How a kernel boots: a machine on a stack, with a root file system, the usual mounts, and process 1. */
import { ENOMEM } from '@lsmkit/abi'
import { init_user_ns_of } from '@lsmkit/core'
import type { BpfEngine, Host, LandlockEngine, Task } from '@lsmkit/core'
import {
  aBoolean, aFunction, aNumber, anObject, aString, bytes, checkOptions, either, listOf, nameOf, optionsOf, required,
  wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import type { BootDevice } from '../interfaces/fs.ts'
import type { SyscallFilter } from '../interfaces/seccomp.ts'
import { Machine } from '../machine.ts'
import type { BootStack } from '../machine.ts'
import type { Clock } from '../state/clock.ts'
import { defaultConfig } from '../state/config.ts'
import type { KernelConfig } from '../state/config.ts'
import { OPTIONAL_SUBSYSTEMS } from '../state/optional.ts'
import type { OptionalSubsystem } from '../state/optional.ts'
import { defaultSysctl } from '../state/sysctl.ts'
import type { Sysctl } from '../state/sysctl.ts'
import { Tasks } from '../state/task/tasks.ts'
import { byName, sysCalls } from '../syscalls/entry.ts'
import type { SysCalls } from '../syscalls/entry.ts'
import { bootMount, must, usualMounts } from './first-mounts.ts'
import type { BootMount } from './first-mounts.ts'
import { startInit } from './init.ts'
import { callRowsOf } from './call-rows.ts'
import { CHOSEN, chosenNames } from './subsystem.ts'
import type { Chosen, ChosenName, Subsystem } from './subsystem.ts'
import { setUpSubsystems } from './subsystems.ts'
import { provideFunctions } from './traced-functions.ts'

export interface BootOptions {
  readonly stack: BootStack & { host?: Host }
  /** After the usual ones, in this order. */
  readonly mounts?: readonly BootMount[]
  /** /proc, /sys, /dev, those below /sys/kernel and /sys/fs, and what the LSMs declare (default true). */
  readonly usualMounts?: boolean
  readonly hostname?: string
  readonly clock?: Clock
  readonly sysctl?: Partial<Sysctl>
  /** Optional subsystems that this kernel is built without: `['sctp', 'tun', 'overlay']` (default: all are there). */
  readonly without?: readonly OptionalSubsystem[]
  /** The kernel's configuration (default: as Debian's). */
  readonly config?: Partial<KernelConfig>
  /**
   * Bytes of the host's heap that guests, and the kernel for them, may hold (default 512 MiB): files and their
   * contents, tasks, descriptors, pipes, sockets, keys, IPC, mounts. Beyond it calls answer -ENOMEM, or what Linux
   * answers there. The memory of programs is their runner's. BootError when the kernel itself does not fit.
   */
  readonly hostMemory?: number
  /** Options of the root file system, a tmpfs (default `mode=755`). */
  readonly root?: string
  /** Called when a system call throws; the call has returned -EACCES. */
  readonly onPanic?: (syscall: string, error: unknown) => void
  /**
   * The engine that keeps maps and runs programs for bpf(2): `() => lsm.engine(stack)`. Without it bpf(2) is ENOSYS.
   */
  readonly bpf?: () => BpfEngine
  /** The engine behind Landlock's three calls: the module's `lsm.engine`. Without it they are EOPNOTSUPP. */
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
  without: listOf(nameOf(OPTIONAL_SUBSYSTEMS, 'subsystem that can be left out')),
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

const HOST_MEMORY = 512 * 2 ** 20

const limitMemory = ({ memory }: Machine, { hostMemory = HOST_MEMORY }: BootOptions): void => {
  must(memory.used <= hostMemory ? 0 : -ENOMEM, `hostMemory: the kernel alone takes ${memory.used} bytes`)
  memory.max = hostMemory
}

/** Those that are left out in all their parts are not set up at all. */
const isLeftOut = ({ name }: Subsystem, without: readonly string[]): boolean => {
  const parts = CHOSEN[name as ChosenName]
  return parts.length > 0 && parts.every((part) => without.includes(part))
}

/** What the kernel of this entry does not have, as `without` names it. */
const lacking = (chosen: Chosen): readonly OptionalSubsystem[] =>
  chosenNames.filter((name) => !chosen.has(name)).flatMap((name) => CHOSEN[name])

/** `bootKernel` with these subsystems beside those that every kernel has. */
export const bootWith = (subsystems: readonly Subsystem[], options: BootOptions): Kernel => {
  checkOptions(options, rules, 'bootKernel')
  const { stack, clock = Date.now, hostname = 'lsmkit', without = [] } = options
  const chosen: Chosen = new Map(
    subsystems.filter((one) => !isLeftOut(one, without)).map((subsystem) => [subsystem.name, subsystem]))
  const init_user_ns = init_user_ns_of(stack.current.task.cred.user_ns)
  const sysctl = { ...defaultSysctl(), ...options.sysctl }
  const tasks = new Tasks(stack.current)
  const machine = new Machine(stack, init_user_ns, clock, sysctl, tasks, [...without, ...lacking(chosen)])
  Object.assign(machine.config, options.config)
  if (options.onPanic !== undefined) machine.onPanic = options.onPanic
  const { bpf, landlock, syscallFilter, root = 'mode=755' } = options
  setUpSubsystems(machine, { stack, hostname, root, bpf, landlock, syscallFilter, chosen })
  const init = startInit(machine)
  const sys = sysCalls(machine, callRowsOf(chosen))
  provideFunctions(machine)
  machine.current.task = init
  for (const mount of options.usualMounts === false ? [] : usualMounts(machine)) bootMount(machine, mount)
  for (const mount of options.mounts ?? []) bootMount(machine, mount)
  machine.runRcu()
  machine.isBooting = false
  limitMemory(machine, options)
  return { init, sys, syscall: byName(sys), machine }
}
