/**
 * The slots of one table. Most hooks of most stacks have nobody on them: their slot is made when somebody is put there,
 * or asks about it.
 */
import type { Shapes } from '../special/index.ts'
import type { Shape } from '../special/shape.ts'
import { chainFrame, chainWith } from './chain-frame.ts'
import type { ChainFrame } from './chain-frame.ts'
import { lsmMember } from './chain-member.ts'
import { Walker } from './guard.ts'
import type { Key } from './key.ts'
import type { Permissive } from './permissive.ts'
import type { HookProfile } from './profile.ts'
import type { Reporter } from './report.ts'
import { moduleRange } from './range.ts'
import { register, Slot } from './slot.ts'
import type { ChainMember } from './slot.ts'
import type { DispatchEnv, Member, ProgramPlace } from './strategy.ts'

/** The source of slots. */
export interface SlotSource {
  readonly profile: HookProfile
  readonly members: Readonly<Record<string, readonly Member[] | undefined>>
  readonly env: DispatchEnv
  readonly place: ProgramPlace | null
  readonly kernelExact: boolean
  readonly permissive: Permissive
  readonly reporter: Reporter
  /** The programs in the chain, at the place of programs. */
  readonly programsOf: (slot: Slot) => readonly ChainMember[]
  /** Functions in front of all members. */
  readonly inFrontOf: (slot: Slot) => readonly ChainMember[]
}

const NOBODY: readonly Member[] = []

const stackwiseHooks = new WeakMap<Shapes, readonly string[]>()

/** Hooks of which the stack decides what they answer with nobody on them. */
const stackwise = ({ hooks, shapes }: HookProfile): readonly string[] => {
  let names = stackwiseHooks.get(shapes)
  if (names === undefined) {
    const decides = ({ idle, gate }: Shape): boolean => idle !== undefined || gate?.always === true
    names = Object.keys(shapes).filter((name) => decides(shapes[name]!))
    stackwiseHooks.set(shapes, names)
  }
  return names.filter((name) => name in hooks)
}

export class Slots {
  readonly #source: SlotSource
  readonly #made = new Map<string, Slot>()
  readonly #frames = new Map<Slot, ChainFrame>()
  readonly #walkers = new Map<Slot, Walker>()
  #keys: Readonly<Record<string, Key>> | null = null

  constructor(source: SlotSource) {
    this.#source = source
  }

  /** Every hook of the profile, in its order. */
  get names(): readonly string[] {
    return Object.keys(this.#source.profile.hooks)
  }

  /** Hooks that need a slot of their own at birth; the others answer as `idle` of the strategy has them. */
  get busy(): readonly string[] {
    const { profile, members, env, kernelExact } = this.#source
    if (kernelExact) return this.names
    const { shapes } = profile
    const busy = Object.keys(members).filter((hook) => Object.hasOwn(profile.hooks, hook))
    for (const hook of stackwise(profile)) {
      if (members[hook] !== undefined) continue
      const isBusy = shapes[hook]!.gate?.always === true || shapes[hook]!.idle?.(env) !== profile.hooks[hook]!.default
      if (isBusy) busy.push(hook)
    }
    return busy
  }

  /** The slot of a hook; undefined when there is no such hook. */
  at(hook: string): Slot | undefined {
    const known = this.#made.get(hook)
    if (known !== undefined) return known
    const { profile: { hooks, shapes }, reporter } = this.#source
    if (!Object.hasOwn(hooks, hook)) return undefined
    const slot = new Slot(hook, hooks[hook]!, reporter)
    this.#made.set(hook, slot)
    const shape = shapes[hook]
    if (shape !== undefined) this.#shape(slot, shape)
    this.#frames.set(slot, this.#frameOf(slot, shape))
    this.assemble(slot)
    if (this.#keys !== null) this.#give(slot, this.#keys)
    return slot
  }

  /** The table is there: from now on slots know their keys. */
  giveKeys(keys: Readonly<Record<string, Key>>): void {
    this.#keys = keys
    for (const slot of this.#made.values()) this.#give(slot, keys)
  }

  /** Members or programs are others now. */
  assemble(slot: Slot): void {
    slot.chain = chainWith(this.#frames.get(slot)!, this.#source.programsOf(slot), this.#source.inFrontOf(slot))
    const walker = this.#walkers.get(slot)
    if (walker !== undefined) slot.guarded = walker.guard(slot.chain)
  }

  #give(slot: Slot, keys: Readonly<Record<string, Key>>): void {
    slot.key = keys[slot.name]!
    if (slot.chain.length > 0) register(slot)
  }

  #frameOf(slot: Slot, shape: Shape | undefined): ChainFrame {
    const { members, permissive, place, kernelExact } = this.#source
    const own = members[slot.name] ?? NOBODY
    const asked = own.map((member) => lsmMember(
      member, permissive.functionFor(slot, member.lsm, member.fn), moduleRange(slot.def, member.fn, kernelExact),
    ))
    return chainFrame(asked, shape?.gate, place)
  }

  #shape(slot: Slot, shape: Shape): void {
    const { env, kernelExact } = this.#source
    const frame = { env, slot, hook: (name: string): Slot => this.at(name)!, kernelExact }
    if (shape.walk !== undefined) {
      const walker = new Walker(slot, shape.walk, frame)
      this.#walkers.set(slot, walker)
      slot.walk = walker.entry
    }
    slot.around = shape.around ?? shape.frame?.(frame) ?? null
    slot.perStack = shape.frame !== undefined && slot.around !== null
    if (shape.idle !== undefined) slot.idle = shape.idle(env)
  }
}
