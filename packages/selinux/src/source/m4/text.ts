/** Text that knows where each part of it was written, and which macro calls brought it where it is. */
import { NOWHERE } from '../files.ts'

/**
 * Marks are triples: an offset in the text, the place of the character there, and the call that wrote it. The
 * characters after it follow on until the next mark; those of a `fixed` place all have that one. Offsets rise from 0.
 */
export interface Text {
  readonly text: string
  readonly marks: readonly number[]
}

/** Where a macro is called: the place of its name, and the call that wrote the name. */
export interface CallSite {
  readonly position: number
  readonly call: number
}

export const emptyText: Text = { text: '', marks: [] }

const FIRST_FIXED = NOWHERE - 1

/** One place for a text that no file has word for word. */
const fixed = (position: number): number => (position < 0 ? position : FIRST_FIXED - position)
const isFixed = (mark: number): boolean => mark < 0

const placed = (mark: number, offset: number): number => (isFixed(mark) ? mark : mark + offset)

/** Text that a call makes, all of it from one place. */
export const madeText = (text: string, position: number, call: number): Text =>
  text === '' ? emptyText : { text, marks: [0, fixed(position), call] }

/** Text as one file has it. */
export const fileText = (text: string, start: number): Text => ({ text, marks: [0, start, 0] })

/** The index of the mark that `offset` falls under. */
const markAt = (marks: readonly number[], offset: number): number => {
  let [low, high] = [0, marks.length / 3 - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (marks[middle * 3]! <= offset) low = middle
    else high = middle - 1
  }
  return low * 3
}

export const positionAt = ({ marks }: Text, offset: number): number => {
  if (marks.length === 0) return NOWHERE
  const at = markAt(marks, offset)
  const mark = placed(marks[at + 1]!, offset - marks[at]!)
  return mark < NOWHERE ? FIRST_FIXED - mark : mark
}

export const callAt = ({ marks }: Text, offset: number): number =>
  marks.length === 0 ? 0 : marks[markAt(marks, offset) + 2]!

/** Joins pieces of texts, with their marks. */
export class TextBuilder {
  text = ''
  readonly marks: number[] = []

  /** Keeps the calls of the marks. */
  append(source: Text, from: number, to: number): void {
    this.#append(source, from, to, -1)
  }

  /** All of it was written by `call`. */
  appendAs(source: Text, from: number, to: number, call: number): void {
    this.#append(source, from, to, call)
  }

  #append({ text, marks }: Text, from: number, to: number, call: number): void {
    if (from >= to) return
    const length = marks.length
    const base = this.text.length - from
    for (let at = length > 3 ? markAt(marks, from) : 0; at < length && marks[at]! < to; at += 3) {
      const offset = marks[at]! < from ? from : marks[at]!
      this.#mark(base + offset, placed(marks[at + 1]!, offset - marks[at]!), call < 0 ? marks[at + 2]! : call)
    }
    this.text += from === 0 && to === text.length ? text : text.slice(from, to)
  }

  #mark(offset: number, position: number, call: number): void {
    const { marks } = this
    const last = marks.length - 3
    if (last >= 0) {
      const from = marks[last + 1]!
      if (marks[last + 2] === call && placed(from, offset - marks[last]!) === position) return
      if (marks[last] === offset) {
        marks[last + 1] = position
        marks[last + 2] = call
        return
      }
    }
    marks.push(offset, position, call)
  }

  done(): Text {
    return { text: this.text, marks: this.marks }
  }
}
