/** The LSM `bpf`: programs of object files on any hook, by KRSI's rules; nothing on a hook without one. */
import * as abi from '@lsmkit/abi'
import { defineLsm, memoryObjects, noHost } from '@lsmkit/core'
import type { BpfEngine, Cgroup, Lsm, LsmContext, Objects, Stack } from '@lsmkit/core'
import {
  aFunction, anObject, aString, checkOptions, instanceOf, listOf, oneOf, optionsOf, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { Btf } from '../btf/btf.ts'
import type { Pins } from '../maps/create-map.ts'
import { MapHandle } from '../maps/map-handle.ts'
import { StorageMap } from '../maps/storage-map.ts'
import { openObject } from '../object/index.ts'
import type { BpfObject } from '../object/bpf-object.ts'
import { openRules } from '../object/open-object.ts'
import type { OpenOptions } from '../object/open-object.ts'
import { Workshop } from '../run/workshop.ts'
import type { Engine } from '../vm/link.ts'
import { memoryRules } from '../vm/memory.ts'
import type { BpfMemoryOptions } from '../vm/memory.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { groupNumbers } from './group-host.ts'
import { BpfLoadError } from './load-error.ts'
import { LoadedObject } from './loaded-object.ts'
import { syscallEngine } from '../syscall/engine.ts'
import { kernelCallRules, lsmHost } from './lsm-host.ts'
import type { KernelCalls } from './lsm-host.ts'
import { ObjectMemory } from './object-memory.ts'

/** A program that was stopped while it ran. */
export interface ProgramFault {
  readonly program: string
  readonly hook: string
  readonly error: unknown
}

export interface BpfOptions {
  readonly memory?: BpfMemoryOptions
  /** Most bytes of all maps together. Default 256 MiB. */
  readonly mapBytes?: number
  /** Instructions of one run of a program, up to 2^31 - 1. Default 2^28. */
  readonly budget?: number
  readonly engine?: Engine
  /** What a program that faults or exceeds its budget answers: -EACCES (the default), or nothing. */
  readonly onFault?: 'deny' | 'no-opinion'
  /** Types that objects are relocated to and verified against; those of our kernel unless given. */
  readonly kernelBtf?: Btf
  /** Whether programs may not call helpers that read kernel memory (lockdown). */
  readonly kernel?: KernelCalls
  /** A line of the trace pipe (`bpf_printk`). */
  readonly onTrace?: (text: string) => void
  readonly onFaultReport?: (fault: ProgramFault) => void
}

/** How one object is loaded. */
export interface LoadOptions extends OpenOptions {
  /** Programs to load; all whose section loads by default unless given. */
  readonly programs?: readonly string[]
  /** Maps that are shared by name. */
  readonly pins?: Pins
  /** Called with the opened object before maps are made: sizes, initial values and sections may be changed. */
  readonly prepare?: (object: BpfObject) => void
  /** Level of the verifier's log, 0 to 2. */
  readonly logLevel?: number
}

export const bpfRules: OptionRules<BpfOptions> = {
  memory: optionsOf(memoryRules),
  mapBytes: wholeNumber(0),
  budget: wholeNumber(1, 2 ** 31 - 1),
  engine: oneOf('jit', 'interpreter'),
  onFault: oneOf('deny', 'no-opinion'),
  kernelBtf: instanceOf(Btf),
  kernel: optionsOf(kernelCallRules),
  onTrace: aFunction,
  onFaultReport: aFunction,
}

const loadRules: OptionRules<LoadOptions> = {
  ...openRules,
  programs: listOf(aString),
  pins: anObject,
  prepare: aFunction,
  logLevel: wholeNumber(0),
}

export interface BpfLsm extends Lsm<'bpf'> {
  /** Factories whose objects programs can follow: give them to `createStack({ objects })`. */
  readonly objects: Objects
  /** Opens, makes maps, verifies and compiles. Throws OptionError, BpfError, BpfLoadError: nothing is left behind. */
  load(stack: Stack, object: Uint8Array | BpfObject, options?: LoadOptions): LoadedObject
  /**
   * Runs timers and work queues of programs whose time has come (nanoseconds since boot; now unless given), where
   * `kernel.later` does not see to it.
   */
  tick(now?: number): void
  /** What a kernel's bpf(2) stands on: `bootKernel({ stack, bpf: () => lsm.engine(stack) })`. */
  engine(stack: Stack): BpfEngine
  /** The function that an address of a stack trace lies in: `bpf_prog_NAME` or one of the kernel's; null when none. */
  symbolAt(address: bigint): string | null
  /**
   * A map that was made by bpf(2), by its number: ring buffers can be read, and values are objects of its types. It is
   * of no more use when the map is gone. Null when there is none.
   */
  map(id: number): MapHandle | null
  /** Bytes that maps and programs have of the memory they share. */
  readonly memoryUsed: number
  /** Faults of programs until now. */
  readonly faults: number
}

/** Throws OptionError. */
export const bpf = (options: BpfOptions = {}): BpfLsm => {
  checkOptions(options, bpfRules, 'bpf')
  const core = new BpfCore(options)
  const lsm = defineLsm({
    name: 'bpf',
    abi: '1.0',
    id: abi.LSM_ID_BPF,
    hooks: (context) => {
      core.context = context
      // as the kernel's: what is stored beside an object goes with it
      return {
        inode_free_security: (inode) => core.dropStorage(abi.BPF_MAP_TYPE_INODE_STORAGE, inode),
        task_free: (task) => core.dropStorage(abi.BPF_MAP_TYPE_TASK_STORAGE, task),
      }
    },
  })
  return Object.freeze({
    ...lsm,
    objects: memoryObjects(core.objects.objects),
    load: (stack: Stack, object: Uint8Array | BpfObject, loading: LoadOptions = {}) =>
      core.load(stack, object, loading),
    tick: (now?: number) => core.workshop.asyncs.tick(now),
    engine: (stack: Stack) => syscallEngine(core, stack),
    map: (id: number) => core.mapHandle(id),
    get memoryUsed() {
      return core.workshop.machine.memory.used
    },
    symbolAt: (address: bigint) => core.workshop.symbols.at(address, core.kernelBtf),
    get faults() {
      return core.faults
    },
  })
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What one instance of the LSM has. */
export class BpfCore {
  readonly options: BpfOptions
  readonly workshop: Workshop
  readonly objects: ObjectMemory
  readonly kernelBtf: Btf
  context: LsmContext | null = null
  faults = 0
  /** Of the program that runs now: what it gets by bpf_get_retval, and its cookie. */
  retval = { value: 0 }
  cookie = 0
  /** The group that it is attached to. */
  attached = { group: 1, type: 0 }
  readonly groupId: (cgroup: Cgroup) => number
  /** What programs know a group by. */
  readonly groupAddress: (group: object) => number

  constructor(options: BpfOptions) {
    this.options = options
    this.kernelBtf = options.kernelBtf ?? vmlinuxBtf()
    this.groupId = groupNumbers(() => options.kernel?.cgroups ?? this.context?.host.services?.cgroups)
    const { memory, mapBytes, budget, engine } = options
    const surroundings = {
      current: () => this.context!.current,
      host: () => this.context?.host ?? noHost,
      objects: () => this.objects,
      trace: (text: string) => options.onTrace?.(text),
      retval: {
        get: () => this.retval.value,
        set: (value: number) => {
          if (value > 0 || value < -4095) return -abi.EINVAL
          this.retval.value = value
          return 0
        },
      },
      cookie: () => this.cookie,
      attachedTo: () => this.attached,
      fault: (error: unknown) => {
        this.#report('callback', 'timer', error)
      },
    }
    const host = lsmHost(surroundings, options.kernel ?? {})
    this.groupAddress = host.groups!.of
    this.workshop = new Workshop({
      host,
      ...(memory === undefined ? {} : { memory }),
      ...(mapBytes === undefined ? {} : { mapBytes }),
      ...(budget === undefined ? {} : { budget }),
      ...(engine === undefined ? {} : { engine }),
    })
    this.objects = new ObjectMemory(this.workshop.machine.memory)
  }

  load(
    stack: Stack, given: Uint8Array | BpfObject, options: LoadOptions,
  ): LoadedObject {
    checkOptions(options, loadRules, 'load')
    const { programs, pins = new Map(), prepare, logLevel = 0, ...opening } = options
    this.#mayLoad(stack)
    const object = given instanceof Uint8Array ? openObject(given, { kernelBtf: this.kernelBtf, ...opening }) : given
    prepare?.(object)
    const before = new Set(pins.values())
    const opened = this.workshop.open(object, this.kernelBtf, pins)
    const made = opened.maps.filter((map) => !before.has(map))
    const loaded = new LoadedObject(this, stack, { opened, made, pins })
    const wanted = object.programs.filter(({ name, autoload }) => programs?.includes(name) ?? autoload)
    loaded.loadPrograms(wanted, logLevel)
    return loaded
  }

  mapHandle(id: number): MapHandle | null {
    const map = this.workshop.maps.byId(id)
    return map === null ? null : new MapHandle(map, map.spec.types ?? null, this.workshop.machine.memory)
  }

  /** Values that maps of that type keep for an object that goes. */
  dropStorage(type: number, owner: object): void {
    if (!this.workshop.hasStorage(type)) return
    const address = this.objects.addressOf(owner, null)
    for (const map of this.workshop.maps.all()) if (map.type === type && map instanceof StorageMap) map.drop(address)
  }

  /** Reports a stop, and what the program then answers. */
  stopped(program: string, hook: string, error: unknown): number {
    if (this.options.onFault === 'no-opinion') {
      this.#report(program, hook, error)
      return 0
    }
    this.#count(program, hook, error)
    const sentence = `BPF program ${program} was stopped: ${reasonOf(error)}`
    return this.context?.audit.deny(-abi.EACCES, sentence) ?? -abi.EACCES
  }

  #count(program: string, hook: string, error: unknown): void {
    this.faults++
    this.options.onFaultReport?.({ program, hook, error })
  }

  /** Of a stop that decides nothing. */
  #report(program: string, hook: string, error: unknown): void {
    this.#count(program, hook, error)
    const text = `prog=${program} hook=${hook} fault="${reasonOf(error)}"`
    this.context?.audit.emit({ kind: 'text', type: abi.AUDIT_BPF, text })
  }

  /** As bpf_prog_load: CAP_BPF and CAP_PERFMON of the initial name space, each also by CAP_SYS_ADMIN; then the hook. */
  #mayLoad(stack: Stack): void {
    const { cred } = stack.current.task
    const has = (cap: number): boolean => stack.lsm.capable.ask(cred, rootOf(cred.user_ns), cap, 0) === 0
    if (!has(abi.CAP_BPF) && !has(abi.CAP_SYS_ADMIN)) throw notPermitted('CAP_BPF is missing', -abi.EPERM)
    if (!has(abi.CAP_PERFMON) && !has(abi.CAP_SYS_ADMIN)) throw notPermitted('CAP_PERFMON is missing', -abi.EPERM)
    const rc = stack.lsm.bpf.ask(abi.BPF_PROG_LOAD, {}, 0)
    if (rc !== 0) throw notPermitted('an LSM refuses the command', rc)
  }
}

const rootOf = <T extends { readonly parent: T | null }>(ns: T): T => (ns.parent === null ? ns : rootOf(ns.parent))
const notPermitted = (message: string, rc: number) => new BpfLoadError('not-permitted', 'bpf', rc, message)
