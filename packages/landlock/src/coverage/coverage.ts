/** Which rules granted something that was asked for: the nearest one on the way up, for each right and each layer. */
import { LANDLOCK_ACCESS_FS_REFER } from '@lsmkit/abi'
import type { Domain } from '../domain.ts'
import type { NamedInode } from '../named-inodes.ts'
import { rightNames } from '../rights.ts'
import type { Handled, Ruleset } from '../ruleset.ts'
import type { GrantWatch } from '../watch.ts'

export interface CoveredLandlockRule {
  /** `/data: fs.read_file,fs.read_dir`, `port 443: net.connect_tcp`. */
  readonly text: string
  /** Rights of the rule that something was granted by. */
  readonly used: readonly string[]
  readonly unused: readonly string[]
}

export interface CoveredRuleset {
  /** `fs.read_file,net.connect_tcp`: what it restricts. */
  readonly handled: string
  readonly rules: readonly CoveredLandlockRule[]
}

export interface RulesetCoverage {
  readonly rulesets: readonly CoveredRuleset[]
  /** Rules of all of them, and those of which at least one right was used. */
  readonly total: number
  readonly used: number
}

interface Rule {
  readonly kind: 'fs' | 'net'
  /** A path as it was when the rule was added, or `port 443`. */
  readonly place: string
  access: number
  used: number
}

/** One ruleset of one run. */
interface Known {
  readonly handled: Handled
  readonly rules: Rule[]
  readonly byInode: WeakMap<NamedInode, Rule>
  readonly byPort: Map<number, Rule>
}

/** Gathers over any number of runs: hand it to each `landlock({ watch })`. */
export class LandlockCoverage implements GrantWatch {
  readonly #all: Known[] = []
  readonly #byRuleset = new WeakMap<Ruleset, Known>()
  readonly #byDomain = new WeakMap<Domain, Known>()

  addedInode(ruleset: Ruleset, inode: NamedInode, place: string, access: number): void {
    const known = this.#known(ruleset)
    known.byInode.set(inode, added(known, known.byInode.get(inode), 'fs', place, access))
  }

  addedPort(ruleset: Ruleset, port: number, access: number): void {
    const known = this.#known(ruleset)
    known.byPort.set(port, added(known, known.byPort.get(port), 'net', `port ${port}`, access))
  }

  restricted(ruleset: Ruleset, domain: Domain): void {
    this.#byDomain.set(domain, this.#known(ruleset))
  }

  grantedPath(domain: Domain, way: readonly NamedInode[], rights: number): void {
    for (let at: Domain | null = domain; at !== null; at = at.parent) {
      // REFER is refused by every layer, handled or not
      let missing = rights & (at.handled.fs | LANDLOCK_ACCESS_FS_REFER)
      for (const inode of way) {
        const given = (at.rules.inodes.get(inode) ?? 0) & missing
        const rule = given === 0 ? undefined : this.#byDomain.get(at)?.byInode.get(inode)
        if (rule !== undefined) rule.used |= given
        missing &= ~given
      }
    }
  }

  grantedPort(domain: Domain, port: number, right: number): void {
    for (let at: Domain | null = domain; at !== null; at = at.parent) {
      const given = (at.rules.ports.get(port) ?? 0) & right
      const rule = given === 0 ? undefined : this.#byDomain.get(at)?.byPort.get(port)
      if (rule !== undefined) rule.used |= given
    }
  }

  /** In the order they came up. Those that handle the same and have the same rules, in other runs too, are one. */
  rulesets(): RulesetCoverage {
    const merged = new Map<string, { handled: string; rules: Rule[] }>()
    for (const { handled, rules } of this.#all) {
      const name = handledText(handled)
      const key = JSON.stringify([name, ...rules.map(ruleText)])
      const same = merged.get(key)
      if (same === undefined) merged.set(key, { handled: name, rules: rules.map((rule) => ({ ...rule })) })
      else for (const [i, rule] of rules.entries()) same.rules[i]!.used |= rule.used
    }
    const rulesets = Array.from(merged.values(), ({ handled, rules }) => ({ handled, rules: rules.map(covered) }))
    const rules = rulesets.flatMap((ruleset) => ruleset.rules)
    return { rulesets, total: rules.length, used: rules.filter(({ used }) => used.length > 0).length }
  }

  /** For `ScenarioCoverage` of `@lsmkit/testkit/scenario`; none where there are no rules. */
  parts(): { readonly name: string; readonly total: number; readonly used: number; readonly never: string[] }[] {
    const { rulesets, total, used } = this.rulesets()
    const never = rulesets.flatMap(({ rules }, i) =>
      rules.filter((rule) => rule.used.length === 0).map(({ text }) => `ruleset ${i + 1}: ${text}`))
    return total === 0 ? [] : [{ name: 'rules of Landlock', total, used, never }]
  }

  #known(ruleset: Ruleset): Known {
    let known = this.#byRuleset.get(ruleset)
    if (known === undefined) {
      known = { handled: ruleset.handled, rules: [], byInode: new WeakMap(), byPort: new Map() }
      this.#byRuleset.set(ruleset, known)
      this.#all.push(known)
    }
    return known
  }
}

/** Rights of one inode, or of one port, add up. */
const added = (
  { rules }: Known, known: Rule | undefined, kind: Rule['kind'], place: string, access: number,
): Rule => {
  if (known === undefined) {
    const rule = { kind, place, access, used: 0 }
    rules.push(rule)
    return rule
  }
  known.access |= access
  return known
}

const ruleText = ({ kind, place, access }: Rule): string => `${place}: ${rightNames(kind, access)}`

const namesOf = (kind: Rule['kind'], rights: number): string[] => rightNames(kind, rights).split(',').filter(Boolean)

const covered = (rule: Rule): CoveredLandlockRule => {
  const { kind, access, used } = rule
  return { text: ruleText(rule), used: namesOf(kind, used), unused: namesOf(kind, access & ~used) }
}

const handledText = ({ fs, net, scope }: Handled): string =>
  [rightNames('fs', fs), rightNames('net', net), rightNames('scope', scope)].filter(Boolean).join(',')
