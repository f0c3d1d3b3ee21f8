/** Rules about arguments of system calls as data, and the steps of a filter for them. */
import { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO } from '@lsmkit/abi'
import { callOffsets, filterCodes } from '../classic-filter.ts'
import type { LabelledStep } from '../classic-filter.ts'

/** One comparison of an argument: its low 32 bits under a mask, or both words of a pointer with null. */
export type ArgumentTest =
  | { readonly arg: number; readonly mask?: number; readonly is: number }
  | { readonly arg: number; readonly isNull: true }

/** All tests of one list hold. */
export type Alternative = readonly ArgumentTest[]

export interface ArgumentRule {
  readonly call: string
  /** Allowed where one of these holds; else refused. With `refuse`, the other way round. */
  readonly allow?: readonly Alternative[]
  readonly refuse?: readonly Alternative[]
  /** errno of a refusal. */
  readonly errno: number
}

const { AND, EQUAL, LOAD, RETURN } = filterCodes
const { high, low } = callOffsets

const testSteps = (test: ArgumentTest, no: string): LabelledStep[] => {
  const { arg } = test
  if ('isNull' in test) return [low, high].flatMap((half) => [{ code: LOAD, k: half(arg) }, { code: EQUAL, k: 0, no }])
  return [
    { code: LOAD, k: low(arg) }, ...(test.mask === undefined ? [] : [{ code: AND, k: test.mask }]),
    { code: EQUAL, k: test.is, no },
  ]
}

/** The whole answer to a call, from its first step on: that step has the name of the call as its label. */
export const ruleSteps = ({ call, allow, refuse, errno }: ArgumentRule): LabelledStep[] => {
  const refusal = (SECCOMP_RET_ERRNO | errno) >>> 0
  const [hit, miss] = allow === undefined ? [refusal, SECCOMP_RET_ALLOW] : [SECCOMP_RET_ALLOW, refusal]
  const alternatives = allow ?? refuse ?? []
  const label = (at: number): string => (at === 0 ? call : `${call} ${at}`)
  return [
    ...alternatives.flatMap((tests, at) => {
      const [first, ...rest] = [...tests.flatMap((test) => testSteps(test, label(at + 1))), { code: RETURN, k: hit }]
      return [{ ...first!, label: label(at) }, ...rest]
    }),
    { label: label(alternatives.length), code: RETURN, k: miss },
  ]
}
