/** Tokens to a tree, a column a field: 300,000 statements are then a few arrays, not a million objects. */
import { CilError } from './errors.ts'
import { Lexer, TOKEN_BAD, TOKEN_CLOSE, TOKEN_END, TOKEN_MARK, TOKEN_OPEN } from './lex.ts'
import { Names } from './names.ts'
import { Sources } from './sources.ts'
import type { CilSource, Place } from './sources.ts'

/**
 * Lists inside lists, and blocks, calls and optionals inside one another. libsepol takes 4096 lists; the readers here
 * recurse, and no policy comes near.
 */
export const DEEPEST = 1000
/** Positions must fit the columns. */
const BIGGEST = 1 << 30
const LIST = -1

/** Nodes in the order of the text: children follow their list, and `next` is the first node after it. */
export class Tree {
  readonly sources: Sources
  readonly names: Names
  /** The word of an atom, -1 for a list. */
  word: Int32Array
  next: Int32Array
  /** Where it begins, see `Sources`. */
  position: Int32Array
  size = 0
  /** Of each file, its statements, one after the other. */
  readonly roots: { readonly from: number; readonly to: number }[] = []

  constructor(sources: Sources, names: Names) {
    const guess = Math.max(64, sources.size >> 2)
    this.sources = sources
    this.names = names
    this.word = new Int32Array(guess)
    this.next = new Int32Array(guess)
    this.position = new Int32Array(guess)
  }

  isList(node: number): boolean {
    return this.word[node] === LIST
  }

  isEmpty(node: number): boolean {
    return this.next[node] === node + 1
  }

  /** Child `index` of a list, -1 when it has fewer. */
  child(list: number, index: number): number {
    const end = this.next[list]!
    let at = list + 1
    for (let i = 0; i < index && at < end; i++) at = this.next[at]!
    return at < end ? at : -1
  }

  /** How many children a list has. */
  count(list: number): number {
    let count = 0
    for (let at = list + 1; at < this.next[list]!; at = this.next[at]!) count++
    return count
  }

  /** The children of a list from `first` on. */
  children(list: number, first = 0): number[] {
    const found: number[] = []
    for (let at = this.child(list, first); at >= 0 && at < this.next[list]!; at = this.next[at]!) found.push(at)
    return found
  }

  text(atom: number): string {
    return this.names.text(this.word[atom]!)
  }

  place(node: number): Place {
    return this.sources.placeOf(this.position[node]!)
  }

  /** The node as source, in one line and cut short; no more of it is read than is shown. */
  quote(node: number, longest = 80): string {
    const ends: number[] = []
    let written = ''
    for (let at = node; at < this.next[node]!; at++) {
      for (; ends.at(-1) === at; ends.pop()) written += ')'
      if (written.length > longest) break
      if (at > node && !written.endsWith('(')) written += ' '
      if (this.isList(at)) {
        written += '('
        ends.push(this.next[at]!)
      } else written += this.text(at)
    }
    written += ')'.repeat(ends.length)
    return written.length <= longest ? written : `${written.slice(0, longest - 1)}…`
  }

  add(word: number, position: number): number {
    const node = this.size++
    if (node === this.word.length) this.#grow()
    this.word[node] = word
    this.next[node] = node + 1
    this.position[node] = position
    return node
  }

  #grow(): void {
    const length = this.word.length * 2
    const widened = (column: Int32Array): Int32Array => {
      const wider = new Int32Array(length)
      wider.set(column)
      return wider
    }
    this.word = widened(this.word)
    this.next = widened(this.next)
    this.position = widened(this.position)
  }
}

/** Throws CilError for text that is not a list of lists. */
export const parse = (files: readonly CilSource[]): Tree => {
  const sources = new Sources(files)
  if (sources.size > BIGGEST) throw new CilError('too-big', `the source is larger than ${BIGGEST} bytes`, null)
  const tree = new Tree(sources, new Names())
  sources.bytes.forEach((bytes, file) => parseFile(tree, bytes, sources.starts[file]!))
  return tree
}

const parseFile = (tree: Tree, bytes: Uint8Array, base: number): void => {
  const lexer = new Lexer(bytes)
  const open: number[] = []
  let marks = 0
  const from = tree.size
  const fail = (code: 'bad-character' | 'unbalanced' | 'too-deep' | 'bad-line-mark' | 'not-in-a-list',
    message: string, at: number, hint: string | null = null): never => {
    throw new CilError(code, message, tree.sources.placeOf(at), { hint })
  }
  for (;;) {
    const token = lexer.next()
    const at = base + lexer.start
    switch (token) {
      case TOKEN_OPEN:
        if (open.length >= DEEPEST) fail('too-deep', `more than ${DEEPEST} lists inside one another`, at)
        open.push(tree.add(LIST, at))
        break
      case TOKEN_CLOSE: {
        const list = open.pop()
        if (list === undefined) return fail('unbalanced', '`)` without a `(`', at)
        tree.next[list] = tree.size
        break
      }
      case TOKEN_END: {
        const list = open.at(-1)
        if (list !== undefined) fail('unbalanced', '`(` is never closed', tree.position[list]!)
        if (marks > 0) fail('bad-line-mark', 'a line mark is never ended', at, 'every `;;* lms` needs its `;;* lme`')
        tree.roots.push({ from, to: tree.size })
        return
      }
      case TOKEN_BAD: {
        const byte = bytes[lexer.start]!
        const isQuote = byte === 0x22
        const shown = byte > 0x20 && byte < 0x7f ? `\`${String.fromCharCode(byte)}\`` : `byte 0x${byte.toString(16)}`
        return isQuote ? fail('bad-character', 'a string is not closed on its line', at)
          : fail('bad-character', `${shown} begins no word`, at, 'write it inside a "string"')
      }
      case TOKEN_MARK:
        marks += lineMark(bytes.subarray(lexer.start, lexer.end), () => fail('bad-line-mark', 'bad line mark', at,
          '`;;* lms LINE FILE`, `;;* lmx LINE FILE` or `;;* lme`'))
        if (marks < 0) fail('bad-line-mark', 'a line mark ends that never began', at)
        break
      default:
        if (open.length === 0) {
          fail('not-in-a-list', 'a word outside of any list', at, 'statements are lists: `(type t)`')
        }
        tree.add(tree.names.intern(bytes, lexer.start, lexer.end), at)
    }
  }
}

const decoder = new TextDecoder()

/** How many marks are open more after this line than before. */
const lineMark = (line: Uint8Array, fail: () => never): number => {
  const [, kind, number, file] = decoder.decode(line).split(/[ \t]+/)
  if (kind === 'lme' && number === undefined) return -1
  if ((kind === 'lms' || kind === 'lmx') && /^\d+$/.test(number ?? '') && file !== undefined) return 1
  return fail()
}
