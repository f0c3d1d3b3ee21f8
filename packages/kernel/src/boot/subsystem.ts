/** A subsystem: its name, its system calls, and how it puts its parts into a machine. */
import type { BpfEngine, Host, LandlockEngine } from '@lsmkit/core'
import type { PseudoEngine } from '../fs/pseudo/engine.ts'
import type { SyscallFilter } from '../interfaces/seccomp.ts'
import type { BootStack, Machine } from '../machine.ts'
import type { OptionalSubsystem } from '../state/optional.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { CallGroup } from '../syscalls/calls.ts'

/** Subsystems that a kernel of `@lsmkit/kernel/boot` is given or not, and what `without` calls their parts. */
export const CHOSEN = {
  aio: ['aio'],
  binder: ['binder'],
  bpf: [],
  devpts: ['devpts'],
  fanotify: ['fanotify'],
  'file-handles': ['file-handles'],
  inotify: ['inotify'],
  'io-uring': ['io-uring'],
  ipc: ['mqueue', 'sysvipc'],
  keys: ['keys'],
  net: ['net'],
  numa: ['numa'],
  overlay: ['overlay'],
  perf: ['perf'],
  proc: ['proc'],
  quota: ['quota'],
  tracing: ['tracing'],
} as const satisfies Readonly<Record<string, readonly OptionalSubsystem[]>>
export type ChosenName = keyof typeof CHOSEN

export const chosenNames = Object.keys(CHOSEN) as readonly ChosenName[]

/** The chosen subsystems that a kernel has, by name. */
export type Chosen = ReadonlyMap<string, Subsystem>

/** The parts of the host that subsystems need. */
export interface HostParts {
  readonly stack: BootStack & { host?: Host }
  readonly hostname: string
  /** Options of the root file system. */
  readonly root: string
  readonly bpf?: (() => BpfEngine) | undefined
  readonly landlock?: LandlockEngine | undefined
  readonly syscallFilter?: SyscallFilter | undefined
  /** The chosen subsystems that this kernel has, by name. */
  readonly chosen: Chosen
}

/** The same, and what subsystems share while they are set up. */
export interface BootParts extends HostParts {
  /** Makes file systems of trees of pseudo files; the VFS has to be there. */
  readonly pseudo: () => PseudoEngine
}

export interface Subsystem {
  readonly name: string
  /** Puts its parts into the machine. */
  readonly setUp: (machine: Machine, parts: BootParts) => void
  /** A second step, once the root file system and the devices are there. */
  readonly mount?: (machine: Machine, parts: BootParts) => void
  /** Without it the calls answer -ENOSYS (boot/absent-calls.ts). */
  readonly calls?: readonly CallGroup[]
  /** The parts that other subsystems find where this one is left out. */
  readonly instead?: (machine: Machine) => void
}

/** File systems of the kernel's own that need no more than their type. */
export const typeOf = (make: (machine: Machine, pseudo: PseudoEngine) => FileSystem): Subsystem['setUp'] =>
  (machine, { pseudo }) => machine.registerFilesystem(make(machine, pseudo()))
