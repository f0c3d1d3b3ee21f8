/** The seccomp profile of a policy, as the specification of OCI has it; Docker takes it as it is. */
import { pairRule, socketRule } from '@lsmkit/sandbox/policy-parts'
import type { ArgumentRule } from '@lsmkit/sandbox/policy-parts'
import type { Plain } from '../plain.ts'
import { callNames, specialCalls } from '../calls.ts'

interface JsonCondition {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  readonly op: string
}

interface JsonRule {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly JsonCondition[]
}

export interface JsonProfile {
  readonly defaultAction: string
  readonly defaultErrnoRet: number
  readonly architectures: readonly string[]
  readonly syscalls: readonly JsonRule[]
}

const ENOSYS = 38
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET: clone makes none of them. */
const NEW_NAMESPACES = 0x7e020000

const equals = (index: number, value: number): JsonCondition => ({ index, value, op: 'SCMP_CMP_EQ' })
const masked = (index: number, mask: number, value: number): JsonCondition =>
  ({ index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' })

const allow = (name: string, ...args: readonly JsonCondition[]): JsonRule =>
  ({ names: [name], action: 'SCMP_ACT_ALLOW', args })
const absent = (...names: readonly string[]): JsonRule => ({ names, action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS })

/** One rule for each alternative: any of them lets the call go on. */
const allowedBy = ({ call, allow: alternatives = [] }: ArgumentRule): JsonRule[] =>
  alternatives.map((tests) => allow(call, ...tests.map((test) => {
    if ('isNull' in test) return equals(test.arg, 0)
    return test.mask === undefined ? equals(test.arg, test.is) : masked(test.arg, test.mask, test.is)
  })))

/** Calls with rules of their own. Arguments of clone3 lie in memory, so libraries are led to clone. */
const ruled: ReadonlySet<string> = new Set(['socket', 'socketpair', 'clone', 'clone3'])

/** Whether a filter lets the call go on without looking at its arguments. */
const isOrdinary = (name: string): boolean => !specialCalls.has(name) && !ruled.has(name)

export const profileOf = (plain: Plain): JsonProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
  syscalls: [
    { names: callNames().filter(isOrdinary).toSorted(), action: 'SCMP_ACT_ALLOW' },
    ...allowedBy(socketRule(plain.families)), ...allowedBy(pairRule(plain.families)),
    allow('clone', masked(0, NEW_NAMESPACES, 0)),
    absent('clone3'), absent('io_uring_setup'),
  ],
})
