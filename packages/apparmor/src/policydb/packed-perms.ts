/** The older form: permissions inside the accept words of an automaton, and what they mean (policy_compat.c). */
import {
  AA_EXEC_MMAP, AA_LINK_SUBSET, AA_MAY_CHANGE_PROFILE, AA_MAY_CHMOD, AA_MAY_CHOWN, AA_MAY_CREATE, AA_MAY_DELETE,
  AA_MAY_GETATTR, AA_MAY_LINK, AA_MAY_LOCK, AA_MAY_ONEXEC, AA_MAY_OPEN, AA_MAY_READ, AA_MAY_SETATTR, AA_MAY_WRITE,
  AA_X_CHILD, AA_X_INHERIT, AA_X_NAME, AA_X_TABLE, AA_X_UNCONFINED, AA_X_UNSAFE,
} from '../perms.ts'

/** Seven bits for the owner, seven for exec, and the same again for others. */
const SET = 0x7f
const EXEC_SHIFT = 7
const OTHER_SHIFT = 14
const EXEC_SET = 0x3fff
const CHANGE_PROFILE = 0x80000000
const ONEXEC = 0x40000000

/** The numbers below are kinds of targets; those from it on index the table of targets. */
export const FIRST_TARGET = 4

/** The 14 bits of a side that hold exec bits and target. */
export const ownerExec = (word: number): number => word & EXEC_SET
export const otherExec = (word: number): number => (word >>> OTHER_SHIFT) & EXEC_SET
export const targetNumber = (exec: number): number => (exec >>> 10) & 0xf

const kindsOfTarget = [0, AA_X_UNCONFINED, AA_X_NAME, AA_X_NAME | AA_X_CHILD]

/** As `dfa_map_xindex`: 0x80, 0x100 and 0x200 are fallback to unconfined, unsafe, inherit. Unsigned. */
const execIndex = (exec: number): number => {
  const number = targetNumber(exec)
  return ((exec & 0x100 ? AA_X_UNSAFE : 0) | (exec & 0x200 ? AA_X_INHERIT : 0) | (exec & 0x80 ? AA_X_UNCONFINED : 0) |
    (kindsOfTarget[number] ?? (AA_X_TABLE | (number - FIRST_TARGET)))) >>> 0
}

const READ_TOO = AA_MAY_GETATTR | AA_MAY_OPEN
const WRITE_TOO = AA_MAY_SETATTR | AA_MAY_CREATE | AA_MAY_DELETE | AA_MAY_CHMOD | AA_MAY_CHOWN | AA_MAY_OPEN

/** As `map_old_perms`, of seven bits: x w r a, link, lock, exec by mmap. */
const widen = (old: number): number =>
  (old & 0xf) | (old & AA_MAY_READ ? READ_TOO : 0) | (old & AA_MAY_WRITE ? WRITE_TOO : 0) |
  (old & 0x10 ? AA_MAY_LINK : 0) | (old & 0x20 ? AA_MAY_LOCK | AA_LINK_SUBSET : 0) | (old & 0x40 ? AA_EXEC_MMAP : 0)

/** Allow, audit, quiet and exec index of a state, for one side. */
export interface PackedEntry {
  allow: number
  audit: number
  quiet: number
  xindex: number
}

/** Each of the 128 sets, widened. */
const widened = Uint32Array.from({ length: SET + 1 }, (_, set) => widen(set))

/** As `compute_fperms_user` and `_other`. Attributes may be read in every state, the dead one included. */
export const fileEntry = (word: number, word2: number, other: boolean): PackedEntry => {
  const shift = other ? OTHER_SHIFT : 0
  const change = (word & CHANGE_PROFILE ? AA_MAY_CHANGE_PROFILE : 0) | (word & ONEXEC ? AA_MAY_ONEXEC : 0)
  return {
    allow: (widened[(word >>> shift) & SET]! | AA_MAY_GETATTR | change) >>> 0,
    audit: widened[(word2 >>> shift) & SET]!,
    quiet: widened[(word2 >>> (shift + EXEC_SHIFT)) & SET]!,
    xindex: execIndex((word >>> shift) & EXEC_SET),
  }
}

/** As `map_other`: the second set extends the first. */
const mapOther = (set: number): number => ((set & 0x3) << 8) | ((set & 0x1c) << 18) | ((set & 0x60) << 19)

/** As `map_xbits`: since version 9 the exec bits extend it further. */
const mapExec = (set: number): number => ((set & 0x1) << 7) | ((set & 0x7e) << 9)

/** The first version whose compilers know that exec bits are others here. */
const EXEC_BITS_VERSION = 9

/**
 * As `compute_perms_entry`. In version 9 quiet bits come from the accept word where audit bits come from the second
 * one: so it is in the kernel. Before, everything may be locked.
 */
export const ruleEntry = (word: number, word2: number, version: number): PackedEntry => {
  const isNew = version >= EXEC_BITS_VERSION
  const others = (word >>> OTHER_SHIFT) & SET
  const quietExec = mapExec((word >>> (OTHER_SHIFT + EXEC_SHIFT)) & SET)
  return {
    allow: ((word & (SET | CHANGE_PROFILE)) | mapOther(others) |
      (isNew ? mapExec((word >>> EXEC_SHIFT) & SET) : AA_MAY_LOCK)) >>> 0,
    audit: ((word2 & SET) | mapOther((word2 >>> OTHER_SHIFT) & SET)) >>> 0,
    quiet: (((word2 >>> EXEC_SHIFT) & SET) | mapOther((word2 >>> (OTHER_SHIFT + EXEC_SHIFT)) & SET) |
      (isNew ? quietExec : 0)) >>> 0,
    xindex: 0,
  }
}

/** As `compute_xmatch_perms`. */
export const matchEntry = (word: number): PackedEntry =>
  ({ allow: (word & (SET | CHANGE_PROFILE)) >>> 0, audit: 0, quiet: 0, xindex: 0 })
