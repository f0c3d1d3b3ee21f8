/** Sources as they are written, no macro expanded: statements, calls, blocks, each with its place in the file. */
import type { SourceError } from '../errors.ts'
import type { SourceFile } from '../files.ts'
import type { Statement, Word } from '../te/ast.ts'
import type { Comment } from './lex.ts'

/** An argument of a call: its words, without quotes and braces. */
export interface Argument {
  readonly start: number
  readonly end: number
  /** Those that are left out (`-name`) keep their `-`. */
  readonly words: readonly Word[]
  /** Several words stand side by side without quotes or braces. */
  readonly isLoose: boolean
}

export type DeclarationKind =
  | 'type' | 'attribute' | 'attribute_role' | 'role' | 'bool' | 'class' | 'user' | 'sensitivity' | 'category'

interface Placed {
  readonly start: number
  /** Behind the last character. */
  end: number
  parent: BlockNode | null
}

export interface HeaderNode extends Placed {
  readonly kind: 'header'
  readonly name: Word
  /** `module`, and not `policy_module`. */
  readonly isBare: boolean
}
export interface StatementNode extends Placed {
  readonly kind: 'statement'
  readonly statement: Statement
}
/** A name that is declared, or required within a require block. */
export interface DeclarationNode extends Placed {
  readonly kind: 'declaration'
  readonly declares: DeclarationKind
  readonly name: Word
  /** Attributes of a type, permissions of a required class. */
  readonly of: readonly Word[]
  readonly aliases: readonly Word[]
}
export interface CallNode extends Placed {
  readonly kind: 'call'
  readonly name: Word
  readonly args: readonly Argument[]
}
/** `;` that ends nothing, a word by itself, a text for people. */
export interface OtherNode extends Placed {
  readonly kind: 'semicolon' | 'stray' | 'text'
  readonly word: Word
}
export interface BlockNode extends Placed {
  readonly kind:
    | 'interface' | 'template' | 'optional' | 'else' | 'tunable' | 'if' | 'ifdef' | 'macro' | 'require'
  /** Of an interface or template, of an ifdef; else the word that begins the block. */
  readonly name: Word
  /** Booleans of a condition. */
  readonly condition: readonly Word[]
  readonly body: SourceNode[]
  /** Behind what opens the first body. */
  opened: number
  /** Of gen_require: its argument has quotes. */
  isQuoted: boolean
}

export type SourceNode = HeaderNode | StatementNode | DeclarationNode | CallNode | OtherNode | BlockNode

export const isBlock = (node: SourceNode): node is BlockNode => 'body' in node

/** A parsed file: mistakes leave out the statement that they are in. */
export interface SourceSyntax {
  readonly file: SourceFile
  readonly nodes: readonly SourceNode[]
  readonly comments: readonly Comment[]
  readonly errors: readonly SourceError[]
  readonly lines: LineIndex
}

/** Lines and columns of offsets, counted from 1. */
export class LineIndex {
  readonly #starts: readonly number[]

  constructor(text: string) {
    const starts = [0]
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#starts = starts
  }

  lineOf(offset: number): number {
    let [low, high] = [0, this.#starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }

  columnOf(offset: number): number {
    return offset - this.#starts[this.lineOf(offset) - 1]! + 1
  }

  /** The offset of a line and column; the end of the last line for those behind it. */
  offsetOf(line: number, column: number): number {
    const start = this.#starts[Math.max(0, Math.min(line, this.#starts.length) - 1)]!
    return start + Math.max(0, column - 1)
  }
}

/** Every node, outer ones before those inside. */
export const everyNode = function* (nodes: readonly SourceNode[]): Generator<SourceNode> {
  for (const node of nodes) {
    yield node
    if (isBlock(node)) yield* everyNode(node.body)
  }
}
