/** `network` rules for kernels before 4.17: types of sockets by family, beside the automata. */
import { AF_MAX } from '@lsmkit/abi'
import type { FamilyTypes, Profile } from '../policydb/policy.ts'
import type { ClassRule, NetworkRule } from './ast.ts'
import { downgraded } from './encode-sockets.ts'
import type { ResolvedProfile } from './resolved.ts'
import { hasOldNetwork } from './target.ts'
import type { Target } from './target.ts'

const MOST_TYPES = 0xffff

/** The rule for whole families that a rule stands for; rules that `all` stands for are none. */
const networkOf = (rule: ClassRule): NetworkRule | null =>
  rule.kind === 'network' ? rule : rule.kind === 'unix' ? downgraded(rule) : null

class Family {
  allow = 0
  deny = 0
  audit = 0
  quiet = 0

  add({ mode, audit }: NetworkRule, types: number): void {
    if (mode === 'deny') {
      this.deny |= types
      // apparmor_parser makes quiet the denial that asks for records, not the other one
      if (!audit) this.quiet |= types
      return
    }
    this.allow |= types
    if (audit) this.audit |= types
  }

  get types(): FamilyTypes {
    const allow = this.allow & ~this.deny
    return { allow, audit: this.audit & allow, quiet: this.quiet }
  }
}

/** A target without these rules, or a profile without any, has no such list. */
export const netAllowedOf = (source: ResolvedProfile, target: Target): Pick<Profile, 'netAllowed'> => {
  if (!hasOldNetwork(target)) return {}
  const implied = new Set(source.rules.filter(({ kind }) => kind === 'all').map(({ place }) => place))
  const written = source.rules.filter(({ kind, place }) =>
    (kind === 'network' || kind === 'unix') && !implied.has(place))
  if (written.length === 0) return {}
  const families = Array.from({ length: AF_MAX }, () => new Family())
  for (const rule of written.flatMap((one) => networkOf(one) ?? [])) {
    for (const [family, { types }] of rule.families) families[family]?.add(rule, types & MOST_TYPES)
  }
  return { netAllowed: families.map(({ types }) => types) }
}
