/** Rules that match the same become one, with the permissions of both. */
import { execConflicts } from '../dfa/mark.ts'
import type { ClassRule, FileEntry } from './ast.ts'
import { execConflict } from './errors.ts'

/** Ranks in which file rules are put in order. */
const MODE_RANK: Readonly<Record<string, number>> = { '': 0, allow: 1, deny: 2, prompt: 3 }
const rankOf = ({ mode }: FileEntry): number => MODE_RANK[mode ?? '']!

const compareText = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/** As the parser orders file rules: links last; then by mode, audit, falling priority, and name. */
const compareFiles = (a: FileEntry, b: FileEntry): number => {
  if (a.link === null || b.link === null) {
    if (a.link !== b.link) return a.link === null ? -1 : 1
  } else {
    const byLink = compareText(a.link, b.link) || Number(b.subset) - Number(a.subset)
    if (byLink !== 0) return byLink
  }
  return rankOf(a) - rankOf(b) || Number(a.audit) - Number(b.audit) || b.priority - a.priority
    || compareText(a.name, b.name)
}

/** Throws when two rules of one name execute in different ways. */
export const mergeFiles = (entries: readonly FileEntry[]): FileEntry[] => {
  const merged: FileEntry[] = []
  for (const entry of entries.toSorted(compareFiles)) {
    const last = merged.at(-1)
    if (last === undefined || compareFiles(last, entry) !== 0) {
      merged.push({ ...entry })
      continue
    }
    if (execConflicts(last.perms, entry.perms)) throw execConflict(entry.place, last.place)
    last.perms = (last.perms | entry.perms) >>> 0
  }
  return merged
}

/** What must be equal for two rules to become one. */
const keyOf = (rule: ClassRule): string => {
  const { place: _, perms, ...rest } = { perms: 0, ...rule }
  const fields = Object.entries(rest).sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => (
    // Of unix rules the first one says whether it has a stand-in.
    name === 'downgrade' ? null : value instanceof Map ? [...value] : value
  ))
  // Network rules are dropped when they are repeated; they never take permissions on.
  return JSON.stringify(rest.kind === 'network' ? [perms, fields] : fields)
}

/** A list of names counts as a set. */
const normal = (rule: ClassRule): ClassRule =>
  rule.kind === 'mount' && rule.fsTypes !== null ? { ...rule, fsTypes: rule.fsTypes.toSorted() } : rule

export const mergeRules = (rules: readonly ClassRule[]): ClassRule[] => {
  const merged = new Map<string, ClassRule>()
  for (const rule of rules) {
    const key = keyOf(normal(rule))
    const known = merged.get(key)
    if (known === undefined) merged.set(key, { ...rule })
    else if ('perms' in known && 'perms' in rule && known.kind !== 'network' && rule.kind !== 'network') {
      known.perms = (known.perms | rule.perms) >>> 0
    }
  }
  return [...merged.values()]
}
