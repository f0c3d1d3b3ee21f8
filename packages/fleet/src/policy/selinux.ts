/** Policies of SELinux: CIL, or one binary. */
import { aString, checkOptions, required } from '@lsmkit/core/option-rules'
import { compileCil } from '@lsmkit/selinux/cil'
import { readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { policyChanges, selinuxPolicy } from '@lsmkit/selinux/query'
import { FleetError } from '../fleet-error.ts'
import type { Answer, CompiledPolicy, PartFiles, PolicyKind } from './kind.ts'
import { proofOf, reading, textOf } from './kind.ts'

const BINARY = 'selinux/policy.bin'

export interface CompiledSelinux extends CompiledPolicy {
  readonly kind: 'selinux'
  readonly policy: Policydb
  /** As a kernel loads it. */
  readonly binary: Uint8Array
}

interface Ask {
  readonly source: string
  readonly target: string
  readonly class: string
  readonly permission: string
}

const rules = {
  source: required(aString), target: required(aString), class: required(aString), permission: required(aString),
}

const policyOf = (files: PartFiles): Policydb => {
  const binary = files.get(BINARY)
  if (binary !== undefined && files.size > 1) {
    throw new FleetError('bad-policy', 'a bundle has CIL or a binary, and not both', { place: BINARY })
  }
  if (binary !== undefined) return reading(BINARY, () => readPolicy(binary))
  const sources = [...files].map(([name, bytes]) => ({ name, text: textOf(bytes, name) }))
  return reading('selinux', () => compileCil(sources).policy)
}

const compile = (files: PartFiles): CompiledSelinux => {
  const policy = policyOf(files)
  const binary = reading('selinux', () => writePolicy(policy))
  let check: ReturnType<typeof selinuxPolicy> | null = null
  return {
    kind: 'selinux', policy, binary,
    answer: (ask, place): Answer => reading(place, () => {
      checkOptions(ask, rules, place)
      const { source, target, class: tclass, permission } = ask as Ask
      check ??= selinuxPolicy(policy)
      const [verdict] = check.check(source, target, tclass, [permission])
      return { allowed: verdict?.allowed === true, why: verdict?.why ?? null }
    }),
  }
}

export const selinuxKind: PolicyKind<CompiledSelinux> = {
  compile,
  changes: (before, after) => policyChanges(before.policy, after.policy),
  // which records are written allows nothing
  within: (policy, max) => proofOf('selinux', policyChanges(max.policy, policy.policy), ({ subject }) =>
    subject === 'audit'),
}
