/**
 * A profile as a filter of the kernel, for x86-64. It answers as libseccomp's filter does: a rule without conditions
 * is for every call of that name, else rules with conditions are tried in their order, and then comes the default.
 */
import {
  AUDIT_ARCH_X86_64, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG, SECCOMP_RET_TRACE, SECCOMP_RET_TRAP, SECCOMP_RET_USER_NOTIF,
} from '@lsmkit/abi'
import { syscallByName } from '@lsmkit/abi/syscall-name'
import type { SockFilter } from '@lsmkit/kernel'
import { assembleFilter, callOffsets, filterCodes } from '@lsmkit/sandbox/policy-parts'
import type { LabelledStep } from '@lsmkit/sandbox/policy-parts'
import type { Action, Condition, Operator, Profile, Rule } from './profile.ts'
import { rulesFor } from './resolve.ts'
import type { Container } from './resolve.ts'

const { AND, EQUAL, GREATER, JUMP, LOAD, NOT_LESS, RETURN } = filterCodes
const { ARCH, NR } = callOffsets

/** Calls of x32 have this bit in their numbers. */
const X32_BIT = 0x40000000
const EPERM = 1

const results: Readonly<Record<Action, number>> = {
  SCMP_ACT_KILL: SECCOMP_RET_KILL_THREAD, SCMP_ACT_KILL_THREAD: SECCOMP_RET_KILL_THREAD,
  SCMP_ACT_KILL_PROCESS: SECCOMP_RET_KILL_PROCESS, SCMP_ACT_TRAP: SECCOMP_RET_TRAP, SCMP_ACT_ERRNO: SECCOMP_RET_ERRNO,
  SCMP_ACT_TRACE: SECCOMP_RET_TRACE, SCMP_ACT_ALLOW: SECCOMP_RET_ALLOW, SCMP_ACT_LOG: SECCOMP_RET_LOG,
  SCMP_ACT_NOTIFY: SECCOMP_RET_USER_NOTIF,
}

/** The 32-bit answer of a filter for an action. An errno that is not said is EPERM, as runc has it. */
export const resultOf = (action: Action, errno: number | null): number =>
  (results[action] | (action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE' ? errno ?? EPERM : 0)) >>> 0

/** Steps that are put together to a filter. */
class Program {
  readonly steps: LabelledStep[] = []
  #labels = 0

  add(...steps: readonly LabelledStep[]): void {
    this.steps.push(...steps)
  }

  label(): string {
    return `label ${this.#labels++}`
  }

  assemble(): SockFilter[] {
    return assembleFilter(this.steps)
  }
}

const low = (value: bigint): number => Number(value & 0xffffffffn)
const high = (value: bigint): number => Number(value >> 32n)

/** Adds a comparison of 64 bits, which goes on at the next step, or at `no`. */
const addCondition = (program: Program, { index, value, valueTwo, op }: Condition, no: string): void => {
  const masked = op === 'SCMP_CMP_MASKED_EQ'
  const [wanted, mask] = masked ? [valueTwo, value] : [value, null]
  const yes = program.label()
  const load = (half: 'low' | 'high'): void => {
    program.add({ code: LOAD, k: callOffsets[half](index) })
    if (mask !== null) program.add({ code: AND, k: half === 'low' ? low(mask) : high(mask) })
  }
  load('high')
  comparisons[op](program, { load, low: low(wanted), high: high(wanted), yes, no })
  // a place to go on at
  program.add({ label: yes, code: LOAD, k: NR })
}

interface Comparison {
  readonly load: (half: 'low' | 'high') => void
  readonly low: number
  readonly high: number
  readonly yes: string
  readonly no: string
}

const equal = (program: Program, { load, low: lower, high: higher, yes, no }: Comparison): void => {
  program.add({ code: EQUAL, k: higher, no })
  load('low')
  program.add({ code: EQUAL, k: lower, yes, no })
}

/** `argument > value`, or `>=`, by the code of the last comparison. */
const greater = (code: number) => (program: Program, { load, low: lower, high: higher, yes, no }: Comparison): void => {
  program.add({ code: GREATER, k: higher, yes }, { code: EQUAL, k: higher, no })
  load('low')
  program.add({ code, k: lower, yes, no })
}

const opposite = (compare: (program: Program, parts: Comparison) => void) =>
  (program: Program, parts: Comparison): void => compare(program, { ...parts, yes: parts.no, no: parts.yes })

const comparisons: Readonly<Record<Operator, (program: Program, parts: Comparison) => void>> = {
  SCMP_CMP_EQ: equal, SCMP_CMP_MASKED_EQ: equal, SCMP_CMP_NE: opposite(equal),
  SCMP_CMP_GT: greater(GREATER), SCMP_CMP_GE: greater(NOT_LESS),
  SCMP_CMP_LE: opposite(greater(GREATER)), SCMP_CMP_LT: opposite(greater(NOT_LESS)),
}

/** Conditions on one argument twice are alternatives, as runc has it; else all have to hold. */
const alternatives = ({ args }: Rule): readonly (readonly Condition[])[] => {
  const isTwice = new Set(args.map(({ index }) => index)).size < args.length
  return isTwice ? args.map((one) => [one]) : [args]
}

/** The rules of a call in the order in which they are tried: those after one without conditions never are. */
export const rulesOfCall = (profile: Profile, rules: readonly Rule[], name: string): Rule[] => {
  const named = rules.filter((rule) => rule.names.includes(name) && !isDefault(profile, rule))
  const always = named.find(({ args }) => args.length === 0)
  return always === undefined ? named : [always]
}

/** A rule that does what the default does is left out by runc. */
export const isDefault = ({ defaultAction, defaultErrnoRet }: Profile, { action, errnoRet }: Rule): boolean =>
  resultOf(action, errnoRet) === resultOf(defaultAction, defaultErrnoRet)

const addCall = (program: Program, number: number, rules: readonly Rule[]): void => {
  const [own, next] = [program.label(), program.label()]
  // conditions of a call may be longer than a conditional jump reaches
  program.add({ code: EQUAL, k: number, yes: own }, { code: JUMP, k: 0, yes: next }, { label: own, code: LOAD, k: NR })
  for (const rule of rules) {
    const answer = { code: RETURN, k: resultOf(rule.action, rule.errnoRet) }
    for (const conditions of alternatives(rule)) {
      const other = program.label()
      for (const condition of conditions) addCondition(program, condition, other)
      program.add(answer, { label: other, code: LOAD, k: NR })
    }
  }
  program.add({ label: next, code: LOAD, k: NR })
}

/** The filter. A call of another architecture ends the process, unless the profile has it, and then it is not asked. */
export const compileProfile = (profile: Profile, container: Container = {}): SockFilter[] => {
  const rules = rulesFor(profile, container)
  const fallback = resultOf(profile.defaultAction, profile.defaultErrnoRet)
  const program = new Program()
  program.add(
    { code: LOAD, k: ARCH }, { code: EQUAL, k: AUDIT_ARCH_X86_64, yes: 'known' },
    { code: RETURN, k: SECCOMP_RET_KILL_PROCESS },
    { label: 'known', code: LOAD, k: NR }, { code: NOT_LESS, k: X32_BIT, no: 'native' },
    { code: RETURN, k: SECCOMP_RET_KILL_PROCESS },
    { label: 'native', code: LOAD, k: NR },
  )
  const always = new Map<number, Set<number>>()
  for (const name of new Set(rules.flatMap(({ names }) => names))) {
    const number = syscallByName(name)
    const own = rulesOfCall(profile, rules, name)
    if (number === undefined || own.length === 0) continue
    const [first] = own
    if (first!.args.length > 0) addCall(program, number, own)
    else addTo(always, resultOf(first!.action, first!.errnoRet), number)
  }
  for (const [answer, numbers] of always) addNumbers(program, [...numbers].sort((a, b) => a - b), answer)
  program.add({ code: RETURN, k: fallback })
  return program.assemble()
}

const addTo = (map: Map<number, Set<number>>, key: number, value: number): void => {
  const set = map.get(key) ?? new Set()
  map.set(key, set.add(value))
}

/** Runs of numbers that have the same answer. */
const addNumbers = (program: Program, numbers: readonly number[], answer: number): void => {
  for (let at = 0; at < numbers.length;) {
    let end = at + 1
    while (end < numbers.length && numbers[end] === numbers[end - 1]! + 1) end++
    const [yes, next] = [program.label(), program.label()]
    program.add(
      { code: NOT_LESS, k: numbers[at]!, no: next }, { code: GREATER, k: numbers[end - 1]!, yes: next, no: yes },
    )
    program.add({ label: yes, code: RETURN, k: answer }, { label: next, code: LOAD, k: NR })
    at = end
  }
}
