/** The interfaces and templates that an `.if` file defines, with their documentation; no macro is expanded. */
import type { SourceFile } from '../files.ts'
import { readDocumentation } from './documentation.ts'
import type { Documentation } from './documentation.ts'

export interface InterfaceOutline extends Documentation {
  readonly kind: 'interface' | 'template'
  readonly name: string
  readonly file: string
  /** Counts from 1. */
  readonly line: number
}

const DEFINITION = /^[ \t]*(interface|template)\([ \t]*`[ \t]*([A-Za-z_]\w*)[ \t]*'/
/** Quotes and the bracket that ends a definition; or the next one, where a quote of the first is missing. */
const PARTS = /[`')]|^(?:interface|template)\(/gm

/** Behind the definition whose bracket is at `bracket`. */
const endOf = (text: string, bracket: number): number => {
  let depth = 0
  PARTS.lastIndex = bracket + 1
  for (let found = PARTS.exec(text); found !== null; found = PARTS.exec(text)) {
    if (found[0] === '`') depth++
    else if (found[0] === '\'') depth--
    else if (found[0] !== ')') return found.index
    else if (depth <= 0) return PARTS.lastIndex
  }
  return text.length
}

/** The highest `$N`: how many arguments a definition uses. */
const argumentsOf = (body: string): number => {
  let most = 0
  for (const [, digits] of body.matchAll(/\$(\d{1,2})(?!\d)/g)) most = Math.max(most, Number(digits))
  return most
}

/** Arguments without documentation are called `$N`. */
const withUndocumented = (documentation: Documentation, uses: number): Documentation => {
  const parameters = documentation.parameters.map((one, i) => (one.name === '' ? { ...one, name: `$${i + 1}` } : one))
  for (let i = parameters.length; i < uses; i++) parameters.push({ name: `$${i + 1}`, summary: '', isOptional: false })
  return { ...documentation, parameters }
}

class OutlineReader {
  readonly found: InterfaceOutline[] = []
  readonly #source: SourceFile
  #at = 0
  #line = 1
  #documentation: string[] = []

  constructor(source: SourceFile) {
    this.#source = source
  }

  read(): void {
    const { text } = this.#source
    while (this.#at < text.length) {
      const next = text.indexOf('\n', this.#at)
      const end = next < 0 ? text.length : next
      const line = text.slice(this.#at, end)
      const definition = DEFINITION.exec(line)
      if (definition === null) {
        this.#comment(line)
        this.#advance(end + 1)
      } else this.#define(definition)
    }
  }

  /** The first block before an empty line is the module's; a line of `#` begins another one. */
  #comment(line: string): void {
    if (/^##(?:\s|$)/.test(line)) this.#documentation.push(line.slice(2))
    else if (line.startsWith('###') || !/^(?:#|\s*$)/.test(line)) this.#documentation = []
    else if (this.found.length === 0 && line.trim() === '') this.#documentation = []
  }

  #define([written, kind, name]: RegExpExecArray): void {
    const { name: file, text } = this.#source
    const end = endOf(text, this.#at + written.indexOf('('))
    const documentation = readDocumentation(this.#documentation.join('\n'))
    this.found.push({
      kind: kind as InterfaceOutline['kind'], name: name!, file, line: this.#line,
      ...withUndocumented(documentation, argumentsOf(text.slice(this.#at, end))),
    })
    this.#documentation = []
    this.#advance(end)
  }

  #advance(to: number): void {
    const { text } = this.#source
    for (let at = text.indexOf('\n', this.#at); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) this.#line++
    this.#at = to
  }
}

/** In the order of the file. Takes time in proportion to the text, whatever is in it, and refuses no text. */
export const outlineInterfaces = (source: SourceFile): InterfaceOutline[] => {
  const reader = new OutlineReader(source)
  reader.read()
  return reader.found
}

const documented = ({ summary, description, parameters }: InterfaceOutline): string =>
  [summary, description, ...parameters.map((one) => `${one.name} ${one.summary}`)].join(' ').toLowerCase()

/**
 * Those of this very name; else those that have every word, in any case, in their name; then those that have some in
 * their documentation. All without words.
 */
export const findInterfaces = (
  interfaces: readonly InterfaceOutline[], words: readonly string[],
): InterfaceOutline[] => {
  const exact = interfaces.filter(({ name }) => words.length === 1 && name === words[0])
  if (exact.length > 0) return exact
  const wanted = words.map((word) => word.toLowerCase())
  const byName: InterfaceOutline[] = []
  const byText: InterfaceOutline[] = []
  for (const one of interfaces) {
    const name = one.name.toLowerCase()
    if (wanted.every((word) => name.includes(word))) byName.push(one)
    else {
      const text = documented(one)
      if (wanted.every((word) => name.includes(word) || text.includes(word))) byText.push(one)
    }
  }
  return [...byName, ...byText]
}
