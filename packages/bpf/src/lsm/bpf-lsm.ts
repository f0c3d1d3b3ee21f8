/** The LSM `bpf`: programs of object files on any hook, by KRSI's rules; nothing on a hook without one. */
import * as abi from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { BesideModule, BpfEngine, Lsm, Stack } from '@lsmkit/core'
import {
  aFunction, anObject, aString, bytes, checkOptions, listOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Pins } from '../maps/create-map.ts'
import type { MapHandle } from '../maps/map-handle.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { openObject } from '../object/index.ts'
import type { BpfObject } from '../object/bpf-object.ts'
import { withChanges } from '../object/changes.ts'
import { openRules } from '../object/open-object.ts'
import type { OpenOptions } from '../object/open-object.ts'
import { syscallEngine } from '../syscall/engine.ts'
import { BpfCore, bpfRules } from './bpf-core.ts'
import type { BpfOptions } from './bpf-core.ts'
import { BpfLoadError } from './load-error.ts'
import { LoadedObject } from './loaded-object.ts'

export type { BpfOptions, ProgramFault } from './bpf-core.ts'

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

const loadRules: OptionRules<LoadOptions> = {
  ...openRules,
  programs: listOf(aString),
  pins: anObject,
  prepare: aFunction,
  logLevel: wholeNumber(0),
}

export interface BpfLsm extends Lsm<'bpf'> {
  /** Opens, makes maps, verifies and compiles. Throws OptionError, BpfError, BpfLoadError: nothing is left behind. */
  load(stack: Stack, object: Uint8Array | BpfObject, options?: LoadOptions): LoadedObject
  /**
   * Runs timers and work queues of programs whose time has come (nanoseconds since boot; now unless given), where
   * `kernel.later` does not see to it.
   */
  tick(now?: number): void
  /** The engine behind a kernel's bpf(2): `bootKernel({ stack, bpf: () => lsm.engine(stack) })`. */
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
    package: '@lsmkit/bpf',
    id: abi.LSM_ID_BPF,
    carriesPrograms: true,
    hooks: (context) => {
      core.context = context
      // the kernel's drops what is stored beside inodes and tasks here; ours does once something can be (`follow`)
      return {}
    },
    beside: (given) => besideBpf(options, given),
  })
  return Object.freeze({
    ...lsm,
    load: (stack: Stack, object: Uint8Array | BpfObject, loading: LoadOptions = {}) => {
      checkStack(core, stack)
      return loadObject(core, stack, object, loading)
    },
    tick: (now?: number) => core.tick(now),
    // bpf(2) needs no module in the stack, as on Linux
    engine: (stack: Stack) => syscallEngine(core, stack),
    map: (id: number) => core.mapHandle(id),
    get memoryUsed() {
      return core.memoryUsed
    },
    symbolAt: (address: bigint) => core.programBuilder.symbols.at(address, core.kernelBtf),
    get faults() {
      return core.faults
    },
  })
}

/**
 * Objects that a stack asks beside its own: an instance with maps of its own, whose programs change nothing outside of
 * them. Throws OptionError.
 */
const besideBpf = ({ kernel, onTrace: _onTrace, ...options }: BpfOptions, given: unknown): BesideModule => {
  checkOptions({ objects: given }, { objects: required(listOf(bytes)) }, 'beside')
  const { later: _later, ...reads } = kernel ?? {}
  const acts = { writeUser: () => 0, signal: () => 0 }
  const lsm = bpf({ ...options, ...(kernel === undefined ? {} : { kernel: { ...reads, ...acts } }) })
  return {
    lsm,
    start: (stack: Stack) => {
      const loaded: LoadedObject[] = []
      const unload = (): void => loaded.forEach((object) => object.unload())
      try {
        for (const object of given as readonly Uint8Array[]) {
          const made = lsm.load(stack, object)
          loaded.push(made)
          made.attachAll()
        }
        return unload
      } catch (error) {
        unload()
        throw error
      }
    },
  }
}

/** Opens, makes maps, verifies and compiles. */
export const loadObject = (
  core: BpfCore, stack: Stack, given: Uint8Array | BpfObject, options: LoadOptions,
): LoadedObject => {
  checkOptions(options, loadRules, 'load')
  const { programs, pins = new Map(), prepare, logLevel = 0, ...opening } = options
  mayLoad(stack)
  const object = given instanceof Uint8Array
    ? openObject(given, { kernelBtf: core.kernelBtf, ...opening })
    : withChanges(given, opening, core.kernelBtf)
  checkNames(object, programs ?? [])
  prepare?.(object)
  const before = new Set(pins.values())
  const opened = core.programBuilder.open(object, core.kernelBtf, pins)
  const made = opened.maps.filter((map) => !before.has(map))
  const loaded = new LoadedObject(core, stack, { opened, made, pins })
  const wanted = object.programs.filter(({ name, autoload }) => programs?.includes(name) ?? autoload)
  loaded.loadPrograms(wanted, logLevel)
  return loaded
}

/** Programs decide on the stack that this `bpf()` is a module of. */
const checkStack = (core: BpfCore, stack: Stack): void => {
  if (core.context !== null && core.context.current === stack.current) return
  throw new BpfLoadError('no-target', 'bpf', -abi.EINVAL, 'this bpf() is not a module of the stack')
}

const checkNames = (object: BpfObject, wanted: readonly string[]): void => {
  const names = object.programs.map(({ name }) => name)
  for (const name of wanted) {
    if (names.includes(name)) continue
    const hint = didYouMean(name, names)
    const message = `\`${object.name}\` has no program of that name${hint === null ? '' : `: ${hint}`}`
    throw new BpfLoadError('no-target', name, -abi.ENOENT, message)
  }
}

/** As bpf_prog_load: CAP_BPF and CAP_PERFMON of the initial name space, each also by CAP_SYS_ADMIN; then the hook. */
const mayLoad = (stack: Stack): void => {
  const { cred } = stack.current.task
  const has = (cap: number): boolean => stack.lsm.capable.ask(cred, rootOf(cred.user_ns), cap, 0) === 0
  if (!has(abi.CAP_BPF) && !has(abi.CAP_SYS_ADMIN)) throw notPermitted('CAP_BPF is missing', -abi.EPERM)
  if (!has(abi.CAP_PERFMON) && !has(abi.CAP_SYS_ADMIN)) throw notPermitted('CAP_PERFMON is missing', -abi.EPERM)
  const rc = stack.lsm.bpf.ask(abi.BPF_PROG_LOAD, {}, 0, false)
  if (rc !== 0) throw notPermitted('an LSM refuses the command', rc)
}

const rootOf = <T extends { readonly parent: T | null }>(ns: T): T => (ns.parent === null ? ns : rootOf(ns.parent))
const notPermitted = (message: string, rc: number) => new BpfLoadError('not-permitted', 'bpf', rc, message)
