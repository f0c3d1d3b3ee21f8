/** Rules of Smack, in the long form of `/etc/smack/accesses.d`. */
import { aString, checkOptions, required } from '@lsmkit/core/option-rules'
import { loadRules, Policy, policyChanges, smackPolicy } from '@lsmkit/smack/engine'
import type { Answer, CompiledPolicy, PartFiles, PolicyKind } from './kind.ts'
import { proofOf, reading } from './kind.ts'

export interface CompiledSmack extends CompiledPolicy {
  readonly kind: 'smack'
  /** A new one each time it is read, because a stack changes the one that it is given. */
  readonly policy: Policy
  /** A character a byte, as labels are bytes. */
  readonly texts: readonly string[]
}

interface Ask {
  readonly subject: string
  readonly object: string
  /** Modes: `rw`. */
  readonly access: string
}

const rules = { subject: required(aString), object: required(aString), access: required(aString) }

const policyOf = (texts: Iterable<readonly [name: string, text: string]>): Policy => {
  const policy = new Policy()
  for (const [name, text] of texts) reading(name, () => loadRules(policy, text))
  return policy
}

const compile = (files: PartFiles): CompiledSmack => {
  const named = [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')] as const)
  const policy = policyOf(named)
  return {
    kind: 'smack', texts: named.map(([, text]) => text),
    get policy() { return policyOf(named) },
    answer: (ask, place): Answer => reading(place, () => {
      checkOptions(ask, rules, place)
      const { subject, object, access } = ask as Ask
      const verdicts = smackPolicy(policy).check(subject, object, access)
      const denied = verdicts.find(({ allowed }) => !allowed)
      return { allowed: verdicts.length > 0 && denied === undefined, why: denied?.why ?? verdicts[0]?.why ?? null }
    }),
  }
}

export const smackKind: PolicyKind<CompiledSmack> = {
  compile,
  changes: (before, after) => policyChanges(before.policy, after.policy),
  within: (policy, max) => proofOf('smack', policyChanges(max.policy, policy.policy)),
}
