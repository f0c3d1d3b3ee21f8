/**
 * Permissions of file rules: letters to bits. A rule has 14 bits for the owner of a file and the same 14 higher for
 * others.
 */
import { ownValue } from '@lsmkit/abi'
import { ProfileError } from './errors.ts'
import type { Place } from './place.ts'

export const FILE_EXEC = 0x1
export const FILE_WRITE = 0x2
export const FILE_READ = 0x4
export const FILE_APPEND = 0x8
export const FILE_LINK = 0x10
export const FILE_LOCK = 0x20
export const FILE_MMAP = 0x40
/** Falls back to unconfined when there is no profile to change to. */
export const EXEC_FALLBACK_UNCONFINED = 0x80
/** The environment is left unchanged. */
export const EXEC_UNSAFE = 0x100
export const EXEC_INHERIT = 0x200
/** Four bits: 1 unconfined, 2 by name, 3 by name among children, from 4 an index into the table of targets. */
export const EXEC_TARGET_SHIFT = 10
const EXEC_TARGET = 0xf << EXEC_TARGET_SHIFT
const TO_UNCONFINED = 1 << EXEC_TARGET_SHIFT
const TO_PROFILE = 2 << EXEC_TARGET_SHIFT
const TO_CHILD = 3 << EXEC_TARGET_SHIFT
const EXEC_TYPE = 0x3f80
const ONE_SIDE = 0x3fff
const OTHERS = 14

export const onBothSides = (bits: number): number => (bits | bits << OTHERS) >>> 0

export const CHANGE_PROFILE = 0x80000000
export const ONEXEC = 0x40000000
export const OWNER_BITS = ONE_SIDE
export const OTHER_BITS = (ONE_SIDE << OTHERS) >>> 0
/** The permission to execute, for the owner and for others. */
export const EXEC_BITS = onBothSides(FILE_EXEC)
export const LINK_BITS = onBothSides(FILE_LINK)
export const UNSAFE_BITS = onBothSides(EXEC_UNSAFE)
export const EXEC_TYPE_BITS = onBothSides(EXEC_TYPE)
export const EXEC_TARGET_BITS = onBothSides(EXEC_TARGET)
export const CHILD_TARGET = onBothSides(TO_CHILD)
export const INHERIT_BITS = onBothSides(EXEC_INHERIT)
/** The permissions of `file,`: everything, programs under the same profile. */
export const ALL_FILE_PERMS = onBothSides(0x7f | EXEC_INHERIT)
/** Everything except executing. */
export const ALL_BUT_EXEC = 0x7e

const PLAIN: Readonly<Record<string, number>> = { r: FILE_READ, l: FILE_LINK, k: FILE_LOCK, m: FILE_MMAP, x: FILE_EXEC }
const TARGETS: Readonly<Record<string, number>> = { u: TO_UNCONFINED, p: TO_PROFILE, c: TO_CHILD }

/** Whether the bits execute in another way than `bits`. */
const executesOtherwise = (perms: number, bits: number): boolean =>
  (perms & FILE_EXEC) !== 0 && (perms & EXEC_TYPE) !== (bits & EXEC_TYPE)

interface Word {
  readonly bits: number
  readonly length: number
}

/** A word for executing that begins at `at`: `ix`, `Px`, `cux`, …; null where none begins. */
const execWord = (text: string, at: number): Word | null => {
  const letter = text[at]!
  const lower = letter.toLowerCase()
  if (lower === 'i') return { bits: EXEC_INHERIT | FILE_EXEC, length: 2 }
  const target = Object.hasOwn(TARGETS, lower) ? TARGETS[lower]! : undefined
  if (target === undefined) return null
  const bits = target | FILE_EXEC | (letter === lower ? EXEC_UNSAFE : 0)
  if (lower === 'u') return { bits, length: 2 }
  const second = text[at + 1]?.toLowerCase()
  if (second === 'i') return { bits: bits | EXEC_INHERIT, length: 3 }
  if (second === 'u') return { bits: bits | EXEC_FALLBACK_UNCONFINED, length: 3 }
  return { bits, length: 2 }
}

const addExec = (perms: number, word: string, bits: number, place: Place): number => {
  const conflicts = (bits & EXEC_TARGET) === 0 ? (perms & EXEC_TARGET) !== 0 : executesOtherwise(perms, bits)
  if (conflicts) {
    throw new ProfileError('bad-permissions', `\`${word}\` conflicts with another way to execute in the rule`, place)
  }
  return perms | bits
}

const addWrite = (perms: number, append: boolean, place: Place): number => {
  const conflicts = append ? (perms & FILE_WRITE) !== 0 : (perms & FILE_APPEND) !== 0 && (perms & FILE_WRITE) === 0
  if (conflicts) {
    throw new ProfileError(
      'bad-permissions', '`a` and `w` exclude each other', place, { hint: '`w` allows to append too' },
    )
  }
  return perms | FILE_APPEND | (append ? 0 : FILE_WRITE)
}

/** The bits of a word such as `rwk` or `mrPx`, on both sides. */
export const parseFilePerms = (text: string, place: Place): number => {
  let perms = 0
  for (let at = 0; at < text.length;) {
    const word = execWord(text, at)
    if (word !== null) {
      perms = addExec(perms, text.slice(at, at + word.length), word.bits, place)
      at += word.length
      continue
    }
    const letter = text[at++]!.toLowerCase()
    if (letter === 'w' || letter === 'a') perms = addWrite(perms, letter === 'a', place)
    else perms |= ownValue(PLAIN, letter)!
  }
  return onBothSides(perms)
}
