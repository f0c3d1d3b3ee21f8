/** Texts of profiles, and places in them. A text is a string of bytes: one character (U+0000 to U+00FF) a byte. */
import { oneLine } from '@lsmkit/abi'
import { bytesName } from '../name.ts'

/** Bytes as the compiler handles text. */
export const byteString = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}

/** A byte string as people read it, and as the rest of lsmkit has names. */
export const nameOf = (text: string): string =>
  bytesName(Uint8Array.from(text, (character) => character.charCodeAt(0)))

/** Text of a program as a byte string. */
export const fromName = (name: string): string => byteString(new TextEncoder().encode(name))

/** One file. */
export class SourceText {
  /** The file's path as it was opened. */
  readonly file: string
  readonly text: string
  #lineStarts: number[] | null = null

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
  }

  static of(file: string, bytes: Uint8Array): SourceText {
    return new SourceText(file, byteString(bytes))
  }

  /** Line from 1. */
  lineAt(offset: number): number {
    const starts = this.#starts()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }

  lineStart(line: number): number {
    return this.#starts()[line - 1]!
  }

  lineText(line: number): string {
    const start = this.lineStart(line)
    const end = this.text.indexOf('\n', start)
    return this.text.slice(start, end < 0 ? undefined : end)
  }

  #starts(): number[] {
    if (this.#lineStarts !== null) return this.#lineStarts
    const starts = [0]
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
    return this.#lineStarts = starts
  }
}

/** Where something stands; line and column are worked out when somebody asks. */
export class Place {
  readonly source: SourceText
  readonly offset: number

  constructor(source: SourceText, offset: number) {
    this.source = source
    this.offset = offset
  }

  get file(): string {
    return this.source.file
  }

  /** From 1. */
  get line(): number {
    return this.source.lineAt(this.offset)
  }

  /** From 1, in bytes. */
  get column(): number {
    return this.offset - this.source.lineStart(this.line) + 1
  }

  get excerpt(): string {
    return nameOf(this.source.lineText(this.line))
  }

  toString(): string {
    return oneLine(`${this.file}:${this.line}:${this.column}`)
  }
}
