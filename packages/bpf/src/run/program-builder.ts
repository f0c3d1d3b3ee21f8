/** Where programs of objects are made runnable: one machine, its maps, its helpers; each object brings its kfuncs. */
import {
  BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_CGROUP_ARRAY, BPF_MAP_TYPE_STRUCT_OPS, BPF_PSEUDO_BTF_ID, BPF_PSEUDO_MAP_FD,
  BPF_SIZE, bpfHelperName,
} from '@lsmkit/abi'
import { anObject, checkOptions, objectWith, oneOf, optionsOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import { AsyncCalls } from '../helpers/run/async-calls.ts'
import { isSiteHelper, siteHelperAt } from '../helpers/run/site-helpers.ts'
import type { CallSite } from '../helpers/run/stack-helpers.ts'
import { helpersOf } from '../helpers/run/index.ts'
import type { HelperEnv, ProgramHost } from '../helpers/run/index.ts'
import { kfuncsOf } from '../kfuncs/run/index.ts'
import { ArrayMap } from '../maps/array-map.ts'
import type { BpfMap } from '../maps/bpf-map.ts'
import { createMaps } from '../maps/create-map.ts'
import type { Pins } from '../maps/create-map.ts'
import { HashMap } from '../maps/hash-map.ts'
import { MapSpace } from '../maps/map-space.ts'
import { ProgramArray } from '../maps/object-array.ts'
import { refusingMap } from '../maps/program-owner.ts'
import type { HeldProgram, ProgramTraits } from '../maps/traits.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../object/bpf-object.ts'
import type { ContextWord, Helper, Wide } from '../vm/executable.ts'
import { loadCodes } from '../vm/link.ts'
import type { Engine, LinkEnv } from '../vm/link.ts'
import { Machine } from '../vm/machine.ts'
import type { Runnable } from '../vm/machine.ts'
import { BpfMemory, memoryRules } from '../vm/memory.ts'
import type { Accessor, TypedLoad } from '../vm/object-space.ts'
import type { BpfMemoryOptions } from '../vm/memory.ts'
import { mapsOf, traitsOf } from './program-traits.ts'
import { Symbols } from './symbols.ts'

export interface ProgramBuilderOptions {
  readonly memory?: BpfMemoryOptions
  /** Most bytes of all maps together. */
  readonly mapBytes?: number
  /** Instructions of one run, up to 2^31 - 1. */
  readonly budget?: number
  readonly engine?: Engine
  readonly host?: ProgramHost
  /** Counts instructions of programs, which are then interpreted, whatever `engine` says. */
  readonly coverage?: InstructionCounts
}

/** Gives counters by slot for a program of an object. */
export interface InstructionCounts {
  counts(object: string, program: ProgramSpec): Float64Array
}

/** Facts from verifying a program that running it can use. */
export interface Verified {
  /** By slot: 1 where a load reads 0 when nothing is at its address. */
  readonly probes?: Uint8Array
  /** Which members of which kernel structs are loaded, by slot. */
  readonly typedLoads?: ReadonlyMap<number, TypedLoad>
  /** Subprogram (index into `subprograms`) that `bpf_throw` ends with. */
  readonly exceptionCallback?: number
}

/** A program to be compiled, as `OpenedObject.load` takes it. */
export interface Loading {
  readonly program: ProgramSpec
  readonly contextSize: number
  readonly verified: Verified
  readonly given: readonly ContextWord[]
}

const rules: OptionRules<ProgramBuilderOptions> = {
  memory: optionsOf(memoryRules),
  mapBytes: wholeNumber(0),
  budget: wholeNumber(1, 2 ** 31 - 1),
  engine: oneOf('jit', 'interpreter'),
  host: anObject,
  coverage: objectWith('counts', 'a BpfCoverage'),
}

/** Bytes of a load by the size in its opcode. */
const LOAD_SIZES: ReadonlyMap<number, number> = new Map([[0x10, 1], [0x08, 2], [0x00, 4], [0x18, 8]])

/** Makes programs runnable on one machine, by the engine it is given. */
export class ProgramBuilder {
  readonly machine: Machine
  readonly maps: MapSpace
  readonly engine: Engine
  /** Null: nobody wants to know. */
  readonly coverage: InstructionCounts | null
  /** The symbols for addresses of stack traces. */
  readonly symbols = new Symbols()
  /** Timers and work queues of programs. */
  readonly asyncs: AsyncCalls
  readonly #helpers: ReadonlyMap<number, Helper>
  readonly #env: HelperEnv

  /** Throws OptionError. */
  constructor(options: ProgramBuilderOptions = {}) {
    checkOptions(options, rules, 'ProgramBuilder')
    const { memory, mapBytes, budget, engine = 'jit', host = {}, coverage = null } = options
    this.machine = new Machine(new BpfMemory(memory), budget)
    this.maps = new MapSpace(this.machine.memory, {
      release: (map, value) => this.asyncs.release(map, value),
      releaseAll: (map) => this.asyncs.releaseAll(map),
      ...(host.kept === undefined ? {} : { kept: host.kept }),
      ...(mapBytes === undefined ? {} : { limit: mapBytes }),
    })
    this.coverage = coverage
    this.engine = coverage === null ? engine : 'interpreter'
    this.asyncs = new AsyncCalls(this.machine, this.maps, host)
    this.#env = { machine: this.machine, maps: this.maps, host, asyncs: this.asyncs }
    this.#helpers = helpersOf(this.#env)
    this.machine.tailTarget = (map, index) => this.#tailTarget(map, index)
  }

  /**
   * The maps of an object, and its programs when they are asked for. `standIns`: maps of structs of functions
   * (struct_ops) are empty ones, for test runs; without it they are refused.
   */
  open(object: BpfObject, kernelBtf: Btf | null, pins?: Pins, standIns = false): OpenedObject {
    const made = standIns ? { ...object, maps: object.maps.map(withStandIn) } : object
    const maps = createMaps(made, this.maps, pins)
    return new OpenedObject(this, object, maps, kernelBtf, kfuncsOf(this.#env, object.btf, kernelBtf))
  }

  /** An object whose maps are there already, one for each of its specifications. */
  assemble(object: BpfObject, maps: readonly BpfMap[], kernelBtf: Btf | null): OpenedObject {
    return new OpenedObject(this, object, maps, kernelBtf, kfuncsOf(this.#env, object.btf, kernelBtf))
  }

  /** Whether a map keeps values for objects; most stacks have none, and every object's end is reported to them. */
  hasStorage(type: number): boolean {
    for (const map of this.maps.all()) if (map.type === type) return true
    return false
  }

  helper(id: number): Helper | undefined {
    return this.#helpers.get(id)
  }

  /** Those that depend on where they are called, at one place. */
  siteHelper(id: number, site: CallSite, types: Btf | null): Helper {
    return siteHelperAt(this.#env, id, site, types)
  }

  #tailTarget(address: number, index: number): number {
    const map = this.maps.at(address)
    const held = map instanceof ProgramArray ? map.at(index) : null
    return held === null ? -1 : this.machine.programs.indexOf(held.runnable as Runnable)
  }
}

/** The helper that there is not: it stands where an access does not resolve; only the verifier knows who gets there. */
const POISON = 195896080

/** A static slot that does not take its program. `errno` is negative. */
export interface RefusedSlot {
  readonly map: string
  readonly index: number
  readonly program: string
  readonly errno: number
  readonly reason: string
}

/** Why an array of programs does not take one. */
export const ONE_KIND = 'programs that share such a map need the same type, attach type and arguments'

/** An object on a machine: its maps exist. */
export class OpenedObject {
  readonly object: BpfObject
  readonly maps: readonly BpfMap[]
  readonly kernelBtf: Btf | null
  readonly #programBuilder: ProgramBuilder
  readonly #kfuncs: ReadonlyMap<string, Helper>

  constructor(
    programBuilder: ProgramBuilder, object: BpfObject, maps: readonly BpfMap[], kernelBtf: Btf | null,
    kfuncs: ReadonlyMap<string, Helper>,
  ) {
    this.#programBuilder = programBuilder
    this.object = object
    this.maps = maps
    this.kernelBtf = kernelBtf
    this.#kfuncs = kfuncs
  }

  /**
   * Compiles a program. `contextSize`: bytes of its context; `given`: what a hook hands over of it. Throws BpfError
   * `unsupported` for a helper or kfunc that does not run here.
   */
  load(
    program: ProgramSpec, contextSize: number, verified: Verified = {}, given: readonly ContextWord[] = [],
  ): Runnable {
    return this.loadTogether([{ program, contextSize, verified, given }])[0]!
  }

  /** Several at once, which takes less time than one by one. */
  loadTogether(programs: readonly Loading[]): readonly Runnable[] {
    const codes = programs.map((one) => ({ code: one.program.code, env: this.#environmentOf(one) }))
    return loadCodes(this.#programBuilder.machine, codes, this.#programBuilder.engine)
  }

  #environmentOf({ program, contextSize, verified, given }: Loading): LinkEnv {
    if (program.broken !== null) throw new BpfError('bad-relocation', program.broken, program.name)
    const { symbols, coverage } = this.#programBuilder
    let siteAt: ((slot: number) => CallSite) | null = null
    return {
      name: program.name,
      helper: (id, slot) => slot !== undefined && isSiteHelper(id)
        ? this.#programBuilder.siteHelper(id, (siteAt ??= symbols.of(program, this.kernelBtf))(slot), this.kernelBtf)
        : this.#programBuilder.helper(id),
      kfunc: (typeId) => this.#kfuncs.get(this.kernelBtf?.name(typeId) ?? ''),
      wide: (slot) => this.#wide(program, slot),
      contextSize,
      given,
      exceptionCallback: verified.exceptionCallback ?? -1,
      ...(verified.probes === undefined ? {} : { probes: verified.probes }),
      accessors: this.#accessors(program, verified),
      ...(coverage === null ? {} : { hits: coverage.counts(this.object.name, program) }),
    }
  }

  #accessors({ code }: ProgramSpec, { typedLoads }: Verified): ReadonlyMap<number, Accessor> {
    const { objects } = this.#programBuilder.machine
    const found = new Map<number, Accessor>()
    for (const [slot, { struct, offset }] of typedLoads ?? []) {
      const accessor = objects.accessor(struct, offset, LOAD_SIZES.get(BPF_SIZE(code.op[slot]!))!)
      if (accessor !== null) found.set(slot, accessor)
    }
    return found
  }

  /** Traits that decide which maps take the program. */
  traits(program: ProgramSpec): ProgramTraits {
    return traitsOf(program, mapsOf(program, this.maps), this.kernelBtf, this.#programBuilder.engine === 'jit')
  }

  /**
   * As `bpf_check_tail_call`, for a program that is loaded: the first map it names that belongs to programs of another
   * kind; null when there is none. Maps without an owner get one.
   */
  refusingMap(program: ProgramSpec, traits: ProgramTraits): BpfMap | null {
    return refusingMap(mapsOf(program, this.maps), traits)
  }

  /**
   * Puts the programs that static slots of PROG_ARRAYs name into them, and gives the slots that do not take theirs.
   * `load` gives a program by its name, null for one that is not loaded.
   */
  fillSlots(load: (name: string) => HeldProgram | null): readonly RefusedSlot[] {
    const refused: RefusedSlot[] = []
    for (const [at, spec] of this.object.maps.entries()) {
      const map = this.maps[at]
      if (!(map instanceof ProgramArray)) continue
      for (const [index, name] of spec.slots) {
        const held = load(name)
        const rc = held === null ? 0 : map.put(index, held)
        if (rc !== 0) refused.push({ map: spec.symbol, index, program: name, errno: rc, reason: ONE_KIND })
      }
    }
    return refused
  }

  /** Helpers and kfuncs that a program calls and this machine lacks, by slot. */
  missing({ code, poisoned }: ProgramSpec): ReadonlyMap<number, string> {
    const found = new Map<number, string>()
    for (let slot = 0; slot < code.length; slot++) {
      const imm = code.imm[slot]!
      if (code.op[slot] !== 0x85 || poisoned.has(slot) || imm === POISON) continue
      if (code.src[slot] === 2) {
        const name = this.kernelBtf?.name(imm) ?? String(imm)
        if (!this.#kfuncs.has(name)) found.set(slot, `kfunc \`${name}\``)
      } else if (code.src[slot] === 0 && imm !== 12 && this.#programBuilder.helper(imm) === undefined) {
        found.set(slot, `helper \`${bpfHelperName(imm)}\``)
      }
    }
    return found
  }

  #wide({ code }: ProgramSpec, slot: number): Wide | undefined {
    const src = code.src[slot]!
    // a variable of the kernel: this kernel has none at an address
    if (src === BPF_PSEUDO_BTF_ID) return { low: 0, high: 0 }
    const map = this.maps[code.imm[slot]!]
    if (map === undefined) return undefined
    if (src === BPF_PSEUDO_MAP_FD) return { low: map.address, high: 0, ...inlineOf(map) }
    const values = map instanceof ArrayMap ? map.values : (map as unknown as { values?: number }).values
    return values === undefined ? undefined : { low: values + code.imm[slot + 1]!, high: 0 }
  }
}

/** An array that stays empty: a look-up in it finds nothing. */
const withStandIn = (spec: MapSpec): MapSpec =>
  spec.type === BPF_MAP_TYPE_STRUCT_OPS
    ? { ...spec, type: BPF_MAP_TYPE_CGROUP_ARRAY, keySize: 4, valueSize: 4, flags: 0 }
    : spec

const inlineOf = (map: BpfMap): Pick<Wide, 'map'> => {
  if (map instanceof ArrayMap && map.type === BPF_MAP_TYPE_ARRAY) {
    return { map: { kind: 'array', values: map.values, stride: map.stride, entries: map.maxEntries } }
  }
  if (map instanceof HashMap && map.constructor === HashMap) {
    return { map: { kind: 'hash', header: map.address, keySize: map.keySize, marks: map.isLru } }
  }
  return {}
}
