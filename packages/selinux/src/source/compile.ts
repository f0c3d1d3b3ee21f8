/** One module: a `.te`, the interfaces that it calls, and its `.fc`, as checkmodule and semodule_package make it. */
import { aBoolean, checkOptions, instanceOf, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { PolicyModule } from '../module/module.ts'
import { buildModule } from './build/build.ts'
import type { BuildOptions } from './build/builder.ts'
import { SourceError } from './errors.ts'
import type { SourceWarning } from './errors.ts'
import { checkFileContexts } from './file-contexts.ts'
import { Files, sourceFileRule } from './files.ts'
import type { SourceFile } from './files.ts'
import { Calls } from './m4/calls.ts'
import { fileText } from './m4/text.ts'
import { Origin } from './origin.ts'
import { expandSources, PolicyHeaders } from './refpolicy/headers.ts'
import type { Statement } from './te/ast.ts'
import { parseTe } from './te/parse.ts'

export interface CompileTeOptions {
  /** Macros and interfaces; without them the text is read as it is, as checkmodule reads it. */
  readonly headers?: PolicyHeaders
  /** The module's `.fc` file. */
  readonly fileContexts?: SourceFile
  /**
   * With levels and categories (checkmodule -M): as the headers' build says; without headers true of a module, and of
   * a base module that has sensitivities.
   */
  readonly mls?: boolean
  readonly handleUnknown?: 'allow' | 'deny' | 'reject'
}

const compileRules: OptionRules<CompileTeOptions> = {
  headers: instanceOf(PolicyHeaders), fileContexts: sourceFileRule, mls: aBoolean,
  handleUnknown: oneOf('allow', 'deny', 'reject'),
}

export interface CompiledTe {
  /** As the reader of `.pp` files gives it. */
  readonly module: PolicyModule
  /** The module as checkmodule writes it (.mod); `compiledPackage` puts its texts beside it. */
  readonly bytes: () => Uint8Array
  /** Of the `module` statement; empty of a base module. */
  readonly version: string
  /** The text of the `.fc` file without macros. */
  readonly fileContexts: string
  /** Of a base module: `login:user:range` lines. */
  readonly users: string
  /** Of a base module: `user NAME prefix P;` lines. */
  readonly userPrefixes: string
  readonly statements: readonly Statement[]
  /** The text without macros, and the way back from it. */
  readonly origin: Origin
  readonly warnings: readonly SourceWarning[]
}

const plainOrigin = ({ name, text }: SourceFile): Origin => {
  const files = new Files()
  return new Origin(fileText(text, files.add({ name, text })), files, new Calls())
}

type Expanded = ReturnType<typeof expandSources>

const expanded = (source: SourceFile, headers?: PolicyHeaders): Expanded =>
  headers === undefined ? { origin: plainOrigin(source), warnings: [] } : expandSources(headers, [source])

const usesMacros = /^\s*policy_module\s*\(/m

/** Statements of a text whose macros are expanded. */
const statementsOf = (source: SourceFile, origin: Origin, headers?: PolicyHeaders): Statement[] =>
  parseTe(origin, (name) => {
    if (headers !== undefined) return headers.hintFor(name)
    return usesMacros.test(source.text) ? 'macros and interfaces need the policy\'s headers' : null
  })

/** A module may be for a policy with levels; a base module has to bring them. */
const hasLevels = (statements: readonly Statement[]): boolean =>
  statements[0]!.kind === 'module' || statements.some(({ kind }) => kind === 'sensitivity')

/** Throws OptionError, and SourceError with the line of the `.te` file and the interfaces that led to the mistake. */
export const compileTe = (source: SourceFile, options: CompileTeOptions = {}): CompiledTe => {
  checkOptions(options, compileRules, 'compileTe')
  const { headers, fileContexts } = options
  const { origin, warnings } = expanded(source, headers)
  const statements = statementsOf(source, origin, headers)
  if (statements.length === 0) {
    throw new SourceError('missing', `\`${source.name}\` has no statements`, null,
      { hint: 'a module begins with `module NAME VERSION;`' })
  }
  const build: BuildOptions = {
    mls: options.mls ?? (headers === undefined ? hasLevels(statements) : headers.build.type !== 'standard'),
    handleUnknown: options.handleUnknown ?? headers?.build.handleUnknown ?? 'deny',
  }
  const [first] = statements
  return {
    ...buildModule(statements, origin, build), version: first?.kind === 'module' ? first.version : '',
    fileContexts: fileContexts === undefined ? '' : fileContextsOf(fileContexts, headers), users: '',
    userPrefixes: '', statements, origin, warnings,
  }
}

const fileContextsOf = (source: SourceFile, headers?: PolicyHeaders): string => {
  const origin = headers === undefined ? plainOrigin(source)
    : expandSources(headers, [source], { macros: headers.support }).origin
  checkFileContexts(origin)
  return origin.text.text
}
