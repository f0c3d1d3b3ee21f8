/** The rules of a state put together, one after the other: priorities, denials, prompts, rules without wildcards. */
import { ALL_EXEC_TYPES, execConflicts, sides } from './mark.ts'
import type { Mark } from './mark.ts'

const LOWEST = -2000

/** Permissions being put together; `priorities` has the priority that decided each bit. */
export class Merge {
  allow = 0
  deny = 0
  prompt = 0
  audit = 0
  quiet = 0
  /** The part that rules without wildcards give. */
  exactAllow = 0
  exactAudit = 0
  readonly priorities = new Int16Array(32).fill(LOWEST)

  clear(bits: number): void {
    for (const field of ['allow', 'deny', 'prompt', 'audit', 'quiet', 'exactAllow', 'exactAudit'] as const) {
      this[field] &= ~bits
    }
  }
}

/**
 * The exec bits that go with permission bit `bit` of a file rule, or -1 when another bit of the rule takes care of this
 * one.
 */
const companions = (merge: Merge, mark: Mark, bit: number): number => {
  for (const { exec, type, inherit, mmap, mmapBit } of sides) {
    const inherits = (mark.perms & inherit) !== 0
    if (bit === mmap && inherits) return -1
    if (bit !== exec) continue
    if (!inherits) return type
    merge.priorities[mmapBit] = Math.max(merge.priorities[mmapBit]!, mark.priority)
    return type | mmap
  }
  return 0
}

/** False when the rule executes in a way that conflicts with another of its rank. */
const addBit = (merge: Merge, mark: Mark, bit: number, isFile: boolean): boolean => {
  const index = 31 - Math.clz32(bit)
  if (merge.priorities[index]! > mark.priority) return true
  const extra = isFile ? companions(merge, mark, bit) : 0
  if (extra < 0) return true
  const all = bit | extra
  if (merge.priorities[index]! < mark.priority) {
    merge.priorities[index] = mark.priority
    merge.clear(all)
  }
  const perms = mark.perms & all
  const audit = mark.audit & all
  if (mark.mode === 'deny') {
    merge.deny |= perms
    merge.quiet |= audit
    // What is only kept quiet is not denied.
    if (perms === 0) return true
    merge.allow &= ~all
    merge.audit &= ~all
    merge.prompt &= ~all
    return true
  }
  if (mark.mode === 'prompt') return addPrompt(merge, mark, bit, all, isFile)
  return mark.exact ? addExact(merge, perms, audit, extra, isFile) : addPattern(merge, mark, bit, all, isFile)
}

const addExact = (merge: Merge, perms: number, audit: number, extra: number, isFile: boolean): boolean => {
  if (isFile && execConflicts(merge.exactAllow, perms)) return false
  merge.exactAllow |= perms
  merge.exactAudit |= audit
  merge.allow = merge.allow & ~extra | perms
  merge.audit = merge.audit & ~extra | audit
  merge.prompt &= ~extra
  return true
}

const addPattern = (merge: Merge, mark: Mark, bit: number, all: number, isFile: boolean): boolean => {
  if (isFile && (merge.exactAllow & bit) === 0 && execConflicts(merge.allow, mark.perms & all)) return false
  const mask = ((merge.exactAllow | merge.exactAudit) & bit) !== 0 ? bit : all
  merge.allow |= mark.perms & mask
  merge.audit |= mark.audit & mask
  return true
}

const addPrompt = (merge: Merge, mark: Mark, bit: number, all: number, isFile: boolean): boolean => {
  const said = merge.exactAllow | merge.allow
  if (isFile && (said & bit) === 0 && execConflicts(merge.allow, mark.perms & all)) return false
  const mask = ((said | merge.exactAudit | merge.audit) & bit) !== 0 ? bit : all
  merge.prompt |= mark.perms & mask
  merge.audit |= mark.audit & mask
  return true
}

/** The permissions of all, or the mark that conflicts with one before it. */
export const mergeInOrder = (marks: readonly Mark[], isFile: boolean): Merge | Mark => {
  const merge = new Merge()
  for (const mark of marks) {
    let left = mark.perms | mark.audit
    if (isFile) left &= ~ALL_EXEC_TYPES
    for (; left !== 0; left &= left - 1) {
      if (!addBit(merge, mark, left & -left, isFile)) return mark
    }
  }
  merge.allow &= ~merge.deny
  merge.prompt &= ~merge.deny
  return merge
}
