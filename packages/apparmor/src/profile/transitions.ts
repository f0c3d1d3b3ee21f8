/** Targets of rules that execute: each gets a place in the profile's table, and its index goes into the rule. */
import type { FileEntry } from './ast.ts'
import { ProfileError } from './errors.ts'
import { CHILD_TARGET, EXEC_BITS, EXEC_TARGET_BITS, EXEC_TARGET_SHIFT, OTHER_BITS, OWNER_BITS } from './file-perms.ts'
import type { Place } from './place.ts'

/** The first index of the table; lower numbers are kinds of targets. */
const FIRST = 4
const MOST = 12
const BY_CHILD_NAME = 3

export class TransitionTable {
  readonly names: string[] = []

  /** The number that a rule has for `name`. Throws when the table is full. */
  add(name: string, place: Place): number {
    const known = this.names.indexOf(name)
    if (known >= 0) return known + FIRST
    if (this.names.length === MOST) {
      throw new ProfileError('too-many-transitions', `a profile names at most ${MOST} targets of its rules`, place)
    }
    return this.names.push(name) - 1 + FIRST
  }
}

const hasNamespace = (label: string): boolean => {
  const text = label.startsWith('&') ? label.slice(1) : label
  const end = text.indexOf(':', 1)
  return text.startsWith(':') && end > 1 && text.slice(end + 1).replace(/^\/\//u, '') !== ''
}

const isChildTarget = (perms: number): boolean => [OWNER_BITS, OTHER_BITS].some((side) => (
  (perms & EXEC_TARGET_BITS & side) === (CHILD_TARGET & side)
))

/** Whether `a//b` means the child that is named as the program is. */
const namesOwnChild = (target: string, entry: FileEntry, profile: string): boolean => {
  const at = target.indexOf('//')
  return at >= 0 && target.slice(at + 2) === entry.name
    && profile.slice(0, at) !== target.slice(at, at + at)
}

const numberOf = (table: TransitionTable, profile: string, entry: FileEntry): number => {
  const target = entry.target!
  if (hasNamespace(target)) return table.add(target, entry.place)
  if (namesOwnChild(target, entry, profile)) return BY_CHILD_NAME
  if (!isChildTarget(entry.perms)) return table.add(target, entry.place)
  return target === entry.name ? BY_CHILD_NAME : table.add(`${profile}//${target}`, entry.place)
}

/** Puts the number of its target into a rule, on the sides that execute. */
export const settleTarget = (table: TransitionTable, profile: string, entry: FileEntry): void => {
  if (entry.target === null) return
  const number = numberOf(table, profile, entry) << EXEC_TARGET_SHIFT
  let bits = 0
  if ((entry.perms & EXEC_BITS & OWNER_BITS) !== 0) bits |= number
  if ((entry.perms & EXEC_BITS & OTHER_BITS) !== 0) bits |= number << 14
  entry.perms = (entry.perms & ~EXEC_TARGET_BITS | bits) >>> 0
}
