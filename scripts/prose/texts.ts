/** Finds the prose of a file: doc comments of exports, file headers, sentences in strings, Markdown. */
import ts from 'typescript'

export interface Paragraph {
  readonly kind: 'comment' | 'string' | 'markdown'
  /** Where it begins and ends in the file, in UTF-16 units. */
  readonly from: number
  readonly to: number
  /** As in the file, on one line and without the stars of a comment. */
  readonly text: string
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')
const BLOCKS = /(?:(?!\n[ \t]*\n)[\s\S])+/g

/** Blocks between blank lines. `text` has one character for each character of the file from `start` on. */
const paragraphsOf = (text: string, start: number, kind: Paragraph['kind']): Paragraph[] => {
  const found: Paragraph[] = []
  for (const { 0: block, index } of text.matchAll(BLOCKS)) {
    const trimmed = block.trim()
    if (trimmed === '') continue
    const from = start + index + block.indexOf(trimmed)
    found.push({ kind, from, to: from + trimmed.length, text: oneLine(trimmed) })
  }
  return found
}

/** Blanks in place of `/**`, stars and tags, so that places stay; a tag, a list item and an example begin a block. */
const commentBody = (comment: string): string =>
  comment.replace(/^\/\*\*?/, blank).replace(/\*\/$/, blank).replaceAll(/^[ \t]*\*/gm, blank)
    .replaceAll(/```[\s\S]*?(?:```|$)/g, blank).replaceAll(/ (?=\n *(?:@|- ))/g, '\n')

const isExported = (node: ts.Node): boolean =>
  ts.isExportAssignment(node) || (ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))

/** Three words: shorter strings are names and commands. Templates of code and scripts are not prose. */
const isSentence = (text: string): boolean =>
  /(?:\S+ ){2}\S/.test(text) && /[a-z] [a-z]/.test(text) && !/=>|\w = \S|\/\*\*/.test(text)

class Reader {
  readonly found: Paragraph[] = []
  readonly #file: ts.SourceFile
  readonly #seen = new Set<number>()

  constructor(file: ts.SourceFile) {
    this.#file = file
  }

  readAll(): Paragraph[] {
    const { text } = this.#file
    const start = text.startsWith('#!') ? text.indexOf('\n') : 0
    const [first] = ts.getLeadingCommentRanges(text, Math.max(start, 0)) ?? []
    if (first?.kind === ts.SyntaxKind.MultiLineCommentTrivia) this.#comment(first.pos, first.end)
    for (const statement of this.#file.statements) if (isExported(statement)) this.#docs(statement)
    this.#strings(this.#file)
    return this.found
  }

  #comment(from: number, to: number): void {
    if (this.#seen.has(from)) return
    this.#seen.add(from)
    this.found.push(...paragraphsOf(commentBody(this.#file.text.slice(from, to)), from, 'comment'))
  }

  /** Of an export and of its members. Function bodies are not public. */
  readonly #docs = (node: ts.Node): void => {
    for (const { pos, end } of (ts.getJSDocCommentsAndTags(node) as readonly ts.Node[]).filter(ts.isJSDoc)) {
      this.#comment(pos, end)
    }
    if (!ts.isBlock(node)) ts.forEachChild(node, this.#docs)
  }

  readonly #strings = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) this.#string(node)
    ts.forEachChild(node, this.#strings)
  }

  #string(node: ts.Node): void {
    const from = node.getStart(this.#file) + 1
    const raw = this.#file.text.slice(from, node.end - 1)
    if (isSentence(raw)) this.found.push(...paragraphsOf(raw, from, 'string'))
  }
}

export const proseOfSource = (name: string, source: string): Paragraph[] =>
  new Reader(ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true)).readAll()

/** Each paragraph, list item and table cell. Blocks of code and headings are left out. */
export const proseOfMarkdown = (source: string): Paragraph[] => {
  const text = source.replaceAll(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^\1\2[^\n]*$/gm, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank).replaceAll(/^ {4,}(?![-*\d ]).*$/gm, blank).replaceAll(/^#.*$/gm, blank)
  const found: Paragraph[] = []
  let at = 0
  // a list item or a row of a table begins a paragraph
  for (const block of text.split(/(?=^ *(?:[-*]|\d+\.) |^\|)|(?<=^\|.*\|\n)/m)) {
    if (block.startsWith('|')) {
      for (const cell of block.matchAll(/(?:\\\||[^|\n])+/g)) {
        found.push(...paragraphsOf(cell[0], at + cell.index, 'markdown'))
      }
    } else {
      found.push(...paragraphsOf(block.replace(/^ *(?:[-*]|\d+\.) /, blank), at, 'markdown'))
    }
    at += block.length
  }
  return found
}

export const proseOf = (file: string, source: string): Paragraph[] =>
  file.endsWith('.md') ? proseOfMarkdown(source) : proseOfSource(file, source)
