/** The macros that all modules of a policy share: of the build, of support files, interfaces. They are read once. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { checkOptions, listOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { SourceError } from '../errors.ts'
import type { SourceErrorCode, SourceWarning } from '../errors.ts'
import { Files, sourceFileRule } from '../files.ts'
import type { SourceFile } from '../files.ts'
import { Calls } from '../m4/calls.ts'
import { M4 } from '../m4/m4.ts'
import type { Message } from '../m4/m4.ts'
import type { MacroTable } from '../m4/macros.ts'
import { TextBuilder } from '../m4/text.ts'
import type { Text } from '../m4/text.ts'
import { Origin } from '../origin.ts'
import { buildRule, defaultBuild, macrosOf } from './build-conf.ts'
import type { BuildConf } from './build-conf.ts'

export interface HeaderFiles {
  /** `.spt` files, or others with macros: they are read in this order, and write nothing. */
  readonly support: readonly SourceFile[]
  /** `.if` files. */
  readonly interfaces: readonly SourceFile[]
  readonly build?: BuildConf
  /** Text of macros that a build generates: permissions of classes, values of booleans. */
  readonly generated?: SourceFile
}

const headerRules: OptionRules<HeaderFiles> = {
  support: required(listOf(sourceFileRule)), interfaces: required(listOf(sourceFileRule)), build: buildRule,
  generated: sourceFileRule,
}

/** What may be read for a whole policy. */
const shared = { expansions: 20_000_000, characters: 2 ** 30 }

/** What interfaces write for `$*`, because a `$*` of theirs would be filled in too early. */
const STAR = 'dollarsstar'

const withStars = (source: Text): Text => {
  const builder = new TextBuilder()
  let from = 0
  for (let at = source.text.indexOf(STAR); at >= 0; at = source.text.indexOf(STAR, from)) {
    builder.append(source, from, at)
    builder.append({ text: '$*', marks: [0, -1, 0] }, 0, 2)
    from = at + STAR.length
  }
  builder.append(source, from, source.text.length)
  return builder.done()
}

/** `m4:FILE:LINE: Error: ` before what was printed. */
const printed = /^m4:[^\n]*?:\d*: (Error|Warning|Notice): /

const messageText = ({ text }: Message): string => text.replace(printed, '').trim()

/** Messages of `refpolicywarn` and `refpolicyerr`; the first one is thrown where `whenFatal` is defined. */
const messagesOf = (m4: M4, whenFatal: string, code: SourceErrorCode): SourceWarning[] => {
  const isFatal = m4.isDefined(whenFatal)
  return m4.messages.map((message) => {
    const place = m4.files.placeOf(m4.fileSite(message.site))
    if (isFatal && printed.exec(message.text)?.[1] !== 'Warning') {
      throw new SourceError(code, messageText(message), place,
        { chain: m4.calls.inward(m4.files, message.site.call, message.site.position) })
    }
    return { code: 'macro-warning', message: messageText(message), place }
  })
}

export class PolicyHeaders {
  readonly files = new Files()
  readonly build: BuildConf
  /** The macros of m4 and of the build. */
  readonly plain: MacroTable
  /** With the macros of the support files too, without interfaces. */
  readonly support: MacroTable
  /** With the interfaces. */
  readonly macros: MacroTable
  readonly warnings: SourceWarning[] = []

  /** Throws OptionError and SourceError. */
  constructor(files: HeaderFiles) {
    checkOptions(files, headerRules, 'PolicyHeaders')
    const { support, interfaces, build = defaultBuild, generated } = files
    this.build = build
    const first = new M4(this.files, null, { limits: shared })
    const plain = new M4(this.files)
    for (const [name, value] of macrosOf(build)) plain.define(name, value)
    const base = new M4(this.files, plain.macros, { limits: shared })
    this.plain = plain.macros
    for (const m4 of [first, base]) {
      m4.diversions.divert(-1)
      for (const { name, text } of support) m4.readFile(name, text)
    }
    if (generated !== undefined) base.readFile(generated.name, generated.text)
    this.support = base.macros
    first.diversions.divert(0)
    for (const { name, text } of interfaces) first.readFile(name, text)
    this.warnings.push(...messagesOf(first, '__if_error', 'duplicate-macro'))
    const all = new M4(this.files, base.macros, { limits: shared })
    all.diversions.divert(-1)
    all.read(withStars(first.diversions.finish()))
    this.macros = all.macros
  }

  /** A hint for a call of a macro that is not there. */
  hintFor(name: string): string | null {
    return didYouMean(name, this.macros.names())
  }
}

export interface ExpandOptions {
  /** Other macros than those of the headers; null for those of m4 alone. */
  readonly macros?: MacroTable | null
  /** Macros that are true besides. */
  readonly defined?: readonly string[]
  /** Of a text that several runs write together. */
  readonly calls?: Calls
  readonly files?: Files
  /** The text of a whole policy, which may be larger than one of a module. */
  readonly isWhole?: boolean
}

/** Files as one text without macros; each file sees the macros of those before it. Throws SourceError. */
export const expandSources = (
  headers: PolicyHeaders, sources: readonly (SourceFile | Text)[],
  { macros = headers.macros, defined = [], calls = new Calls(), files: within, isWhole = false }: ExpandOptions = {},
): { readonly origin: Origin; readonly warnings: readonly SourceWarning[] } => {
  const files = within ?? new Files(headers.files)
  const m4 = new M4(files, macros, isWhole ? { limits: shared, calls } : { calls })
  for (const name of defined) m4.define(name, 'true')
  for (const source of sources) {
    if ('marks' in source) m4.read(source)
    else m4.readFile(source.name, source.text)
  }
  const warnings = messagesOf(m4, 'm4_fatal_error', 'macro-error')
  return { origin: new Origin(m4.diversions.finish(), files, calls), warnings }
}
