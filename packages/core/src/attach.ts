/**
 * Adding and removing functions on a hook at run time, by KRSI's rules with TypeScript functions for programs. Only the
 * hook concerned is rebuilt; everything takes effect with the next call.
 */
import type { EntryMap, HookMap, HookName } from './hooks/hook-defs.ts'
import type { AnyHookDef, HookFn } from './hooks/hook-types.ts'
import { didYouMean } from './did-you-mean.ts'
import { aBoolean, aFunction, anObject, checkOptions, oneOf } from './option-rules.ts'
import type { OptionRules } from './option-rules.ts'
import type { Permissive } from './dispatch/permissive.ts'
import type { Slot } from './dispatch/slot.ts'
import type { Slots } from './dispatch/slots.ts'
import { PROGRAMS_ALONE } from './dispatch/strategy.ts'
import type { Cgroup, DispatchEnv, ProgramPlace } from './dispatch/strategy.ts'
import type { Ref } from './objects/ref.ts'
import { AttachError } from './programs/attach-error.ts'
import type { AttachCode } from './programs/attach-error.ts'
import { CGROUP_HOOKS, CgroupPrograms, PROGRAMS_PER_CGROUP } from './programs/cgroup-programs.ts'
import { HookPrograms } from './programs/hook-programs.ts'
import type { Program } from './programs/hook-programs.ts'
import { Trampoline } from './programs/trampoline.ts'
import type { Observer } from './programs/trampoline.ts'

/** Holds a function on its hook. */
export interface Link {
  readonly hook: string
  readonly attached: boolean
  /** Takes the function off; a second time does nothing. */
  detach(): void
}

export interface AttachOptions {
  /** Runs only for calls that belong to this control group or one below it, and answers 1 or 0 (refuse). */
  readonly cgroup?: Cgroup
  /** The program may block (`lsm.s/`): only hooks that may sleep take it. */
  readonly sleepable?: boolean
}

export interface CgroupAttachOptions extends AttachOptions {
  readonly cgroup: Cgroup
  /** Runs only where no group below has a program of its own (no BPF_F_ALLOW_MULTI). */
  readonly yields?: boolean
  /** Runs before all that are not so, those of groups above first (BPF_F_PREORDER). */
  readonly preorder?: boolean
}

/** Answers 1 or 0; `retval` is what bpf_get_retval and bpf_set_retval act on, and the errno of a refusal. */
export type CgroupProgram<N extends HookName> = (
  ...args: [...Parameters<HookMap[N]>, retval: Ref<number>]
) => ReturnType<HookMap[N]>

export interface ObserveOptions {
  /** Around the framework function security_NAME (the default), or just around the programs: bpf_lsm_NAME. */
  readonly at?: 'security' | 'bpf_lsm'
}

/** Hooks that report the end of an object; the object is their one argument. */
export type FreeHook =
  | 'sb_free_security' | 'inode_free_security' | 'file_free_security' | 'backing_file_free' | 'task_free' | 'cred_free'
  | 'sk_free_security' | 'msg_msg_free_security' | 'msg_queue_free_security' | 'shm_free_security' | 'sem_free_security'
  | 'bdev_free_security'

/** An observer of a function of the framework. */
export interface ObserverOf<F extends HookFn> {
  readonly entry?: (...args: Parameters<F>) => void
  readonly exit?: (...args: [...Parameters<F>, result: ReturnType<F>]) => void
}

/** An observer of one hook. */
export type TypedObserver<N extends HookName> = ObserverOf<EntryMap[N]>

const attachRules: OptionRules<CgroupAttachOptions> = {
  cgroup: anObject, sleepable: aBoolean, yields: aBoolean, preorder: aBoolean,
}
const observeRules: OptionRules<ObserveOptions> = { at: oneOf('security', 'bpf_lsm') }
export const observerRules: OptionRules<Observer> = { entry: aFunction, exit: aFunction }

/** Programs of all kinds on one function (BPF_MAX_TRAMP_LINKS). */
const MAX_LINKS = 38

/** The parts of a dispatch that attaching needs. */
export interface AttachHost {
  readonly slots: Slots
  readonly env: DispatchEnv
  /** null: programs attach, and nothing calls them. */
  readonly place: ProgramPlace | null
  readonly kernelExact: boolean
  readonly permissive: Permissive
  /** Members or programs of this hook have changed. */
  readonly changed: (slot: Slot) => void
}

/** Where programs are said to stand when nothing calls them. */
const NOWHERE: ProgramPlace = { ...PROGRAMS_ALONE, id: 0, position: -1 }

export class Attachments {
  readonly #host: AttachHost
  readonly #programs = new Map<Slot, HookPrograms>()
  readonly #inFront = new Map<Slot, readonly Program[]>()
  readonly #groups = new Map<Slot, { readonly programs: CgroupPrograms; readonly shim: Program }>()

  constructor(host: AttachHost) {
    this.#host = host
  }

  /** The members in the chain of a hook at the place of programs. */
  membersOf(slot: Slot): ReturnType<HookPrograms['members']> {
    const { place, kernelExact } = this.#host
    if (place === null) return []
    return kernelExact ? this.#programsOf(slot).members() : (this.#programs.get(slot)?.members() ?? [])
  }

  /** The functions in front of all members of a hook. */
  inFrontOf(slot: Slot): readonly Program[] {
    return this.#inFront.get(slot) ?? []
  }

  /** Puts a function of an LSM in front of all members of a hook. */
  putInFront(hook: string, lsm: string, fn: HookFn): Link {
    const slot = this.#slotFor(hook)
    const member: Program = { lsm, id: 0, position: -1, fn, program: false, range: null, verdict: null }
    this.#inFront.set(slot, [...this.inFrontOf(slot), member])
    return this.#link(slot, () => void this.#inFront.set(slot, without(this.inFrontOf(slot), member)))
  }

  /** As a program of type LSM: last attached first, the first answer other than 0 counts, 0 is not an opinion. */
  attach(hook: string, program: HookFn, options: AttachOptions | CgroupAttachOptions = {}): Link {
    checkOptions(options, attachRules, 'attach')
    const slot = this.#slotFor(hook)
    const { def } = slot
    const { cgroup, sleepable = false } = options
    checkProgram(hook, program)
    if (def.bpf.disabled) throw refuse('disabled-hook', hook, 'the hook takes no programs')
    if (sleepable && (cgroup !== undefined || !def.bpf.sleepable))
      throw refuse('not-sleepable', hook, 'programs may not sleep here')
    return cgroup === undefined
      ? this.#attachAlone(slot, program)
      : this.#attachToGroup(slot, program, { ...options, cgroup })
  }

  /** As fentry and fexit programs: they see and cannot change. */
  observe(hook: string, observer: Observer, options: ObserveOptions = {}): Link {
    checkOptions(observer, observerRules, 'observe')
    checkOptions(options, observeRules, 'observe')
    const { at = 'security' } = options
    const slot = this.#slotFor(hook)
    if (at === 'security') {
      return this.#around(
        slot,
        (t) => t.with({ observers: [observer, ...t.observers] }),
        (t) => t.with({ observers: without(t.observers, observer) }),
      )
    }
    const programs = this.#programsOf(slot)
    makeRoom(hook, programs)
    programs.observers = [observer, ...programs.observers]
    return this.#link(slot, () => {
      programs.observers = without(programs.observers, observer)
    })
  }

  /** As an fmod_ret program on security_NAME: any value but 0 is the answer and no LSM is asked; 0 lets them be. */
  modifyReturn(hook: string, program: HookFn): Link {
    const slot = this.#slotFor(hook)
    checkProgram(hook, program)
    if (slot.kind === 'void') throw refuse('void-hook', hook, 'the hook returns nothing that could be modified')
    if (slot.trampoline?.modifiers.includes(program)) throw refuse('attached-already', hook, 'the program is attached')
    return this.#around(
      slot,
      (t) => t.with({ modifiers: [program, ...t.modifiers] }),
      (t) => t.with({ modifiers: without(t.modifiers, program) }),
    )
  }

  /** Calls `release` with each object behind all else that a free hook does. */
  whenFreed(hook: FreeHook, release: HookFn): void {
    const slot = this.#host.slots.at(hook)
    // this kernel has no such objects
    if (slot === undefined) return
    slot.trampoline = (slot.trampoline ?? new Trampoline(slot)).with({ release })
    this.#host.changed(slot)
  }

  #attachAlone(slot: Slot, program: HookFn): Link {
    const programs = this.#programsOf(slot)
    const fn = this.#inChain(slot, program)
    for (const other of programs.programs)
      if (other.fn === fn) throw refuse('attached-already', slot.name, 'the program is attached')
    makeRoom(slot.name, programs)
    const member = programs.program(fn, rangeOf(slot.def))
    programs.programs = [member, ...programs.programs]
    return this.#link(slot, () => {
      programs.programs = without(programs.programs, member)
    })
  }

  #attachToGroup(slot: Slot, program: HookFn, { cgroup: group, yields, preorder }: CgroupAttachOptions): Link {
    const { programs } = this.#groupsOf(slot)
    const there = programs.of(group)
    if (there.some(({ fn }) => fn === program)) {
      throw refuse('attached-already', slot.name, 'the program is attached to this group')
    }
    if (there.length >= PROGRAMS_PER_CGROUP) {
      throw refuse('too-many-programs', slot.name, `a control group takes ${PROGRAMS_PER_CGROUP} programs`)
    }
    programs.add(group, { fn: program, yields: yields === true, preorder: preorder === true })
    return this.#link(slot, () => {
      programs.remove(group, program)
      if (programs.isEmpty) this.#dropShim(slot)
    })
  }

  /** The shim stands among the other programs at the place of the first one attached to any group. */
  #groupsOf(slot: Slot): { readonly programs: CgroupPrograms; readonly shim: Program } {
    const known = this.#groups.get(slot)
    if (known !== undefined) return known
    if (this.#groups.size >= CGROUP_HOOKS) {
      throw refuse('too-many-hooks', slot.name, `programs of control groups are on ${CGROUP_HOOKS} hooks already`)
    }
    const alone = this.#programsOf(slot)
    makeRoom(slot.name, alone)
    const programs = new CgroupPrograms(slot, this.#place.lsm, this.#host.env)
    const shim = alone.program(this.#inChain(slot, programs.fn), null)
    alone.programs = [shim, ...alone.programs]
    const fresh = { programs, shim }
    this.#groups.set(slot, fresh)
    return fresh
  }

  #dropShim(slot: Slot): void {
    const alone = this.#programsOf(slot)
    alone.programs = without(alone.programs, this.#groups.get(slot)!.shim)
    this.#groups.delete(slot)
  }

  #around(slot: Slot, add: (now: Trampoline) => Trampoline, remove: (now: Trampoline) => Trampoline): Link {
    const now = slot.trampoline ?? new Trampoline(slot)
    if (linksOf(now) >= MAX_LINKS) throw refuse('too-many-programs', slot.name, `a hook takes ${MAX_LINKS} programs`)
    slot.trampoline = add(now)
    return this.#link(slot, () => {
      const left = remove(slot.trampoline!)
      slot.trampoline = left.hasPrograms || left.release !== null ? left : null
    })
  }

  #link(slot: Slot, remove: () => void): Link {
    const { changed } = this.#host
    let attached = true
    changed(slot)
    return {
      hook: slot.name,
      get attached() {
        return attached
      },
      detach() {
        if (!attached) return
        attached = false
        remove()
        changed(slot)
      },
    }
  }

  get #place(): ProgramPlace {
    return this.#host.place ?? NOWHERE
  }

  /**
   * The function that stands in for a program if the LSM that carries it is permissive. Programs of a group count as
   * one.
   */
  #inChain(slot: Slot, program: HookFn): HookFn {
    return this.#host.permissive.functionFor(slot, this.#place.lsm, program)
  }

  #programsOf(slot: Slot): HookPrograms {
    let programs = this.#programs.get(slot)
    if (programs === undefined) {
      programs = new HookPrograms(slot, this.#place, this.#host.kernelExact)
      this.#programs.set(slot, programs)
    }
    return programs
  }

  #slotFor(hook: string): Slot {
    const { slots } = this.#host
    const slot = slots.at(hook)
    if (slot === undefined) throw refuse('unknown-hook', hook, 'there is no such hook', didYouMean(hook, slots.names))
    return slot
  }
}

const refuse = (code: AttachCode, hook: string, message: string, hint: string | null = null): AttachError =>
  new AttachError(code, message, { place: hook, hint })

const checkProgram = (hook: string, program: unknown): void => {
  if (typeof program !== 'function')
    throw refuse('bad-program', hook, `a program is a function, not \`${typeof program}\``)
}

const rangeOf = ({ bpf: { returns } }: AnyHookDef): Program['range'] => (returns === 'any' ? null : returns)

/** Observers count for each function they bring. */
const functionsOf = (observers: readonly Observer[]): number => {
  let sum = 0
  for (const { entry, exit } of observers) sum += (entry === undefined ? 0 : 1) + (exit === undefined ? 0 : 1)
  return sum
}

const linksOf = ({ observers, modifiers }: Trampoline): number => functionsOf(observers) + modifiers.length

const makeRoom = (hook: string, { programs, observers }: HookPrograms): void => {
  if (programs.length + functionsOf(observers) >= MAX_LINKS) {
    throw refuse('too-many-programs', hook, `a hook takes ${MAX_LINKS} programs`)
  }
}

const without = <T>(list: readonly T[], one: T): readonly T[] => {
  const at = list.indexOf(one)
  return list.filter((_, i) => i !== at)
}
