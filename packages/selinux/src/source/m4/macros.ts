/** Definitions of macros: a table over another one, so that each module adds to what all share without a copy. */
import type { SourceErrorCode } from '../errors.ts'
import type { Files } from '../files.ts'
import type { Diversions } from './diversions.ts'
import type { CallSite, Text, TextBuilder } from './text.ts'

/** The processor, as its own macros see it. */
export interface Processor {
  readonly files: Files
  readonly macros: MacroTable
  readonly diversions: Diversions
  readonly messages: { readonly text: string; readonly site: CallSite }[]
  isDefined(name: string): boolean
  setQuotes(open: string, close: string): void
  setComments(open: string, close: string): void
  skipLine(): void
  spend(steps: number, site?: CallSite): void
  expand(macro: Macro, args: readonly Text[], site: CallSite): Text | null
  appendArguments(
    builder: TextBuilder, args: readonly Text[], areQuoted: boolean, first: number, site: CallSite,
  ): void
  fileSite(site: CallSite): number
  exit(status: number, site: CallSite): never
  fail(code: SourceErrorCode, message: string, site: CallSite, hint?: string | null): never
}

/** `args[0]` is the name. The text that it gives back is read again. */
export type Builtin = (m4: Processor, args: readonly Text[], site: CallSite) => Text | null

/** A piece of a body between `$1` and `$2`: text from `from` to `to`, then an argument. */
export interface BodyPart {
  readonly from: number
  readonly to: number
  /** The number of the argument; -1 `$*`, -2 `$@`, -3 `$#`, -4 nothing. */
  readonly argument: number
}
export const ALL = -1
export const ALL_QUOTED = -2
export const COUNT = -3
export const NO_ARGUMENT = -4

export class Macro {
  readonly name: string
  readonly body: Text
  readonly builtin: Builtin | null
  /** Only a macro where a `(` follows. */
  readonly needsArguments: boolean
  /** The definition that popdef brings back. */
  readonly below: Macro | null
  #parts: readonly BodyPart[] | null = null

  constructor(name: string, body: Text, below: Macro | null, builtin: Builtin | null = null, needsArguments = false) {
    this.name = name
    this.body = body
    this.below = below
    this.builtin = builtin
    this.needsArguments = needsArguments
  }

  get parts(): readonly BodyPart[] {
    return this.#parts ??= partsOf(this.body.text)
  }
}

const partsOf = (text: string): BodyPart[] => {
  const parts: BodyPart[] = []
  let from = 0
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    const [argument, length] = argumentAt(text, at + 1)
    if (argument === NO_ARGUMENT) {
      at++
      continue
    }
    parts.push({ from, to: at, argument })
    from = at += 1 + length
  }
  parts.push({ from, to: text.length, argument: NO_ARGUMENT })
  return parts
}

const argumentAt = (text: string, at: number): [argument: number, length: number] => {
  let end = at
  while (end < text.length && end < at + 9 && isDigit(text.charCodeAt(end))) end++
  if (end > at) return [Number(text.slice(at, end)), end - at]
  const argument = { '*': ALL, '@': ALL_QUOTED, '#': COUNT }[text[at] ?? ''] ?? NO_ARGUMENT
  return [argument, 1]
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

export class MacroTable {
  readonly #base: MacroTable | null
  readonly #own = new Map<string, Macro | null>()

  constructor(base: MacroTable | null = null) {
    this.#base = base
  }

  get(name: string): Macro | null {
    const own = this.#own.get(name)
    return own !== undefined ? own : this.#base === null ? null : this.#base.get(name)
  }

  set(name: string, macro: Macro | null): void {
    this.#own.set(name, macro)
  }

  /** Every name that is defined. */
  names(): string[] {
    const found = new Set(this.#base?.names() ?? [])
    for (const [name, macro] of this.#own) {
      if (macro === null) found.delete(name)
      else found.add(name)
    }
    return [...found]
  }
}
