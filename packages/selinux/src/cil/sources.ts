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
  /** What a compiler made the line from, where `;;* lms` or `lmx` says so. */
  readonly origin?: { readonly file: string; readonly line: number }
}

const NEWLINE = 0x0a
const LONGEST_EXCERPT = 200

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

/** The last of ascending numbers that is not above `most`. */
const lastUpTo = (numbers: readonly number[], most: number): number => {
  let [low, high] = [0, numbers.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (numbers[middle]! <= most) low = middle
    else high = middle - 1
  }
  return low
}

const MARK = [0x3b, 0x3b, 0x2a]

const lineMarks = (bytes: Uint8Array, lines: readonly number[]): LineMark[] => {
  const marks: LineMark[] = []
  lines.forEach((start, at) => {
    if (!MARK.every((byte, i) => bytes[start + i] === byte)) return
    const text = decoder.decode(bytes.subarray(start, (lines[at + 1] ?? bytes.length + 1) - 1))
    const [, kind = '', line = '', file = ''] = text.split(/[ \t]+/)
    marks.push({ at, kind, line: Number(line), file })
  })
  return marks
}

/** The innermost mark that is open on a line. */
const originOf = (marks: readonly LineMark[], line: number): { file: string; line: number } | null => {
  const open: LineMark[] = []
  for (const mark of marks) {
    if (mark.at >= line) break
    if (mark.kind === 'lme') open.pop()
    else open.push(mark)
  }
  const mark = open.at(-1)
  if (mark === undefined) return null
  return { file: mark.file, line: mark.line + (mark.kind === 'lms' ? line - mark.at - 1 : 0) }
}

export class Sources {
  readonly names: string[] = []
  readonly bytes: Uint8Array[] = []
  /** Where each file begins; one entry more than files. */
  readonly starts: number[] = [0]
  /** By file, once a place in it was asked for: where lines begin, and the marks between them. */
  private readonly lines: number[][] = []
  private readonly marks: LineMark[][] = []

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

  placeOf(position: number): Place {
    let file = 0
    while (file + 1 < this.names.length && this.starts[file + 1]! <= position) file++
    const bytes = this.bytes[file] ?? new Uint8Array()
    const offset = Math.min(position - this.starts[file]!, bytes.length)
    const lines = (this.lines[file] ??= lineStarts(bytes))
    const line = lastUpTo(lines, offset)
    const start = lines[line]!
    const end = bytes.indexOf(NEWLINE, start)
    const text = decoder.decode(bytes.subarray(start, end < 0 ? bytes.length : end))
    const origin = originOf((this.marks[file] ??= lineMarks(bytes, lines)), line)
    return {
      file: this.names[file] ?? '', line: line + 1, column: offset - start + 1, excerpt: text.slice(0, LONGEST_EXCERPT),
      ...(origin === null ? {} : { origin }),
    }
  }
}
