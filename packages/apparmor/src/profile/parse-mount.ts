/** `mount`, `remount`, `umount` and `pivot_root` rules. */
import { MS_REMOUNT } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core'
import type { Condition, MountRule, RuleBase } from './ast.ts'
import { ProfileError } from './errors.ts'
import { ALL_FLAGS, MOUNT_OPTIONS, REMOUNT_FLAGS } from './mount-flags.ts'
import { unknownCondition } from './parse-class-rules.ts'
import { parseConditions } from './parse-conditions.ts'
import type { Scanner } from './scan.ts'
import { meaningOf } from './unescape.ts'

export const PIVOT_ROOT = 1
export const MOUNT = 2
export const UMOUNT = 4

const CONDITIONS = ['options', 'option', 'fstype', 'vfstype']

interface Flags {
  readonly set: number
  readonly clear: number
}

const flagsOf = ({ values, place }: Condition): Flags => {
  let set = 0
  let clear = 0
  for (const word of values!) {
    const flags = MOUNT_OPTIONS.get(word)
    if (flags === undefined) {
      throw new ProfileError('bad-value', `there is no mount option \`${word}\``, place, {
        hint: didYouMean(word, MOUNT_OPTIONS.keys()),
      })
    }
    set |= flags.set
    clear |= flags.clear
  }
  return { set, clear }
}

const isOptions = ({ name }: Condition): boolean => name === 'options' || name === 'option'

/** The flags that must be set, and those that may be, each list from its conditions. */
const flagLists = (conditions: readonly Condition[], remounts: boolean): [number[], number[]] => {
  const options = conditions.filter(isOptions)
  // Several conditions of one kind are kept in the order in which they are written.
  const optional = options.filter(({ equals }) => !equals).toReversed().map((condition) => {
    const { set, clear } = flagsOf(condition)
    return set | clear
  })
  const needed = options.filter(({ equals }) => equals).toReversed().map((condition) => {
    const { set, clear } = flagsOf(condition)
    const all = remounts ? set | MS_REMOUNT : set
    if ((all & clear) !== 0) throw new ProfileError('bad-value', 'mount options contradict each other', condition.place)
    return all
  })
  return fillFlags(needed, optional, remounts)
}

/** What a rule means that leaves one of the lists or both out. */
const fillFlags = (needed: number[], optional: number[], remounts: boolean): [number[], number[]] => {
  if (needed.length + optional.length === 0) {
    return remounts ? [[MS_REMOUNT], [REMOUNT_FLAGS & ~MS_REMOUNT]] : [[ALL_FLAGS], [ALL_FLAGS]]
  }
  if (needed.length === 0) return [[remounts ? MS_REMOUNT : 0], optional]
  return [needed, optional.length === 0 ? [0] : optional]
}

const fsTypesOf = (conditions: readonly Condition[]): string[] | null => {
  const types = conditions.filter((condition) => !isOptions(condition)).flatMap(({ values }) => values!)
  return types.length === 0 ? null : types
}

const checkConditions = (conditions: readonly Condition[]): void => {
  for (const condition of conditions) {
    if (!CONDITIONS.includes(condition.name)) throw unknownCondition(condition, 'mount', CONDITIONS)
  }
}

const takeName = (scanner: Scanner, context: 'mount' | 'rule'): string | null => {
  const token = scanner.take(context, 'id') ?? (context === 'rule' ? scanner.take(context, 'word') : null)
  return token === null ? null : meaningOf(token.text)
}

/** `keyword` was read. */
export const parseMount = (scanner: Scanner, base: RuleBase, keyword: 'mount' | 'remount' | 'umount'): MountRule => {
  const conditions = parseConditions(scanner, 'mount')
  checkConditions(conditions)
  const first = takeName(scanner, 'mount')
  let mountPoint = keyword === 'mount' ? null : first
  if (keyword === 'mount' && scanner.take('mount', '->') !== null) {
    const behind = scanner.peek('mount')
    if (behind.kind === 'cond') {
      throw new ProfileError('bad-condition', 'a mount point has no conditions', scanner.place(behind.start))
    }
    mountPoint = meaningOf(scanner.expect('mount', 'id', 'a mount point').text)
  }
  scanner.expect('mount', ',', 'a comma behind the rule')
  const [flags, optionalFlags] = flagLists(conditions, keyword === 'remount')
  return {
    ...base, kind: 'mount', perms: keyword === 'umount' ? UMOUNT : MOUNT, mountPoint,
    device: keyword === 'mount' ? first : null, fsTypes: fsTypesOf(conditions), flags, optionalFlags, transition: null,
  }
}

export const parsePivotRoot = (scanner: Scanner, base: RuleBase): MountRule => {
  const conditions = parseConditions(scanner, 'rule')
  const first = conditions[0]
  if (first !== undefined && first.name !== 'oldroot') throw unknownCondition(first, 'pivot_root', ['oldroot'])
  const mountPoint = takeName(scanner, 'rule')
  let transition: string | null = null
  if (scanner.take('rule', '->') !== null) transition = meaningOf(scanner.expect('id', 'id', 'a profile').text)
  scanner.expect('rule', ',', 'a comma behind the rule')
  return {
    ...base, kind: 'mount', perms: PIVOT_ROOT, mountPoint, device: first?.values?.[0] ?? null, fsTypes: null,
    flags: [ALL_FLAGS], optionalFlags: [ALL_FLAGS], transition,
  }
}
