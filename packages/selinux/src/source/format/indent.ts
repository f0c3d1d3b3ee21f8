/** How deep each line stands: one step for each line that opened something which is still open. */
import { Files } from '../files.ts'
import { Calls } from '../m4/calls.ts'
import { fileText } from '../m4/text.ts'
import { Origin } from '../origin.ts'
import { everyNode, isBlock } from '../syntax/ast.ts'
import type { SourceSyntax } from '../syntax/ast.ts'
import { SourceLexer } from '../syntax/lex.ts'
import { END, SIGN } from '../te/lex.ts'

interface Open {
  readonly sign: string
  readonly line: number
}

const closes: ReadonlyMap<string, string> = new Map([['\'', '`'], [')', '('], ['}', '{']])

class Indents {
  readonly depths: number[]
  readonly #open: Open[] = []
  #line = 0
  /** The line that what opens next counts for: `',`` goes on with what it closed. */
  #owner = 0

  constructor(lines: number) {
    this.depths = Array.from<number>({ length: lines }).fill(0)
  }

  #depth(without: ReadonlySet<number>): number {
    return new Set(this.#open.map(({ line }) => line).filter((line) => !without.has(line))).size
  }

  /** Lines up to this one are as deep as what is open; those that close something stand with what opened it. */
  reach(line: number, leading: readonly string[]): void {
    for (let at = this.#line + 1; at < line; at++) this.depths[at - 1] = this.#depth(new Set())
    if (line > this.#line) {
      const without = new Set<number>()
      this.#owner = line
      const open = [...this.#open]
      for (const sign of leading) {
        const last = open.at(-1)
        if (last === undefined || last.sign !== closes.get(sign)) break
        without.add(last.line)
        this.#owner = last.line
        open.pop()
      }
      this.depths[line - 1] = this.#depth(without)
    }
    this.#line = Math.max(this.#line, line)
  }

  sign(sign: string): void {
    const opener = closes.get(sign)
    if (opener === undefined) this.#open.push({ sign, line: this.#owner })
    else if (this.#open.at(-1)?.sign === opener) this.#open.pop()
  }
}

/** One more for lines on which a statement goes on without brackets. */
const continued = ({ nodes, lines }: SourceSyntax, depths: number[], opening: ReadonlySet<number>): void => {
  for (const node of everyNode(nodes)) {
    if (isBlock(node)) continue
    const first = lines.lineOf(node.start)
    if (opening.has(first)) continue
    for (let line = first + 1; line <= lines.lineOf(node.end - 1); line++) depths[line - 1] = depths[first - 1]! + 1
  }
}

/** By line, from 0. */
export const indentsOf = (syntax: SourceSyntax): number[] => {
  const { file, lines } = syntax
  const files = new Files()
  const lexer = new SourceLexer(new Origin(fileText(file.text, files.add(file)), files, new Calls()))
  const count = file.text.split('\n').length
  const found = new Indents(count)
  const opening = new Set<number>()
  for (lexer.next(); lexer.kind !== END; lexer.next()) {
    const line = lines.lineOf(lexer.start)
    found.reach(line, leadingSigns(file.text, lexer.start))
    if (lexer.kind !== SIGN || !'`\'(){}'.includes(lexer.text)) continue
    found.sign(lexer.text)
    if ('`({'.includes(lexer.text)) opening.add(line)
  }
  found.reach(count + 1, [])
  continued(syntax, found.depths, opening)
  return found.depths
}

const leadingSigns = (text: string, at: number): string[] => [.../^[')}]*/.exec(text.slice(at, at + 64))![0]]
