/** Mount rules as strings: mount point, source, type, flags; a NUL between them. */
import { MS_BIND, MS_MOVE, MS_REMOUNT } from '@lsmkit/abi'
import type { MountRule } from './ast.ts'
import { AA_CLASS_MOUNT } from './class-numbers.ts'
import { ANYTHING, hexByte, type EncodedRule } from './encoded.ts'
import { ProfileError } from './errors.ts'
import { globPattern } from './glob.ts'
import {
  ALL_FLAGS, BIND_FLAGS, COMMANDS, MAKE_COMMANDS, MAKE_FLAGS, MOVE_FLAGS, NEW_FLAGS, REMOUNT_FLAGS,
} from './mount-flags.ts'
import { MOUNT, PIVOT_ROOT, UMOUNT } from './parse-mount.ts'

const CLASS = hexByte(AA_CLASS_MOUNT)

const ruleOf = (rule: MountRule, parts: readonly string[]): EncodedRule => ({
  parts, perms: rule.perms, audit: rule.audit ? rule.perms : 0, priority: rule.priority, mode: rule.mode ?? 'allow',
  rule,
})

const anyOr = (glob: string | null, prefix = ''): string =>
  glob === null ? prefix + ANYTHING : globPattern(glob, 'name', prefix)

/** A source that has no name: what `move_mount` moves from nowhere. */
const sourceText = (device: string | null): string => device === 'detached' ? '' : anyOr(device)

/** Flags in their order: each that is set, each that may be. */
const flagText = (flags: number, optional: number): string => {
  if (flags === ALL_FLAGS) return ANYTHING
  let text = ''
  for (let bit = 0; bit < 32; bit++) {
    const mask = 1 << bit
    if ((optional & mask) !== 0) text += `(${hexByte(bit + 1)}|)`
    else if ((flags & mask) !== 0) text += hexByte(bit + 1)
  }
  // Nothing, or a flag that is none: an empty part of a string is not written.
  return text === '' ? '(\\xfe|)' : text
}

const typesText = (types: readonly string[] | null): string =>
  types === null ? ANYTHING : `(${types.map((type) => globPattern(type)).join('|')})`

/** Kinds of calls, each with the flags that it looks at. */
const encodeRemount = (rule: MountRule, flags: number, optional: number): EncodedRule => ruleOf(rule, [
  rule.mountPoint === null ? anyOr(rule.device, CLASS) : anyOr(rule.mountPoint, CLASS), ANYTHING, ANYTHING,
  flagText(flags & REMOUNT_FLAGS, optional & REMOUNT_FLAGS),
])

const encodeSourced = (rule: MountRule, mask: number, flags: number, optional: number): EncodedRule => ruleOf(rule, [
  anyOr(rule.mountPoint, CLASS), sourceText(rule.device), ANYTHING, flagText(flags & mask, optional & mask),
])

const encodeMake = (rule: MountRule, flags: number, optional: number): EncodedRule => {
  if (flags !== 0 && flags !== ALL_FLAGS && rule.device !== null && rule.mountPoint !== null) {
    throw new ProfileError('bad-condition', 'a change of propagation has a mount point and no source', rule.place)
  }
  const point = rule.mountPoint ?? rule.device
  return ruleOf(rule, [anyOr(point, CLASS), ANYTHING, ANYTHING, flagText(flags & MAKE_FLAGS, optional & MAKE_FLAGS)])
}

const encodeNew = (rule: MountRule, flags: number, optional: number): EncodedRule => ruleOf(rule, [
  anyOr(rule.mountPoint, CLASS), sourceText(rule.device), typesText(rule.fsTypes),
  flagText(flags & NEW_FLAGS, optional & NEW_FLAGS),
])

/** A rule without flags means every kind of call that its other conditions leave open. */
const encodeAnyCall = (rule: MountRule, flags: number, optional: number): EncodedRule[] => {
  const rules: EncodedRule[] = []
  if (rule.fsTypes === null) {
    if (rule.device === null) rules.push(encodeRemount(rule, flags, optional))
    rules.push(encodeSourced(rule, BIND_FLAGS, flags, optional))
    if (rule.device === null || rule.mountPoint === null) rules.push(encodeMake(rule, flags, optional))
    rules.push(encodeSourced(rule, MOVE_FLAGS, flags, optional))
  }
  return [...rules, encodeNew(rule, flags, optional)]
}

const encodeFlags = (rule: MountRule, flags: number, optional: number): EncodedRule[] => {
  if ((rule.perms & MOUNT) === 0) return []
  if (flags === 0 || flags === ALL_FLAGS) return encodeAnyCall(rule, flags, optional)
  const plain = rule.fsTypes === null
  if ((flags & MS_REMOUNT) !== 0 && rule.device === null && plain) return [encodeRemount(rule, flags, optional)]
  if ((flags & MS_BIND) !== 0 && plain) return [encodeSourced(rule, BIND_FLAGS, flags, optional)]
  if ((flags & MAKE_COMMANDS) !== 0 && plain && (rule.device === null || rule.mountPoint === null)) {
    return [encodeMake(rule, flags, optional)]
  }
  if ((flags & MS_MOVE) !== 0 && plain) return [encodeSourced(rule, MOVE_FLAGS, flags, optional)]
  return ((flags | optional) & ~COMMANDS) === 0 ? [] : [encodeNew(rule, flags, optional)]
}

/** Throws `GlobError`, and `ProfileError` for a rule that means nothing. */
export const encodeMount = (rule: MountRule): EncodedRule[] => {
  const rules = rule.flags.flatMap(
    (flags) => rule.optionalFlags.flatMap((optional) => encodeFlags(rule, flags, optional)),
  )
  if ((rule.perms & UMOUNT) !== 0) rules.push(ruleOf(rule, [anyOr(rule.mountPoint, CLASS)]))
  if ((rule.perms & PIVOT_ROOT) !== 0) rules.push(ruleOf(rule, [anyOr(rule.mountPoint, CLASS), anyOr(rule.device)]))
  if (rules.length > 0) return rules
  throw new ProfileError('bad-condition', 'no call of mount can match all conditions of the rule', rule.place)
}
