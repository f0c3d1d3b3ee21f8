/**
 * Where pointers to kernel objects come from and what becomes of them, in a program that is entered by a hook. One that
 * never leaves the registers needs no handle: the object itself goes along, as an externref beside its register. And
 * what is found on one and the same way from the arguments at each run is read before the program begins, by the
 * function of the hook, and handed over.
 *
 * INVARIANT: nothing is read ahead behind a call that could change it; a program cannot write kernel objects itself.
 */
import { BPF_CALL, BPF_CLASS, BPF_JMP, BPF_LDX, BPF_OP, BPF_SRC, BPF_X } from '@lsmkit/abi'
import type { Executable } from '../vm/executable.ts'
import type { Accessor } from '../vm/object-space.ts'
import type { Flow } from './flow.ts'
import { step } from './known.ts'
import type { Registers } from './known.ts'
import { isMove, originsOf, OTHER, slotsOf, sourcesAmong, sourcesOf, usesOf } from './origins.ts'
import type { Origins, Source, Use } from './origins.ts'

/** The way to a member: an argument by its number, then members of what was found. */
export interface Way {
  readonly argument: number
  readonly members: readonly Accessor[]
}

/** Values that the function of a hook passes besides the words of the context. */
export interface Ahead {
  readonly way: Way
  /** The member's number or double, its handle, or the object itself. */
  readonly as: 'value' | 'handle' | 'object'
}

/** How a load is done: by parameter, from the object in its register, or (`null`) by address. */
export type ObjectLoad =
  | { readonly by: 'ahead'; readonly param: number }
  /** A pointer that nobody looks at but by what was read ahead. */
  | { readonly by: 'nothing' }
  | { readonly by: 'object'; readonly accessor: Accessor; readonly as: 'value' | 'handle' | 'object' }

export interface ObjectFlow {
  /** By slot of the load. */
  readonly loads: ReadonlyMap<number, ObjectLoad>
  readonly ahead: readonly Ahead[]
  /** Moves that take an object along, by slot. */
  readonly moves: ReadonlySet<number>
  /** Words of the context that nobody needs as they are, as bits. */
  readonly unread: number
}

/** Numbers that are handed over, at most; objects beside the arguments; members on the way to one of them. */
const MOST_AHEAD = 8
const MOST_OBJECTS = 4
const LONGEST_WAY = 6

/** Helpers that change no kernel object, by name. */
const HARMLESS: ReadonlySet<string> = new Set([
  'map_lookup_elem', 'map_update_elem', 'map_delete_elem', 'get_current_pid_tgid', 'get_current_uid_gid',
  'get_current_comm', 'get_current_task', 'get_current_task_btf', 'ktime_get_ns', 'ktime_get_boot_ns',
  'get_smp_processor_id', 'get_prandom_u32', 'probe_read_kernel', 'probe_read_kernel_str', 'strncmp',
  'task_storage_get', 'inode_storage_get', 'sk_storage_get',
].map((name) => `bpf_${name}`))

export const objectFlow = (
  program: Executable, flow: Flow, known: readonly Registers[],
): ObjectFlow | null => {
  const sources = sourcesOf(program, flow, known)
  if (sources === null || sources.length === 0) return null
  return new Planner(program, flow, sources).plan(known)
}

class Planner {
  readonly #program: Executable
  readonly #flow: Flow
  readonly #sources: readonly Source[]
  readonly #sourceAt = new Map<number, number>()
  /** By slot, where the registers that it uses came from. */
  readonly #origins: ReadonlyMap<number, readonly Origins[]>
  /** Sources that must be handles. */
  readonly #handles = new Set<number>()
  /** Sources whose object somebody needs. */
  readonly #needed = new Set<number>()
  readonly #ways = new Map<number, Way | null>()
  readonly #ahead: Ahead[] = []
  readonly #params = new Map<string, number>()
  /** Numbers of members, for keys. */
  readonly #members = new Map<Accessor, number>()
  /** Loads of pointers whose object can be handed over. */
  readonly #aheadable = new Set<number>()

  constructor(program: Executable, flow: Flow, sources: readonly Source[]) {
    this.#program = program
    this.#flow = flow
    this.#sources = sources
    for (const [at, { slot }] of sources.entries()) this.#sourceAt.set(slot, at)
    this.#origins = originsOf(program, flow, this.#sourceAt)
  }

  plan(known: readonly Registers[]): ObjectFlow {
    const clean = this.#cleanSlots()
    for (;;) {
      this.#markHandles()
      const loads = new Map<number, ObjectLoad>()
      this.#readAhead(clean, loads)
      this.#chooseObjects(clean)
      this.#markNeeded(loads)
      if (this.#hasHandledBases()) continue
      this.#loadObjects(loads)
      return { loads, ahead: this.#ahead, moves: this.#moves(), unread: this.#unread(known, loads) }
    }
  }

  /** An object that is needed and can be found only behind a handle is a handle as well: then all is planned anew. */
  #hasHandledBases(): boolean {
    let isFound = false
    for (const source of this.#needed) {
      const { slot, accessor } = this.#sources[source]!
      if (accessor === null || this.#aheadable.has(slot) || this.#isObject(this.#baseOf(slot))) continue
      this.#handles.add(source)
      isFound = true
    }
    if (!isFound) return false
    this.#ahead.length = 0
    for (const planned of [this.#params, this.#aheadable, this.#needed]) planned.clear()
    return true
  }

  #baseOf(slot: number): Origins {
    return this.#origins.get(slot)?.[this.#program.code.src[slot]!] ?? OTHER
  }

  /** Whether it is an object on every way. */
  #isObject(origins: Origins): boolean {
    return (origins & OTHER) === 0n && !sourcesAmong(origins).some((source) => this.#handles.has(source))
  }

  /** A pointer that is used in any other way than to follow it is a handle, and so is what it may be mixed with. */
  #markHandles(): void {
    const uses: { readonly origins: Origins; readonly use: Use }[] = []
    for (const [slot, origins] of this.#origins) {
      for (const [register, use] of usesOf(this.#program, slot)) uses.push({ origins: origins[register] ?? OTHER, use })
    }
    for (let before = -1; before !== this.#handles.size;) {
      before = this.#handles.size
      for (const { origins, use } of uses) {
        const among = sourcesAmong(origins)
        const isMixed = (origins & OTHER) !== 0n || among.some((source) => this.#handles.has(source))
        if (use === 'any' || (use === 'base' && isMixed)) for (const source of among) this.#handles.add(source)
      }
    }
  }

  /** Slots before which no call on any way may have changed an object. */
  #cleanSlots(): ReadonlySet<number> {
    const { blocks, order } = this.#flow
    const at: (boolean | undefined)[] = blocks.map(() => undefined)
    at[order[0]!] = true
    const clean = new Set<number>()
    const pending = [order[0]!]
    for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
      let isClean = at[block]!
      for (const slot of slotsOf(this.#program, blocks[block]!)) {
        if (isClean) clean.add(slot)
        else clean.delete(slot)
        if (this.#mayChange(slot)) isClean = false
      }
      for (const to of [blocks[block]!.taken, blocks[block]!.next]) {
        if (to < 0 || (at[to] !== undefined && (at[to] === isClean || !at[to]))) continue
        at[to] = isClean
        pending.push(to)
      }
    }
    return clean
  }

  #mayChange(slot: number): boolean {
    const { code, calls } = this.#program
    const op = code.op[slot]!
    if (BPF_CLASS(op) !== BPF_JMP || BPF_OP(op) !== BPF_CALL) return false
    const isHelper = code.src[slot] === 0 && BPF_SRC(op) !== BPF_X
    return !isHelper || !HARMLESS.has(calls.get(slot)?.name ?? '')
  }

  /** Of a load's base: its way, when there is only one. */
  #wayOf(slot: number): Way | null {
    const base = this.#baseOf(slot)
    const among = sourcesAmong(base)
    return (base & OTHER) !== 0n || among.length !== 1 ? null : this.#sourceWay(among[0]!)
  }

  #sourceWay(source: number): Way | null {
    const known = this.#ways.get(source)
    if (known !== undefined) return known
    // a pointer that is loaded from itself, in a loop, has no way
    this.#ways.set(source, null)
    const { slot, accessor, argument } = this.#sources[source]!
    const base = accessor === null ? null : this.#wayOf(slot)
    const way = accessor === null
      ? { argument, members: [] }
      : base === null ? null : wayOn(base, accessor)
    this.#ways.set(source, way)
    return way
  }

  /** Numbers, and handles of pointers, whose way is known. */
  #readAhead(clean: ReadonlySet<number>, loads: Map<number, ObjectLoad>): void {
    for (const slot of [...this.#origins.keys()].sort((a, b) => a - b)) {
      const accessor = this.#program.accessors.get(slot)
      const source = this.#sourceAt.get(slot)
      const isWanted = source === undefined || this.#handles.has(source)
      if (accessor === undefined || accessor.form === 'bytes' || !clean.has(slot) || !isWanted) continue
      const way = this.#wayOf(slot)
      if (way === null) continue
      const ahead = { argument: way.argument, members: [...way.members, accessor] }
      const param = this.#param(ahead, source === undefined ? 'value' : 'handle', MOST_AHEAD)
      if (param >= 0) loads.set(slot, { by: 'ahead', param })
    }
  }

  /** Number of the parameter, -1 when there are enough. */
  #param(way: Way, as: Ahead['as'], most: number): number {
    const key = `${as} ${this.#keyOf(way)}`
    const known = this.#params.get(key)
    if (known !== undefined) return known
    if (this.#ahead.length >= most) return -1
    this.#params.set(key, this.#ahead.length)
    return this.#ahead.push({ way, as }) - 1
  }

  #keyOf({ argument, members }: Way): string {
    return [argument, ...members.map((member) => {
      const number = this.#members.get(member) ?? this.#members.size
      this.#members.set(member, number)
      return number
    })].join(' ')
  }

  /** The object itself is needed where something is loaded from it in the program, and where it is compared with 0. */
  #markNeeded(loads: ReadonlyMap<number, ObjectLoad>): void {
    for (let before = -1; before !== this.#needed.size;) {
      before = this.#needed.size
      for (const [slot, origins] of this.#origins) {
        for (const [register, use] of usesOf(this.#program, slot)) {
          if (use === 'any' || (use === 'base' && !this.#isFollowed(slot, loads))) continue
          for (const source of sourcesAmong(origins[register] ?? OTHER)) {
            if (!this.#handles.has(source)) this.#needed.add(source)
          }
        }
      }
    }
  }

  /** Whether a load is done in the program. */
  #isFollowed(slot: number, loads: ReadonlyMap<number, ObjectLoad>): boolean {
    if (loads.has(slot) || this.#aheadable.has(slot)) return false
    const source = this.#sourceAt.get(slot)
    return source === undefined || this.#handles.has(source) || this.#needed.has(source)
  }

  /** Pointers whose way is known and that are no handles: the first few can be handed over. */
  #chooseObjects(clean: ReadonlySet<number>): void {
    const ways = new Set<string>()
    for (const [source, { slot, accessor }] of this.#sources.entries()) {
      const way = accessor === null || !clean.has(slot) || this.#handles.has(source) ? null : this.#sourceWay(source)
      if (way === null) continue
      const key = this.#keyOf(way)
      if (ways.size >= MOST_OBJECTS && !ways.has(key)) continue
      ways.add(key)
      this.#aheadable.add(slot)
    }
  }

  #loadObjects(loads: Map<number, ObjectLoad>): void {
    for (const slot of this.#origins.keys()) {
      const source = this.#sourceAt.get(slot)
      const accessor = this.#program.accessors.get(slot)
      if (loads.has(slot) || (source === undefined && accessor === undefined)) continue
      if (source !== undefined && !this.#handles.has(source)) {
        loads.set(slot, this.#needed.has(source) ? this.#objectOf(slot, source) : { by: 'nothing' })
        continue
      }
      if (accessor === undefined || accessor.form === 'bytes') continue
      if (!this.#isObject(this.#baseOf(slot))) continue
      loads.set(slot, { by: 'object', accessor, as: source === undefined ? 'value' : 'handle' })
    }
  }

  /** A pointer in the form of its object: handed over where its way is known, else loaded from the one before. */
  #objectOf(slot: number, source: number): ObjectLoad {
    const { accessor } = this.#sources[source]!
    if (accessor !== null && !this.#aheadable.has(slot)) return { by: 'object', accessor, as: 'object' }
    return { by: 'ahead', param: this.#param(this.#sourceWay(source)!, 'object', Infinity) }
  }

  #moves(): Set<number> {
    const moves = new Set<number>()
    for (const [slot, origins] of this.#origins) {
      if (!isMove(this.#program, slot)) continue
      const among = sourcesAmong(origins[this.#program.code.src[slot]!] ?? OTHER)
      if (among.some((source) => this.#needed.has(source))) moves.add(slot)
    }
    return moves
  }

  /** Arguments that are loaded as objects only. */
  #unread(known: readonly Registers[], loads: ReadonlyMap<number, ObjectLoad>): number {
    let [objects, others] = [0, 0]
    for (const block of this.#flow.order) {
      const registers = [...known[block]!]
      for (const slot of slotsOf(this.#program, this.#flow.blocks[block]!)) {
        const { code } = this.#program
        const from = registers[code.src[slot]!] ?? null
        if (BPF_CLASS(code.op[slot]!) === BPF_LDX && from?.base === 'context') {
          const word = 1 << ((from.off + code.off[slot]!) >> 3)
          if (loads.has(slot)) objects |= word
          else others |= word
        }
        step(this.#program, slot, registers)
      }
    }
    return objects & ~others
  }
}

const wayOn = ({ argument, members }: Way, member: Accessor): Way | null =>
  members.length < LONGEST_WAY ? { argument, members: [...members, member] } : null
