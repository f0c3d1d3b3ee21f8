/** The state that SafeSetID keeps for one stack: two policies, and the texts they were read from. */
import type { LsmContext } from '@lsmkit/core'
import { parsePolicy } from './parse.ts'
import { RULE_SIZE, SetidRules } from './policy.ts'

export interface Policy {
  readonly rules: SetidRules
  /** As it was written, up to a NUL; Latin-1. */
  readonly text: string
  /** Bytes that it is charged with. */
  readonly size: number
}

export const noPolicy: Policy = { rules: SetidRules.empty, text: '', size: 0 }

export type IdKind = 'uid' | 'gid'

export interface SafeSetId {
  readonly ctx: LsmContext
  readonly printk: (line: string) => void
  /** Replaced as a whole. */
  uid: Policy
  gid: Policy
}

/**
 * The policy that a text is, or -errno. One with a way out is mended and taken all the same (`verify_ruleset`); its
 * text stays as it was written.
 */
export const readPolicy = ({ printk }: SafeSetId, kind: IdKind, text: string): Policy | number => {
  const read = parsePolicy(text)
  if (typeof read === 'number') return read
  const rules = read.closed((src, dst) => printk(
    `SafeSetID: insecure policy detected: ${kind} ${src | 0} is constrained but transitively unconstrained through ` +
    `${kind} ${dst | 0}`,
  ))
  return { rules, text, size: text.length + rules.size * RULE_SIZE }
}
