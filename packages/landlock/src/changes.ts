/** The changes between two rulesets, in words: by effect, rights below a path counting those of the paths above it. */
import type { PolicyChange } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import { planOf, rulesetRules } from './builder.ts'
import type { RulesetOptions } from './builder.ts'
import { abis, maskOf, rightNames } from './rights.ts'
import type { RightKind } from './rights.ts'

/** A ruleset as a file has it. Throws OptionError, with `place` for where it is from. */
export const checkRuleset = (given: unknown, place: string): RulesetOptions => {
  checkOptions<RulesetOptions>(given, rulesetRules, place)
  return given as RulesetOptions
}

export { heldBy, newRights, releaseChanges } from './release-changes.ts'

type Plan = ReturnType<typeof planOf>

const all = (kind: RightKind): number => maskOf(kind, abis.at(-1)!)

const isBelow = (path: string, above: string): boolean =>
  above === '/' || path === above || path.startsWith(`${above.replace(/\/+$/, '')}/`)

/** What is not handled is free. */
const rightsAt = ({ fs, paths }: Plan, path: string): number => {
  let rights = all('fs') & ~fs
  for (const [above, granted] of paths) if (isBelow(path, above)) rights |= granted
  return rights
}

/** Null is any port that no rule names. */
const portRights = ({ net, ports }: Plan, port: number | null): number =>
  (all('net') & ~net) | (port === null ? 0 : ports.get(port) ?? 0)

/** Without their kind, which is told anyway. */
const names = (kind: RightKind, mask: number): string =>
  rightNames(kind, mask).split(',').map((name) => name.replace(/^\w+\./, '')).join(', ')

function* told(
  kind: RightKind, where: string, was: number, is: number, because: readonly string[],
): Generator<PolicyChange> {
  const [came, went] = [is & ~was, was & ~is]
  const subject = kind === 'fs' ? 'files' : 'network'
  if (came !== 0) yield { effect: 'more', subject, words: `${names(kind, came)} may now be done ${where}`, because }
  if (went !== 0) {
    yield { effect: 'less', subject, words: `${names(kind, went)} may no longer be done ${where}`, because }
  }
}

/** Made while it is read. Throws OptionError for what is not a ruleset. */
export function* rulesetChanges(before: RulesetOptions, after: RulesetOptions): Generator<PolicyChange> {
  checkOptions(before, rulesetRules, 'rulesetChanges')
  checkOptions(after, rulesetRules, 'rulesetChanges')
  const [was, is] = [planOf(before), planOf(after)]
  const paths = [...new Set(['/', ...was.paths.keys(), ...is.paths.keys()])].sort()
  for (const path of paths) {
    const [old, now] = [rightsAt(was, path), rightsAt(is, path)]
    // What a path above has told already is not told again.
    const above = paths.filter((other) => other !== path && isBelow(path, other)).at(-1)
    const [oldAbove, nowAbove] = above === undefined ? [0, 0] : [rightsAt(was, above), rightsAt(is, above)]
    const known = above === undefined ? 0 : (oldAbove ^ nowAbove) & (old ^ now)
    const granted = is.paths.get(path)
    yield* told('fs', `below ${path}`, old & ~known, now & ~known,
      [granted === undefined ? `no rule for ${path}` : `${path}: ${names('fs', granted)}`])
  }
  const ports = [...new Set([...was.ports.keys(), ...is.ports.keys()])].sort((a, b) => a - b)
  const [oldAny, nowAny] = [portRights(was, null), portRights(is, null)]
  yield* told('net', 'on ports that no rule names', oldAny, nowAny, [])
  for (const port of ports) yield* told('net', `on port ${port}`, portRights(was, port), portRights(is, port), [])
  const [kept, freed] = [is.scope & ~was.scope, was.scope & ~is.scope]
  const subject = 'scope'
  if (kept !== 0) yield { effect: 'less', subject, words: `${names('scope', kept)} stays in the domain`, because: [] }
  if (freed !== 0) {
    yield { effect: 'more', subject, words: `${names('scope', freed)} may leave the domain`, because: [] }
  }
}
