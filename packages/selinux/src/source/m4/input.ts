/** The texts that wait to be read, the last one first: files, and what macros gave back. */
import { callAt, positionAt, TextBuilder } from './text.ts'
import type { CallSite, Text } from './text.ts'

export interface Block {
  readonly source: Text
  at: number
}

export const isLetter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f
export const isWordCode = (code: number): boolean => isLetter(code) || (code >= 0x30 && code <= 0x39)
export const isBlank = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d)

export const END = -1

export const wordEnd = (text: string, from: number): number => {
  let end = from
  while (end < text.length && isWordCode(text.charCodeAt(end))) end++
  return end
}

export class Input {
  readonly #blocks: Block[] = []

  get size(): number {
    return this.#blocks.length
  }

  push(source: Text): void {
    this.#blocks.push({ source, at: 0 })
  }

  /** The text that is read on; null at the end of all. */
  top(): Block | null {
    const blocks = this.#blocks
    for (;;) {
      const block = blocks.at(-1)
      if (block === undefined) return null
      if (block.at < block.source.text.length) return block
      blocks.pop()
    }
  }

  /** The next character, which stays. */
  peek(): number {
    const block = this.top()
    return block === null ? END : block.source.text.charCodeAt(block.at)
  }

  here(): CallSite {
    const block = this.top()
    if (block === null) return { position: -1, call: 0 }
    return { position: positionAt(block.source, block.at), call: callAt(block.source, block.at) }
  }

  skipBlanks(): void {
    for (let block = this.top(); block !== null; block = this.top()) {
      const { text } = block.source
      while (block.at < text.length && isBlank(text.charCodeAt(block.at))) block.at++
      if (block.at < text.length) return
    }
  }

  skipLine(): void {
    for (let block = this.top(); block !== null; block = this.top()) {
      const end = block.source.text.indexOf('\n', block.at)
      block.at = end < 0 ? block.source.text.length : end + 1
      if (end >= 0) return
    }
  }

  /** Of a word that its text ended with: the whole of it, if the next text goes on with it; else null. */
  joinedWord(block: Block, from: number): Text | null {
    let builder: TextBuilder | null = null
    for (let next = this.top(); next !== null; next = this.top()) {
      const end = wordEnd(next.source.text, next.at)
      if (end === next.at) break
      if (builder === null) {
        builder = new TextBuilder()
        builder.append(block.source, from, block.source.text.length)
      }
      builder.append(next.source, next.at, end)
      next.at = end
      if (end < next.source.text.length) break
    }
    return builder?.done() ?? null
  }

  /** True where what follows, in whatever text, begins with `word`; it is passed over then. */
  accept(word: string): boolean {
    const block = this.top()
    if (block === null) return false
    if (block.source.text.startsWith(word, block.at)) {
      block.at += word.length
      return true
    }
    return false
  }
}
