/** File rules as the strings of a file automaton: names, link pairs, and what `change_profile` needs. */
import type { FileEntry } from './ast.ts'
import type { EncodedRule } from './encoded.ts'
import {
  CHANGE_PROFILE, EXEC_BITS, FILE_MMAP, INHERIT_BITS, LINK_BITS, OTHER_BITS, ONEXEC, OWNER_BITS, UNSAFE_BITS,
} from './file-perms.ts'
import { globPattern, GlobError } from './glob.ts'
import { oneSlash } from './slashes.ts'

/** What any link may lead to. */
const ANY_TARGET = '/[^/].*'
/** What any program that is executed is named. */
const ANY_PROGRAM = '/[^/\\x00][^\\x00]*'

/** Running a program under the same profile needs its text in memory. */
const withMmap = (perms: number): number => {
  let all = perms
  if ((perms & INHERIT_BITS & OTHER_BITS) !== 0) all |= FILE_MMAP << 14
  if ((perms & INHERIT_BITS & OWNER_BITS) !== 0) all |= FILE_MMAP
  return all >>> 0
}

const ruleOf = (
  entry: FileEntry, parts: readonly string[], perms: number, audit: number,
): EncodedRule => ({
  parts, perms: perms >>> 0, audit: audit >>> 0, priority: entry.priority, mode: entry.mode ?? 'allow', rule: entry,
})

const encodeName = (entry: FileEntry, name: string, perms: number): EncodedRule[] => {
  const denies = entry.mode === 'deny'
  // A denied link is denied at its target: both parts of a pair must match.
  const own = denies ? perms & ~LINK_BITS : perms
  return denies && own === 0 ? [] : [ruleOf(entry, [name], own, entry.audit ? own : 0)]
}

const encodeLink = (entry: FileEntry, name: string, perms: number): EncodedRule => {
  const links = perms & LINK_BITS
  // The subset bit stands at the owner's side alone, as in apparmor_parser.
  const subset = links << 1 & FILE_LINK_SUBSET
  const target = entry.link === null ? ANY_TARGET : globPattern(oneSlash(entry.link))
  const all = entry.link === null || entry.subset ? links | subset : links
  return ruleOf(entry, [name, target], all, entry.audit ? links : 0)
}

const FILE_LINK_SUBSET = 0x20

/** A target in the form that kernels without stacking match: the namespace is a part of its own. */
const targetParts = (name: string, stacks: boolean): readonly string[] => {
  if (stacks) return [name]
  if (name.startsWith('&')) throw new GlobError('the target has no stacks of profiles (domain/stack)')
  if (!name.startsWith(':')) return [name]
  const end = name.indexOf(':', 1)
  const rest = name.slice(end + 1).replace(/^\/\//u, '')
  if (end < 2 || rest === '') throw new GlobError('a namespace or the name behind it is missing')
  return [name.slice(1, end), rest]
}

const encodeChange = (entry: FileEntry, name: string, stacks: boolean): EncodedRule[] => {
  const target = targetParts(name, stacks)
  const program = entry.link === null ? ANY_PROGRAM : globPattern(entry.link)
  const exec = entry.perms & (EXEC_BITS | UNSAFE_BITS)
  return [
    ruleOf(entry, target, CHANGE_PROFILE | ONEXEC, 0),
    ruleOf(entry, [program], ONEXEC, 0),
    ruleOf(entry, [program, ...target], ONEXEC | exec, 0),
  ]
}

/** Throws `GlobError`. */
export const encodeFile = (entry: FileEntry, stacks: boolean): EncodedRule[] => {
  const changes = (entry.perms & CHANGE_PROFILE) !== 0
  const name = globPattern(changes ? entry.name : oneSlash(entry.name))
  const perms = withMmap(entry.perms)
  const rules = changes ? [] : encodeName(entry, name, perms)
  if ((perms & LINK_BITS) !== 0) rules.push(encodeLink(entry, name, perms))
  if (changes) rules.push(...encodeChange(entry, name, stacks))
  return rules
}
