/** Access modes: the kernel's MAY_* bits, three of Smack's own, and their letters. */
import { MAY_APPEND, MAY_EXEC, MAY_READ, MAY_WRITE } from '@lsmkit/abi'

/** `t`: what is made in a directory takes the directory's label. */
export const MAY_TRANSMUTE = 0x1000
/** `l`: file locks. A rule with `w` has it. */
export const MAY_LOCK = 0x2000
/** `b`: the rule is on trial, and its use is reported. */
export const MAY_BRINGUP = 0x4000

export const MAY_READWRITE = MAY_READ | MAY_WRITE
export const MAY_ANYREAD = MAY_READ | MAY_EXEC

/** Letters in the kernel's order. */
export const modeLetters: readonly (readonly [letter: string, bit: number])[] = [
  ['r', MAY_READ], ['w', MAY_WRITE], ['x', MAY_EXEC], ['a', MAY_APPEND], ['t', MAY_TRANSMUTE], ['l', MAY_LOCK],
  ['b', MAY_BRINGUP],
]

export const ALL_MODES = modeLetters.reduce((modes, [, bit]) => modes | bit, 0)

/** By the code of a letter, 0 for what is none. */
const bitOf = Array<number>(128).fill(0)
for (const [letter, bit] of modeLetters)
  for (const one of [letter, letter.toUpperCase()]) bitOf[one.charCodeAt(0)] = bit
const MINUS = 0x2d

/**
 * As `smk_perm_from_str`: letters in either case, `-` for nothing. Any other character ends the modes without an error,
 * as does the end of the text.
 */
export const parseModes = (text: string, at = 0): number => {
  let modes = 0
  for (let i = at; ; i++) {
    const code = text.charCodeAt(i)
    if (code === MINUS) continue
    const bit = bitOf[code]
    if (bit === undefined || bit === 0) return modes
    modes |= bit
  }
}

/** `rwxatlb`, '' when there are none. */
export const modesText = (modes: number): string => {
  let text = ''
  for (const [letter, bit] of modeLetters) if ((modes & bit) !== 0) text += letter
  return text
}
