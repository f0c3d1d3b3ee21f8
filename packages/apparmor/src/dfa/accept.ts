/**
 * The permissions of a state, from the rules that match in it. Permissions are in the words that rules are written in:
 * for files 14 bits for the owner of a file, 14 for others; elsewhere one bit a permission.
 */

export type RuleMode = 'allow' | 'deny' | 'prompt'

/** The effect of a rule on the strings that it matches. Rules that say the same share one. */
export interface Mark {
  readonly priority: number
  readonly mode: RuleMode
  readonly perms: number
  /** Permissions whose use is recorded; of a denial those that are kept quiet. */
  readonly audit: number
  /** The rule has no wildcard. Its way of executing a program outranks others'. */
  readonly exact: boolean
}

export interface Accepted {
  readonly allow: number
  readonly prompt: number
  readonly audit: number
  readonly quiet: number
}

/** How a program is executed, for its owner; bits of others stand 14 higher. */
const EXEC = 0x1
const MMAP = 0x40
const INHERIT = 0x200
const EXEC_TYPE = 0x3f80
const OTHER = 14

/** One side of the exec bits: bit numbers and masks. */
interface Side {
  readonly exec: number
  readonly type: number
  readonly inherit: number
  readonly mmap: number
  readonly mmapBit: number
}

const sides: readonly Side[] = [0, OTHER].map((shift) => ({
  exec: EXEC << shift, type: EXEC_TYPE << shift, inherit: INHERIT << shift, mmap: MMAP << shift, mmapBit: 6 + shift,
}))
const ALL_EXEC_TYPES = (EXEC_TYPE | EXEC_TYPE << OTHER) >>> 0

/** Two ways to execute a program that cannot both hold. */
export const execConflicts = (a: number, b: number): boolean => sides.some(({ exec, type }) => (
  (a & exec) !== 0 && (b & exec) !== 0 && (a & type) !== (b & type)
))

const LOWEST = -2000

/** Permissions being put together; `priorities` has the priority that decided each bit. */
class Merge {
  allow = 0
  deny = 0
  prompt = 0
  audit = 0
  quiet = 0
  /** What rules without wildcards said. */
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

const mergeInOrder = (marks: readonly Mark[], isFile: boolean): Merge | Mark => {
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

const MMAP_BITS = (MMAP | MMAP << OTHER) >>> 0

/** Orders in which rules may be met that lead to all results there are: by kind of rule, each way round. */
const orders = (marks: readonly Mark[]): readonly (readonly Mark[])[] => {
  const kinds = [
    marks.filter(({ mode }) => mode === 'deny'), marks.filter(({ mode, exact }) => mode !== 'deny' && exact),
    marks.filter(({ mode, exact }) => mode !== 'deny' && !exact),
  ]
  const [a, b, c] = kinds as [Mark[], Mark[], Mark[]]
  const sorted = [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]].map((parts) => parts.flat())
  return [...sorted, ...sorted.map((order) => order.toReversed())]
}

/** Bits that come out one way or the other: of what is allowed, and of what is recorded. */
export interface OrderDependent {
  readonly allow: number
  readonly audit: number
}

const ALWAYS_THE_SAME: OrderDependent = { allow: 0, audit: 0 }

/**
 * Permissions that depend on the order in which the rules of a state are met: whether a program may be mapped, if `ix`
 * meets a denial or a rule of another way to execute. apparmor_parser 4.1 meets them in the order of their addresses in
 * memory.
 */
export const orderDependent = (marks: readonly Mark[]): OrderDependent => {
  const inherits = marks.some(
    ({ perms }) => sides.some(({ exec, inherit }) => (perms & exec) !== 0 && (perms & inherit) !== 0),
  )
  if (!inherits || marks.length === 1) return ALWAYS_THE_SAME
  const merges = orders(marks).map((order) => mergeInOrder(order, true)).filter((merged) => !('mode' in merged))
  const varying = (field: 'allow' | 'audit'): number => {
    const some = merges.reduce((bits, merged) => bits | (merged as Merge)[field], 0)
    const every = merges.reduce((bits, merged) => bits & (merged as Merge)[field], MMAP_BITS)
    return (some & ~every & MMAP_BITS) >>> 0
  }
  return { allow: varying('allow'), audit: varying('audit') }
}

/**
 * The permissions of all rules together, or the mark that conflicts with one before it. A permission that depends on
 * their order is not allowed.
 */
export const mergeMarks = (marks: readonly Mark[], isFile: boolean): Accepted | Mark => {
  const merged = mergeInOrder(marks, isFile)
  if ('mode' in merged) return merged
  const unsure = isFile ? orderDependent(marks) : ALWAYS_THE_SAME
  return {
    allow: (merged.allow & ~unsure.allow) >>> 0, prompt: merged.prompt >>> 0,
    audit: (merged.audit | unsure.audit) >>> 0,
    quiet: merged.quiet >>> 0,
  }
}
