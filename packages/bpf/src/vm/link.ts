/** From instructions to what the engines take: subprograms, 64-bit loads and calls looked up. */
import { BPF_CALL, BPF_JMP, BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC, BPF_PSEUDO_KFUNC_CALL } from '@lsmkit/abi'
import {
  aFunction, aString, bytes, checkOptions, instanceOf, listOf, oneOf, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Code } from '../insn/code.ts'
import { isWide } from '../insn/disasm.ts'
import { interpretedProgram } from '../interp/interp-program.ts'
import { jitPrograms } from '../jit/jit-program.ts'
import type { ContextWord, Executable, Helper, Wide } from './executable.ts'
import type { Machine, Runnable } from './machine.ts'
import type { Accessor } from './object-space.ts'

/** The meaning of the numbers in a program. */
export interface LinkEnv {
  readonly name?: string
  /** `slot` of the call; none where a register has the number. */
  readonly helper?: (id: number, slot?: number) => Helper | undefined
  readonly kfunc?: (typeId: number, slot: number) => Helper | undefined
  /** Maps, map values and kernel symbols: what the load at `slot` gives. */
  readonly wide?: (slot: number) => Wide | undefined
  readonly contextSize?: number
  readonly given?: readonly ContextWord[]
  readonly exceptionCallback?: number
  readonly probes?: Uint8Array
  readonly accessors?: ReadonlyMap<number, Accessor>
  /** Counters by slot, of a program that is interpreted. */
  readonly hits?: Float64Array
}

const rules: OptionRules<LinkEnv> = {
  name: aString,
  helper: aFunction,
  kfunc: aFunction,
  wide: aFunction,
  contextSize: wholeNumber(0),
  given: listOf(oneOf('address', 'number')),
  exceptionCallback: wholeNumber(-1),
  probes: bytes,
  accessors: instanceOf(Map),
  hits: instanceOf(Float64Array),
}

export type Engine = 'jit' | 'interpreter'

/** A program on a machine. Nothing was verified: it is stopped where it goes wrong. */
export const loadCode = (machine: Machine, code: Code, engine: Engine, env: LinkEnv = {}): Runnable =>
  loadCodes(machine, [{ code, env }], engine)[0]!

export interface LinkedCode {
  readonly code: Code
  readonly env: LinkEnv
}

/** Several programs that know nothing of each other: compiled together, in less time than one by one. */
export const loadCodes = (machine: Machine, codes: readonly LinkedCode[], engine: Engine): readonly Runnable[] => {
  const programs = codes.map(({ code, env }, at) => {
    checkOptions(env, rules, 'loadCode')
    return link(code, env, (subprogram) => machine.functionAddress(() => runnables[at]!, subprogram))
  })
  const runnables: readonly Runnable[] = engine === 'jit'
    ? jitPrograms(machine, programs)
    : programs.map((program) => interpretedProgram(machine, program))
  return runnables
}

/** `addressOf` makes a function pointer of a subprogram. */
export const link = (code: Code, env: LinkEnv, addressOf: (subprogram: number) => number): Executable => {
  const helper = env.helper ?? (() => undefined)
  const starts = startsOf(code)
  const wides = new Map<number, Wide>()
  const calls = new Map<number, Helper>()
  for (let slot = 0; slot < code.length; slot++) {
    const op = code.op[slot]!
    if (isWide(op)) {
      const wide = wideOf(code, slot, starts, env, addressOf)
      if (wide !== undefined) wides.set(slot, wide)
      slot++
    } else if (op === (BPF_JMP | BPF_CALL) && code.src[slot] !== BPF_PSEUDO_CALL) {
      const imm = code.imm[slot]!
      const called = code.src[slot] === BPF_PSEUDO_KFUNC_CALL ? env.kfunc?.(imm, slot) : helper(imm, slot)
      if (called !== undefined) calls.set(slot, called)
    }
  }
  return {
    name: env.name ?? '',
    code,
    starts,
    wides,
    calls,
    helper,
    contextSize: env.contextSize ?? 0,
    given: env.given ?? [],
    exceptionCallback: env.exceptionCallback ?? -1,
    probes: env.probes ?? null,
    accessors: env.accessors ?? new Map<number, Accessor>(),
    hits: env.hits ?? null,
  }
}

/** Slot 0 and the targets of calls and of function loads. */
const startsOf = (code: Code): number[] => {
  const starts = new Set([0])
  for (let slot = 0; slot < code.length; slot++) {
    const isFunction = isWide(code.op[slot]!) && code.src[slot] === BPF_PSEUDO_FUNC
    const isCall = code.op[slot] === (BPF_JMP | BPF_CALL) && code.src[slot] === BPF_PSEUDO_CALL
    const target = slot + 1 + code.imm[slot]!
    if ((isFunction || isCall) && target >= 0 && target < code.length) starts.add(target)
    if (isWide(code.op[slot]!)) slot++
  }
  return [...starts].sort((a, b) => a - b)
}

const wideOf = (
  code: Code,
  slot: number,
  starts: readonly number[],
  { wide }: LinkEnv,
  addressOf: (subprogram: number) => number,
): Wide | undefined => {
  if (slot + 1 >= code.length) return undefined
  const src = code.src[slot]!
  if (src === 0) return { low: code.imm[slot]!, high: code.imm[slot + 1]! }
  if (src !== BPF_PSEUDO_FUNC) return wide?.(slot)
  const subprogram = starts.indexOf(slot + 1 + code.imm[slot]!)
  return subprogram < 0 ? undefined : { low: addressOf(subprogram), high: 0, subprogram }
}
