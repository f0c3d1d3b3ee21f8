/**
 * The programs of one hook: KRSI's trampoline on bpf_lsm_NAME. Last attached runs first; on an int hook the first
 * answer other than 0 is the programs' answer, and when there is none they have no opinion: the hook's default, not 0.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import type { ChainMember } from '../dispatch/slot.ts'
import type { Range } from '../dispatch/range.ts'
import type { Slot } from '../dispatch/slot.ts'
import type { ProgramPlace } from '../dispatch/strategy.ts'
import type { Observer } from './trampoline.ts'

/** One program on the hook; the shim of the control groups is one too, and its value is not held to a range. */
export type Program = ChainMember

export class HookPrograms {
  readonly #slot: Slot
  readonly #place: ProgramPlace
  /** The nop stays in the chain with nothing attached too. */
  readonly #nop: boolean
  /** Both last attached first. Replaced, never changed. */
  programs: readonly Program[] = []
  observers: readonly Observer[] = []

  constructor(slot: Slot, place: ProgramPlace, nop: boolean) {
    this.#slot = slot
    this.#place = place
    this.#nop = nop
  }

  /**
   * The members that they put into the chain. Where "no opinion" is 0 to a program and to the hook alike each program
   * is a member of its own, and nothing stands between it and the caller; elsewhere one function speaks for them.
   */
  members(): readonly ChainMember[] {
    const { kind, def } = this.#slot
    if (this.programs.length === 0 && this.observers.length === 0 && !this.#nop) return []
    const plain = this.observers.length === 0 && !this.#nop && (kind === 'void' || def.default === 0)
    return plain ? this.programs : [this.program(this.#spokesman(), null)]
  }

  /** A function as a member of the chain, at the place of programs. */
  program(fn: HookFn, range: Range): Program {
    const { lsm, id, position } = this.#place
    return { lsm, id, position, fn, program: true, range, verdict: null }
  }

  #spokesman(): HookFn {
    const { programs, observers } = this
    const { def } = this.#slot
    if (programs.length === 0 && observers.length === 0) return nopOf(def.default, this.#slot.kind)
    return (...args) => {
      for (const { entry } of observers) if (entry !== undefined) this.#observe(entry, args)
      const rc = this.#run(programs, args)
      for (const { exit } of observers) if (exit !== undefined) this.#observe(exit, [...args, rc])
      return rc
    }
  }

  #run(programs: readonly Program[], args: readonly unknown[]): number | undefined {
    const { kind, def } = this.#slot
    for (const program of programs) {
      const rc = this.#runOne(program, args)
      if (kind === 'int' && rc !== 0) return rc
    }
    return kind === 'int' ? def.default : undefined
  }

  #runOne({ fn, range }: Program, args: readonly unknown[]): number {
    const { name, kind, reporter } = this.#slot
    const { lsm } = this.#place
    try {
      const value: unknown = fn(...args)
      if (kind === 'int') return reporter.int(name, lsm, range, value, args)
      reporter.told(name, lsm, value, args)
    } catch (error) {
      return reporter.thrown(name, lsm, error, args)
    }
    return 0
  }

  #observe(program: HookFn, args: readonly unknown[]): void {
    try {
      program(...args)
    } catch (error) {
      this.#slot.reporter.warn(this.#slot.name, this.#place.lsm, error, 'throw', args)
    }
  }
}

/** `bpf_lsm_NAME` with nothing attached. One function for all hooks with the same default. */
const nops = new Map<string, HookFn>()
const nopOf = (value: number, kind: 'int' | 'void'): HookFn => {
  const id = `${kind} ${value}`
  let nop = nops.get(id)
  if (nop === undefined) nops.set(id, (nop = kind === 'void' ? () => {} : () => value))
  return nop
}
