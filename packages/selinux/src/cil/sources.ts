/** The files of one policy laid end to end, so that a place in any of them is one number. */

/** A CIL file: its name is for messages, its text may be bytes. */
export interface CilSource {
  readonly name: string
  readonly text: string | Uint8Array
}

/** A place as people read it: lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The line itself, without its end. */
  readonly excerpt: string
  /** The source line from which a compiler made this line, according to `;;* lms` or `lmx`. */
  readonly origin?: { readonly file: string; readonly line: number }
}

const NEWLINE = 0x0a
const LONGEST_EXCERPT = 200
/** Bytes that a character of an excerpt may take. */
const WIDEST = 4

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** `;;* lms LINE FILE` (the lines that follow count on), `;;* lmx LINE FILE` (they are all that one), `;;* lme`. */
interface LineMark {
  /** The line it stands on, from 0. */
  readonly at: number
  readonly kind: string
  readonly line: number
  readonly file: string
}

const lineStarts = (bytes: Uint8Array): number[] => {
  const starts = [0]
  for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) starts.push(i + 1)
  return starts
}

/** The last of `length` places for which `isUpTo` holds; it holds for the first, and up to some place. */
const lastUpTo = (length: number, isUpTo: (at: number) => boolean): number => {
  let [low, high] = [0, length - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (isUpTo(middle)) low = middle
    else high = middle - 1
  }
  return low
}

const MARK = [0x3b, 0x3b, 0x2a]

/** What lines from `from` on (from 0) were made of; null where no mark is open. */
interface Origin {
  readonly from: number
  readonly mark: LineMark | null
}

/** Every change of the innermost open mark, in the order of the lines. */
const originsOf = (bytes: Uint8Array, lines: readonly number[]): Origin[] => {
  const origins: Origin[] = [{ from: 0, mark: null }]
  const open: LineMark[] = []
  lines.forEach((start, at) => {
    if (!MARK.every((byte, i) => bytes[start + i] === byte)) return
    const text = decoder.decode(bytes.subarray(start, (lines[at + 1] ?? bytes.length + 1) - 1))
    const [, kind = '', line = '', file = ''] = text.split(/[ \t]+/)
    if (kind === 'lme') open.pop()
    else open.push({ at, kind, line: Number(line), file })
    origins.push({ from: at + 1, mark: open.at(-1) ?? null })
  })
  return origins
}

const originAt = (origins: readonly Origin[], line: number): { file: string; line: number } | null => {
  const { mark } = origins[lastUpTo(origins.length, (i) => origins[i]!.from <= line)]!
  if (mark === null) return null
  return { file: mark.file, line: mark.line + (mark.kind === 'lms' ? line - mark.at - 1 : 0) }
}

export class Sources {
  readonly names: string[] = []
  readonly bytes: Uint8Array[] = []
  /** Where each file begins; one entry more than files. */
  readonly starts: number[] = [0]
  /** By file, once a place in it was asked for: where lines begin, and what they were made of. */
  readonly #lines: number[][] = []
  readonly #origins: Origin[][] = []

  constructor(files: readonly CilSource[]) {
    for (const { name, text } of files) {
      const bytes = typeof text === 'string' ? encoder.encode(text) : text
      this.names.push(name)
      this.bytes.push(bytes)
      this.starts.push(this.size + bytes.length + 1)
    }
  }

  /** Bytes of all files, and one for the end of each. */
  get size(): number {
    return this.starts.at(-1)!
  }

  /** Costs no more where files, lines and marks are many, and keeps nothing of a long line but its beginning. */
  placeOf(position: number): Place {
    const file = lastUpTo(Math.max(1, this.names.length), (at) => this.starts[at]! <= position)
    const bytes = this.bytes[file] ?? new Uint8Array()
    const offset = Math.min(position - this.starts[file]!, bytes.length)
    const lines = (this.#lines[file] ??= lineStarts(bytes))
    const line = lastUpTo(lines.length, (at) => lines[at]! <= offset)
    const start = lines[line]!
    const end = Math.min((lines[line + 1] ?? bytes.length + 1) - 1, start + LONGEST_EXCERPT * WIDEST)
    const origin = originAt((this.#origins[file] ??= originsOf(bytes, lines)), line)
    return {
      file: this.names[file] ?? '', line: line + 1, column: offset - start + 1,
      excerpt: decoder.decode(bytes.subarray(start, end)).slice(0, LONGEST_EXCERPT),
      ...(origin === null ? {} : { origin }),
    }
  }
}
