/**
 * The macro processor of policy sources: GNU m4 without its files, its shell and its debugger. Every character of the
 * output knows its place and the calls that brought it (`text.ts`). Work is bounded: recursion, expansions, text.
 */
import { SourceError } from '../errors.ts'
import type { SourceErrorCode } from '../errors.ts'
import type { Files } from '../files.ts'
import { builtins } from './builtins.ts'
import { Calls } from './calls.ts'
import { Diversions } from './diversions.ts'
import { END, Input, isLetter, wordEnd } from './input.ts'
import type { Block } from './input.ts'
import { ALL, ALL_QUOTED, COUNT, Macro, MacroTable, NO_ARGUMENT } from './macros.ts'
import type { Processor } from './macros.ts'
import { callAt, emptyText, fileText, madeText, positionAt, TextBuilder } from './text.ts'
import type { CallSite, Text } from './text.ts'

export interface M4Limits {
  /** Calls of macros. */
  readonly expansions: number
  /** Characters that calls give back to be read again. */
  readonly characters: number
}
const moduleLimits: M4Limits = { expansions: 1_000_000, characters: 2 ** 27 }
/** Calls in arguments of calls. */
const DEEPEST = 400
/** Texts that wait to be read on. */
const MOST_BLOCKS = 20_000

export interface M4Options {
  readonly limits?: M4Limits
  /** Of a text that several runs write together. */
  readonly calls?: Calls
}

/** A text that `errprint` printed. */
export interface Message {
  readonly text: string
  readonly site: CallSite
}

const PLAIN = 0
const LETTER = 1
const OPEN = 2
const CLOSE = 3
const COMMA = 4
const QUOTE = 5
const COMMENT = 6

export class M4 implements Processor {
  readonly files: Files
  readonly calls: Calls
  readonly macros: MacroTable
  readonly messages: Message[] = []
  readonly diversions = new Diversions()
  readonly #limits: M4Limits
  readonly #input = new Input()
  /** By character code: what it begins. */
  readonly #kinds = new Uint8Array(128)
  #quotes: readonly [open: string, close: string] = ['`', '\'']
  #comments: readonly [open: string, close: string] = ['#', '\n']
  #depth = 0
  #expansions = 0
  #characters = 0

  constructor(
    files: Files, base: MacroTable | null = null, { limits = moduleLimits, calls = new Calls() }: M4Options = {},
  ) {
    this.files = files
    this.calls = calls
    this.macros = new MacroTable(base)
    this.#limits = limits
    if (base === null) for (const macro of builtins) this.macros.set(macro.name, macro)
    this.#setKinds()
  }

  /** Calls so far. */
  get expansions(): number {
    return this.#expansions
  }

  /** Reads a text to its end; `diversions.finish` has the output. */
  read(text: Text): void {
    this.push(text)
    this.#expand(null)
  }

  readFile(name: string, text: string): void {
    this.read(fileText(text, this.files.add({ name, text })))
  }

  /** As `-D NAME=VALUE`. */
  define(name: string, value: string): void {
    this.macros.set(name, new Macro(name, madeText(value, -1, 0), null))
  }

  isDefined(name: string): boolean {
    return this.macros.get(name) !== null
  }

  /** The text is read next. */
  push(source: Text): void {
    if (source.text === '') return
    this.spend(source.text.length)
    if (this.#input.size >= MOST_BLOCKS) this.fail('too-deep', 'macros call themselves without end', this.#input.here())
    this.#input.push(source)
  }

  fail(code: SourceErrorCode, message: string, site: CallSite, hint: string | null = null): never {
    throw new SourceError(code, message, this.files.placeOf(this.fileSite(site)),
      { hint, chain: this.calls.inward(this.files, site.call, site.position) })
  }

  /** The place in the file that is read: of a call inside of macros, where the outermost one stands. */
  fileSite({ position, call }: CallSite): number {
    const outer = this.calls.outermost(call)
    return outer === 0 ? position : this.calls.positionOf(outer)
  }

  get quotes(): readonly [open: string, close: string] {
    return this.#quotes
  }

  setQuotes(open: string, close: string): void {
    this.#quotes = [open, close]
    this.#setKinds()
  }

  setComments(open: string, close: string): void {
    this.#comments = [open, close]
    this.#setKinds()
  }

  /** Passes over the rest of the line. */
  skipLine(): void {
    this.#input.skipLine()
  }

  #setKinds(): void {
    const kinds = this.#kinds.fill(PLAIN)
    for (let code = 0; code < 128; code++) if (isLetter(code)) kinds[code] = LETTER
    kinds[0x28] = OPEN
    kinds[0x29] = CLOSE
    kinds[0x2c] = COMMA
    for (const [[open], kind] of [[this.#comments, COMMENT], [this.#quotes, QUOTE]] as const) {
      if (open !== '' && !isLetter(open.charCodeAt(0))) kinds[open.charCodeAt(0)] = kind
    }
  }

  /** Reads on to the end of all text, or, of an argument, to the `,` or `)` behind it. */
  #expand(argument: TextBuilder | null): number {
    let parentheses = 0
    for (;;) {
      const block = this.#input.top()
      if (block === null) return END
      const { text } = block.source
      const code = text.charCodeAt(block.at)
      const kind = code < 128 ? this.#kinds[code] : PLAIN
      const out = argument ?? this.diversions.out
      if (kind === LETTER) this.#word(block, argument)
      else if (kind === PLAIN) {
        const end = this.#plainEnd(text, block.at + 1)
        out?.append(block.source, block.at, end)
        block.at = end
      } else if ((kind === QUOTE && this.#input.accept(this.#quotes[0])) ||
        (kind === COMMENT && this.#input.accept(this.#comments[0]))) {
        if (kind === QUOTE) this.#quoted(out)
        else this.#comment(out)
      } else {
        if (argument !== null && parentheses === 0 && (kind === CLOSE || kind === COMMA)) {
          block.at++
          return code
        }
        if (kind === OPEN) parentheses++
        else if (kind === CLOSE) parentheses--
        out?.append(block.source, block.at, block.at + 1)
        block.at++
      }
    }
  }

  #plainEnd(text: string, from: number): number {
    const kinds = this.#kinds
    let end = from
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code < 128 && kinds[code] !== PLAIN) return end
    }
    return end
  }

  #word(block: Block, argument: TextBuilder | null): void {
    const from = block.at
    const end = wordEnd(block.source.text, from)
    block.at = end
    const joined = end === block.source.text.length ? this.#input.joinedWord(block, from) : null
    const source = joined ?? block.source
    const [first, last] = joined === null ? [from, end] : [0, joined.text.length]
    const macro = this.macros.get(source.text.slice(first, last))
    if (macro === null || (macro.needsArguments && this.#input.peek() !== 0x28)) {
      (argument ?? this.diversions.out)?.append(source, first, last)
      return
    }
    this.#call(macro, { position: positionAt(source, first), call: callAt(source, first) })
  }

  /** The text up to the quote that ends it, without the outermost quotes. */
  #quoted(out: TextBuilder | null): void {
    const [open, close] = this.#quotes
    const [opens, closes] = [open.charCodeAt(0), close.charCodeAt(0)]
    const isSingle = open.length === 1 && close.length === 1
    let depth = 1
    const site = this.#input.here()
    for (let block = this.#input.top(); block !== null; block = this.#input.top()) {
      const { text } = block.source
      const from = block.at
      let at = from
      for (; at < text.length; at++) {
        const code = text.charCodeAt(at)
        if (code !== opens && code !== closes) continue
        if (code === closes && (isSingle || text.startsWith(close, at))) {
          if (--depth === 0) break
          at += close.length - 1
        } else if (code === opens && (isSingle || text.startsWith(open, at))) {
          depth++
          at += open.length - 1
        }
      }
      out?.append(block.source, from, Math.min(at, text.length))
      block.at = at < text.length ? at + close.length : text.length
      if (depth === 0) return
    }
    this.fail('unbalanced', `a quote \`${open}\` is never closed`, site, `every \`${open}\` needs its \`${close}\``)
  }

  /** Comments are copied, with their ends. */
  #comment(out: TextBuilder | null): void {
    const [open, close] = this.#comments
    out?.append({ text: open, marks: [0, this.#input.here().position - open.length, 0] }, 0, open.length)
    for (let block = this.#input.top(); block !== null; block = this.#input.top()) {
      const { text } = block.source
      const end = text.indexOf(close, block.at)
      const to = end < 0 ? text.length : end + close.length
      out?.append(block.source, block.at, to)
      block.at = to
      if (end >= 0) return
    }
  }

  #call(macro: Macro, site: CallSite): void {
    if (++this.#expansions > this.#limits.expansions) {
      this.fail('too-many', `macros are called more than ${this.#limits.expansions} times`, site)
    }
    const args = this.#arguments(macro, site)
    const result = this.expand(macro, args, site)
    if (result !== null) this.push(result)
  }

  /** The text that a call gives back, which is read again. */
  expand(macro: Macro, args: readonly Text[], site: CallSite): Text | null {
    return macro.builtin === null ? this.#expandBody(macro, args, site) : macro.builtin(this, args, site)
  }

  /** Work besides calls: it counts as text that is read again. */
  spend(steps: number, site: CallSite = this.#input.here()): void {
    this.#characters += steps
    if (this.#characters > this.#limits.characters) {
      this.fail('too-many', `macros give more than ${this.#limits.characters} characters`, site)
    }
  }

  exit(status: number, site: CallSite): never {
    const message = this.messages.at(-1)
    return this.fail('macro-error', message?.text.trim() ?? `\`m4exit(${status})\` ends the policy`,
      message?.site ?? site)
  }

  /** The name, and the arguments in brackets right behind it. */
  #arguments(macro: Macro, site: CallSite): Text[] {
    const args: Text[] = [madeText(macro.name, site.position, site.call)]
    if (this.#input.peek() !== 0x28) return args
    if (++this.#depth > DEEPEST) {
      this.fail('too-deep', `macros are called in arguments of others ${DEEPEST} times over`, site)
    }
    this.#input.accept('(')
    for (let end = 0x2c; end !== 0x29;) {
      this.#input.skipBlanks()
      const builder = new TextBuilder()
      end = this.#expand(builder)
      if (end === END) {
        this.fail('unbalanced', `the call of \`${macro.name}\` is never closed`, site,
          'a `)` is missing, or a quote in an argument of it')
      }
      args.push(builder.text === '' ? emptyText : builder.done())
    }
    this.#depth--
    return args
  }

  #expandBody(macro: Macro, args: readonly Text[], site: CallSite): Text | null {
    if (macro.body.text === '') return null
    const call = this.calls.add(macro.name, site.position, site.call)
    const builder = new TextBuilder()
    for (const { from, to, argument } of macro.parts) {
      builder.appendAs(macro.body, from, to, call)
      if (argument >= 0) {
        const value = args[argument]
        if (value !== undefined) builder.append(value, 0, value.text.length)
      } else if (argument === ALL || argument === ALL_QUOTED) {
        this.appendArguments(builder, args, argument === ALL_QUOTED, 1, site)
      } else if (argument === COUNT) {
        const count = madeText(String(args.length - 1), site.position, call)
        builder.append(count, 0, count.text.length)
      } else if (argument !== NO_ARGUMENT) throw new Error(`argument ${argument}`)
    }
    return builder.done()
  }

  /** Arguments from `first` on, with commas between, quoted or as they are. */
  appendArguments(
    builder: TextBuilder, args: readonly Text[], areQuoted: boolean, first: number, { position, call }: CallSite,
  ): void {
    const [open, close] = areQuoted ? this.#quotes : ['', '']
    for (let i = first; i < args.length; i++) {
      const before = madeText(`${i > first ? ',' : ''}${open}`, position, call)
      builder.append(before, 0, before.text.length)
      builder.append(args[i]!, 0, args[i]!.text.length)
      if (areQuoted) builder.append(madeText(close, position, call), 0, close.length)
    }
  }
}
