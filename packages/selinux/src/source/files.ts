/** The files that a policy is written in, laid end to end, so that a place in any of them is one number. */
import { aString, optionsOf, required } from '@lsmkit/core/option-rules'
import type { Place } from '../cil/sources.ts'

/** A file: its name is for messages and for the kind of text (`.te`, `.if`, `.fc`, `.spt`). */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

export const sourceFileRule = optionsOf<SourceFile>({ name: required(aString), text: required(aString) })

/** Where text is from that no file has. */
export const NOWHERE = -1
const LONGEST_EXCERPT = 200

const lineStarts = (text: string): number[] => {
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}

/** The last entry of a rising list that is not above `value`; 0 where the first one is. */
export const lastUpTo = (list: readonly number[], value: number): number => {
  let [low, high] = [0, list.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (list[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}

export class Files {
  readonly #files: SourceFile[] = []
  readonly #starts: number[] = []
  readonly #lines: (readonly number[] | undefined)[] = []
  /** Files that others added before. */
  readonly #base: Files | null
  #size: number

  constructor(base: Files | null = null) {
    this.#base = base
    this.#size = base === null ? 0 : base.#size
  }

  #isBelow(position: number): boolean {
    return this.#base !== null && position < (this.#starts[0] ?? this.#size)
  }

  /** The place of the file's first character. */
  add(file: SourceFile): number {
    const start = this.#size
    this.#files.push(file)
    this.#starts.push(start)
    this.#size += file.text.length + 1
    return start
  }

  /** Null of NOWHERE. Lines and columns count from 1. */
  placeOf(position: number): Place | null {
    if (this.#isBelow(position)) return this.#base!.placeOf(position)
    if (position < 0 || this.#files.length === 0) return null
    const at = lastUpTo(this.#starts, position)
    const { name, text } = this.#files[at]!
    const offset = Math.min(position - this.#starts[at]!, text.length)
    const lines = (this.#lines[at] ??= lineStarts(text))
    const line = lastUpTo(lines, offset)
    const start = lines[line]!
    const end = Math.min((lines[line + 1] ?? text.length + 1) - 1, start + LONGEST_EXCERPT)
    return { file: name, line: line + 1, column: offset - start + 1, excerpt: text.slice(start, end) }
  }

  lineOf(position: number): number {
    return this.placeOf(position)?.line ?? 0
  }

  nameOf(position: number): string {
    if (this.#isBelow(position)) return this.#base!.nameOf(position)
    return position < 0 || this.#files.length === 0 ? '' : this.#files[lastUpTo(this.#starts, position)]!.name
  }
}
