/** Parts of a file, and how many of them a command has to see. */
import { joinedBytes } from '@lsmkit/abi'

/** Bytes that are read or written at once. */
export const PIECE = 2 ** 20

export const joined = (pieces: readonly Uint8Array[]): Uint8Array =>
  (pieces.length === 1 ? pieces[0]! : joinedBytes(pieces))

/** Follows a file as it is read. */
export interface Enough {
  /** Bytes to ask for at first. */
  readonly first: number
  /** Whether nothing more has to be read after this piece. */
  takes(piece: Uint8Array): boolean
}

const NEWLINE = 10
/** For some lines: a piece is for the rest. */
const LINES_FIRST = 65536

const enoughBytes = (most: number): Enough => {
  let seen = 0
  return { first: Math.max(1, most), takes: ({ length }) => (seen += length) >= most }
}

const enoughLines = (most: number): Enough => {
  let seen = 0
  return {
    first: LINES_FIRST,
    takes: (piece) => {
      for (let at = piece.indexOf(NEWLINE); at >= 0 && seen < most; at = piece.indexOf(NEWLINE, at + 1)) seen++
      return seen >= most
    },
  }
}

const COUNT = /^\d{1,15}$/

/**
 * How much of each file `head` prints, by its arguments; null if that is everything up to an offset from the end
 * (`-n -5`), or if the arguments are not valid for head.
 */
export const enoughForHead = (args: readonly string[]): (() => Enough) | null => {
  let [unit, count]: ['bytes' | 'lines', number] = ['lines', 10]
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--') break
    if (!arg.startsWith('-') || arg === '-') continue
    const [, short, long, obsolete] = /^(?:-(?:[qvz]*)([cn].*)|--(bytes|lines)(?:=.*)?|-(\d+))$/.exec(arg) ?? []
    if (obsolete !== undefined) {
      [unit, count] = ['lines', Number(obsolete)]
      continue
    }
    const name = short?.[0] ?? long?.[0]
    if (name === undefined) {
      if (/^-(?:[qv]+|-quiet|-silent|-verbose)$/.test(arg)) continue
      return null
    }
    const joinedValue = short === undefined ? arg.split('=')[1] : short.slice(1) || undefined
    const value = joinedValue ?? args[++i] ?? ''
    if (!COUNT.test(value)) return null
    ;[unit, count] = [name === 'c' || name === 'b' ? 'bytes' : 'lines', Number(value)]
  }
  return () => (unit === 'bytes' ? enoughBytes(count) : enoughLines(count))
}
