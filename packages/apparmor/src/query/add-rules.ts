/** Rules added to the text of a profile, as a patch that `patch` and `git apply` take. */
import type { CompiledProfile } from '../profile/compile.ts'
import { nameOf } from '../profile/place.ts'

/** Rules for one profile, in the syntax of profiles. */
export interface AddedRules {
  readonly profile: CompiledProfile
  readonly rules: readonly string[]
}

const CONTEXT = 3

const indentOf = (line: string): string => /^[ \t]*/u.exec(line)![0]

/** The lines of a file, and before which of them rules go; from 0. */
interface Insertion {
  readonly at: number
  readonly lines: readonly string[]
}

/** Before the line of the closing brace; null where a rule stands on that line. */
const insertionOf = ({ profile: { source: { end } }, rules }: AddedRules): Insertion | null => {
  const line = end.source.lineText(end.line)
  const at = end.line - 1
  if (line.slice(0, end.column - 1).trim() !== '') return null
  const indent = `${indentOf(line)}  `
  return { at, lines: rules.map((rule) => `${indent}${rule}`) }
}

/** Insertions whose surroundings touch are one hunk: `patch` refuses overlaps, and unequal context. */
const hunksOf = (insertions: readonly Insertion[]): Insertion[][] => {
  const hunks: Insertion[][] = []
  for (const insertion of insertions) {
    const last = hunks.at(-1)
    if (last !== undefined && insertion.at - last.at(-1)!.at <= 2 * CONTEXT) last.push(insertion)
    else hunks.push([insertion])
  }
  return hunks
}

const hunkText = (lines: readonly string[], insertions: readonly Insertion[], shift: number): string[] => {
  const from = Math.max(0, insertions[0]!.at - CONTEXT)
  const to = Math.min(lines.length, insertions.at(-1)!.at + CONTEXT)
  const plain = (start: number, end: number): string[] => lines.slice(start, end).map((line) => ` ${line}`)
  const text: string[] = []
  let at = from
  for (const insertion of insertions) {
    text.push(...plain(at, insertion.at), ...insertion.lines.map((line) => `+${line}`))
    at = insertion.at
  }
  text.push(...plain(at, to))
  const size = to - from
  return [`@@ -${from + 1},${size} +${from + 1 + shift},${text.length} @@`, ...text]
}

export interface RulePatch {
  /** The patch; '' where nothing is added. */
  readonly patch: string
  /** The file with the rules. */
  readonly text: string
  /** Profiles on one line, which have no place for a rule. */
  readonly skipped: readonly string[]
}

/** A patch of one file, and its text with it. All profiles are of that file. */
export const addedRules = (file: string, text: string, added: readonly AddedRules[]): RulePatch => {
  const placed = added.map((one) => ({ name: one.profile.profile.name, insertion: insertionOf(one) }))
  const insertions = placed.flatMap(({ insertion }) => insertion ?? []).sort((a, b) => a.at - b.at)
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const merged = [...lines]
  for (const { at, lines: more } of insertions.toReversed()) merged.splice(at, 0, ...more)
  let shift = 0
  const hunks = hunksOf(insertions).flatMap((group) => {
    const own = hunkText(lines, group, shift)
    shift += group.reduce((sum, insertion) => sum + insertion.lines.length, 0)
    return own
  })
  return {
    patch: hunks.length === 0 ? '' : `${[`--- ${file}`, `+++ ${file}`, ...hunks].join('\n')}\n`,
    text: `${merged.join('\n')}\n`,
    skipped: placed.filter(({ insertion }) => insertion === null).map(({ name }) => nameOf(name)),
  }
}
