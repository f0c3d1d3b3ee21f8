/** Oddities of profiles: rules without effect, rules that the kernel ignores, attachments that conflict. */
import { oneLine } from '@lsmkit/abi'
import { mergeMarks } from '../dfa/accept.ts'
import { type Mark } from '../dfa/mark.ts'
import { compareAutomata } from '../dfa/compare.ts'
import { isExact } from '../dfa/regex.ts'
import { walkableDfa } from '../dfa/walk.ts'
import { regexOf } from '../profile/automaton-rules.ts'
import type { CompiledProfile, CompileResult } from '../profile/compile.ts'
import type { EncodedRule } from '../profile/encoded.ts'
import { RuleFinder } from '../profile/order.ts'
import type { Place } from '../profile/place.ts'
import { attachments } from './attach.ts'
import { symbolsText } from './words.ts'

export interface ProfileFinding {
  readonly code: 'dead-rule' | 'attachment-conflict' | 'ignored' | 'wider-than-comment' | 'unattached'
  readonly profile: string
  readonly message: string
  readonly place: Place | null
  readonly related: Place | null
}

/** Profiles with more rules are not looked at for dead ones: it takes the square of what meets in a state. */
const MOST_RULES = 3000

const markOf = (rule: EncodedRule): Mark => ({ ...rule, exact: isExact(regexOf(rule)) })

/** Rules whose absence changes nothing, each with one that says the same. */
const deadRules = (rules: readonly EncodedRule[], isFile: boolean): Map<EncodedRule, EncodedRule | null> => {
  const marks = rules.map(markOf)
  const alive = new Set<number>()
  const companion = new Map<number, number>()
  const meaning = (set: readonly number[]): string =>
    JSON.stringify(mergeMarks(set.map((index) => marks[index]!), isFile))
  for (const set of new RuleFinder(rules).meetings()) {
    const whole = meaning(set)
    for (const index of set) {
      if (alive.has(index)) continue
      const rest = set.filter((other) => other !== index)
      if (rest.length === 0 || meaning(rest) !== whole) alive.add(index)
      else companion.set(index, rest[0]!)
    }
  }
  const dead = rules.flatMap(
    (rule, index) => alive.has(index) ? [] : [[rule, rules[companion.get(index) ?? -1] ?? null] as const],
  )
  return new Map(dead)
}

/** A rule is dead when all strings that it stands for are. */
const deadFindings = ({ profile, source, fileRules, classRules }: CompiledProfile): ProfileFinding[] => {
  if (fileRules.length + classRules.length > MOST_RULES) return []
  const dead = new Map([...deadRules(fileRules, true), ...deadRules(classRules, false)])
  const all = [...fileRules, ...classRules].filter(({ rule }) => rule !== null)
  const living = new Set(all.filter((rule) => !dead.has(rule)).map(({ rule }) => `${rule!.place}`))
  const found = new Map<string, ProfileFinding>()
  for (const encoded of all) {
    const { place } = encoded.rule!
    // A file that many include may well say what one of them says too.
    if (place.file !== source.place.file) continue
    if (living.has(`${place}`) || found.has(`${place}`)) continue
    const related = dead.get(encoded)?.rule?.place ?? null
    const message = related === null ? 'the rule changes nothing' : 'the rule changes nothing: others say the same'
    found.set(`${place}`, { code: 'dead-rule', profile: profile.name, message, place, related })
  }
  return [...found.values()].sort((a, b) => a.place!.offset - b.place!.offset)
}

/** What comments promise of the rule on their line or the line below, and the permissions that break it. */
const PROMISES: readonly (readonly [words: RegExp, letters: RegExp, broken: string])[] = [
  [/\bread[- ]?only\b|\bonly reads?\b|\bnever writ|\bno writ/iu, /[wa]/u, 'it may write'],
  [/\bnever execut|\bno exec|\bnot executed\b/iu, /x/u, 'it may execute'],
]

const commentOf = (line: string): string => /(?:^|\s)#(?!include\b)(.*)$/u.exec(line)?.[1] ?? ''

/** The comment of a rule: on its line, or alone on the line above. */
const commentAt = ({ source, line }: Place): string => {
  const own = commentOf(source.lineText(line))
  const above = line === 1 ? '' : source.lineText(line - 1).trimStart()
  return above.startsWith('#') ? `${commentOf(above)} ${own}` : own
}

/** Rules that allow more than the comment beside them says. */
const commentFindings = ({ profile, source }: CompiledProfile): ProfileFinding[] =>
  source.files.filter(({ mode }) => mode !== 'deny').flatMap(({ place, perms }): ProfileFinding[] => {
    const comment = commentAt(place)
    const letters = fileRuleLetters(perms)
    const broken = PROMISES.find(([words, bad]) => words.test(comment) && bad.test(letters))
    if (broken === undefined) return []
    const message = `the comment says \`${oneLine(comment.trim())}\`, but ${broken[2]}`
    return [{ code: 'wider-than-comment', profile: profile.name, message, place, related: null }]
  }).sort((a, b) => a.place!.offset - b.place!.offset)

const LETTERS = 'xwralkm'
const OTHER_SIDE = 14

/** Letters that a rule has on either side. */
const fileRuleLetters = (perms: number): string =>
  [...LETTERS].filter((_, bit) => ((perms | perms >>> OTHER_SIDE) & 1 << bit) !== 0).join('')

/** Programs that no profile attaches to: they run unconfined. */
export const unattachedPrograms = (
  profiles: readonly CompiledProfile[], programs: readonly string[],
): readonly ProfileFinding[] => programs.filter((path) => attachments(profiles, path).length === 0).map((path) => ({
  code: 'unattached', profile: '', message: `no profile attaches to \`${oneLine(path)}\`: it runs unconfined`,
  place: null, related: null,
}))

/** A name that both attachments match, or null. The automata differ on nothing where both say no. */
const commonName = (a: CompiledProfile, b: CompiledProfile): readonly number[] | null => {
  const [left, right] = [a.profile.xmatch.dfa, b.profile.xmatch.dfa]
  if (left === null || right === null) return null
  const [common] = compareAutomata(walkableDfa(left), walkableDfa(right), {
    leftStart: 1, rightStart: 1, same: (one, other) => (left.accept[one]! & right.accept[other]! & 1) === 0,
  })
  return common?.symbols ?? null
}

/** Of two profiles that attach alike the kernel takes neither. Patterns of different lengths are told apart. */
const attachmentFindings = (profiles: readonly CompiledProfile[]): ProfileFinding[] => {
  const tops = profiles.filter(({ profile }) => !profile.name.includes('//'))
  return tops.flatMap((one, index) => tops.slice(index + 1).flatMap((other): ProfileFinding[] => {
    if (one.profile.xmatchLength !== other.profile.xmatchLength) return []
    const name = commonName(one, other)
    if (name === null) return []
    const message = `\`${symbolsText(name)}\` attaches to \`${other.profile.name}\` too: neither is taken`
    return [{
      code: 'attachment-conflict', profile: one.profile.name, message, place: one.source.place,
      related: other.source.place,
    }]
  }))
}

/** Everything that is odd, by profile; `warnings` of the compiler are among it. */
export const checkProfiles = ({ profiles, warnings }: CompileResult): readonly ProfileFinding[] => [
  ...warnings.map(
    ({ message, place }): ProfileFinding => ({ code: 'ignored', profile: '', message, place, related: null }),
  ),
  ...profiles.flatMap(deadFindings),
  ...profiles.flatMap(commentFindings),
  ...attachmentFindings(profiles),
]
