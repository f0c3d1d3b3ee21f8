/** Writes the curated list of calls as a program of classic BPF: a search among ranges of numbers, then arguments. */
import { ENOSYS, EPERM, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS } from '@lsmkit/abi'
import { assembleFilter, callOffsets, callsAnswered, filterCodes, ruleSteps } from '@lsmkit/sandbox/policy-parts'
import type { ArgumentRule } from '@lsmkit/sandbox/policy-parts'
import { auditArch, callNumber } from '../sys/calls.ts'
import type { Arch } from '../sys/calls.ts'
import type { FilterStep } from '../sys/seccomp.ts'
import { argumentRules, unaskedCalls } from './calls.ts'
import type { CallChoice } from './calls.ts'

const { EQUAL, JUMP, LOAD, NOT_LESS, RETURN } = filterCodes
const { ARCH, NR } = callOffsets

const refusal = (errno: number): number => (SECCOMP_RET_ERRNO | errno) >>> 0
const step = (code: number, k: number, jt = 0, jf = 0): FilterStep => ({ code, jt, jf, k: k >>> 0 })

/** What becomes of a number: an answer of seccomp, or the arguments decide. */
type Verdict = number | ArgumentRule

/** Numbers from `first` on have the same verdict, up to the next range. */
interface Range {
  readonly first: number
  readonly verdict: Verdict
}

const rangesOf = (verdicts: ReadonlyMap<number, Verdict>, other: number): Range[] => {
  const ranges: Range[] = [{ first: 0, verdict: verdicts.get(0) ?? other }]
  const top = Math.max(...verdicts.keys()) + 1
  for (let number = 1; number <= top; number++) {
    const verdict = verdicts.get(number) ?? other
    if (verdict !== ranges.at(-1)!.verdict) ranges.push({ first: number, verdict })
  }
  return ranges
}

const LONGEST_JUMP = 255

/** A search for the range that the number is in; each leaf is the whole answer. */
const searchSteps = (ranges: readonly Range[]): FilterStep[] => {
  if (ranges.length === 1) {
    const { verdict } = ranges[0]!
    return typeof verdict === 'number' ? [step(RETURN, verdict)] : assembleFilter(ruleSteps(verdict))
  }
  const half = Math.ceil(ranges.length / 2)
  const below = searchSteps(ranges.slice(0, half))
  const above = searchSteps(ranges.slice(half))
  const { first } = ranges[half]!
  if (below.length <= LONGEST_JUMP) return [step(NOT_LESS, first, below.length), ...below, ...above]
  return [step(NOT_LESS, first, 0, 1), step(JUMP, below.length), ...below, ...above]
}

/** The verdict of each call by its number. */
const verdictsOf = (arch: Arch, choice: CallChoice): Map<number, Verdict> => {
  const verdicts = new Map<number, Verdict>()
  const set = (names: readonly string[], verdict: Verdict): void => {
    for (const name of names) {
      const number = callNumber(arch, name)
      if (number !== null) verdicts.set(number, verdict)
    }
  }
  set(callsAnswered('allowed'), SECCOMP_RET_ALLOW)
  set(callsAnswered('refused'), refusal(EPERM))
  set(callsAnswered('absent'), refusal(ENOSYS))
  set(callsAnswered('attributes'), choice.attributes ? SECCOMP_RET_ALLOW : refusal(EPERM))
  if (!choice.listens) set(['listen'], refusal(EPERM))
  for (const [call, errno] of unaskedCalls(choice)) set([call], refusal(errno))
  for (const rule of argumentRules(choice)) set([rule.call], rule)
  return verdicts
}

/** The filter of system calls. Calls of another processor's table (32 bit, x32) end the program or do not exist. */
export const callFilter = (arch: Arch, choice: CallChoice): readonly FilterStep[] => [
  step(LOAD, ARCH), step(EQUAL, auditArch[arch], 1), step(RETURN, SECCOMP_RET_KILL_PROCESS),
  step(LOAD, NR), ...searchSteps(rangesOf(verdictsOf(arch, choice), refusal(ENOSYS))),
]
