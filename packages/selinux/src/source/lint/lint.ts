/** Checks policy sources as selint does, by its codes. */
import { checkOptions, listOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { sourceFileRule } from '../files.ts'
import type { SourceFile } from '../files.ts'
import { isBlock } from '../syntax/ast.ts'
import type { SourceNode, SourceSyntax } from '../syntax/ast.ts'
import { parseSource } from '../syntax/parse.ts'
import { lintChecks } from './checks.ts'
import type { LintCheck } from './checks.ts'
import { lintConfig, severities } from './config.ts'
import type { LintConfig, LintOptions, Severity } from './config.ts'
import type { LintContext } from './context.ts'
import { disabledCodes } from './disable.ts'
import { blankLines, fileContextChecks, fileContextLines, isGenerated } from './file-context-checks.ts'
import { seenWithin } from './names.ts'
import { disorderOf } from './order.ts'
import { isPolicyFile, readPolicyFile } from './policy-files.ts'
import { moduleOf, PolicySymbols } from './symbols.ts'

export interface LintFinding {
  /** `W-001`; `F-001` for what cannot be parsed. */
  readonly code: string
  readonly file: string
  /** Line and column count from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface LintInput {
  /** `.te`, `.if` and `.fc` files that are checked. */
  readonly files: readonly SourceFile[]
  /** Files of the same policy that are read and not checked. */
  readonly context?: readonly SourceFile[]
}

const letters: ReadonlyMap<string, Severity> =
  new Map([['C', 'convention'], ['S', 'style'], ['W', 'warning'], ['E', 'error'], ['F', 'fatal']])

/** X-checks are of no severity: whoever asks for one gets it. */
export const severityOf = (code: string): Severity | null => letters.get(code.slice(0, 1)) ?? null

const isOn = ({ code, on }: LintCheck, config: LintConfig): boolean => {
  const severity = severityOf(code)
  if (severity !== null && severities.indexOf(severity) < severities.indexOf(config.severity)) return false
  if (config.enable.includes(code)) return true
  if (config.onlyEnabled || config.disable.includes(code)) return false
  return on === 'always' || (on === 'whole' && config.isWhole)
}

/** Codes of the checks that a configuration switches on. Throws OptionError. */
export const enabledChecks = (options: LintOptions): Set<string> => {
  const config = lintConfig(options)
  return new Set(lintChecks.filter((one) => isOn(one, config)).map(({ code }) => code))
}

const inputRules: OptionRules<LintInput> = {
  files: required(listOf(sourceFileRule)), context: listOf(sourceFileRule),
}

const endsIn = (file: SourceFile, end: string): boolean => file.name.endsWith(end)

/** Files that do not change are parsed once, however often their policy is checked. */
const known = new WeakMap<SourceFile, SourceSyntax>()

const syntaxOf = (file: SourceFile): SourceSyntax => {
  const found = known.get(file) ?? parseSource(file)
  known.set(file, found)
  return found
}

/** A policy that is checked: its files, parsed, and what they declare. */
export class LintProject {
  readonly symbols = new PolicySymbols()
  readonly config: LintConfig
  readonly #on: ReadonlySet<string>
  readonly #parsed: ReadonlyMap<SourceFile, SourceSyntax>
  readonly #files: readonly SourceFile[]

  /** Throws OptionError. */
  constructor(input: LintInput, options: LintOptions = {}) {
    checkOptions(input, inputRules, 'lintSources')
    const { files, context = [] } = input
    this.config = lintConfig(options)
    this.#on = enabledChecks(options)
    this.#files = files
    const all = [...files, ...context]
    const sources = all.filter((file) => endsIn(file, '.te') || endsIn(file, '.if'))
    this.#parsed = new Map(sources.map((file) => [file, syntaxOf(file)]))
    const parsed = (end: string): SourceSyntax[] =>
      sources.filter((file) => endsIn(file, end)).map((file) => this.#parsed.get(file)!)
    this.symbols.assume('user', this.config.assumeUsers)
    this.symbols.assume('role', this.config.assumeRoles)
    for (const file of all) if (isPolicyFile(file.name)) readPolicyFile(this.symbols, file)
    for (const end of ['.if', '.te']) for (const syntax of parsed(end)) this.symbols.addFile(syntax)
    this.symbols.markCallers(parsed('.if'))
  }

  syntaxOf(file: SourceFile): SourceSyntax | undefined {
    return this.#parsed.get(file)
  }

  /** In the order of the files and of their lines. */
  lint(): LintFinding[] {
    return this.#files.flatMap((file) => this.lintFile(file))
  }

  lintFile(file: SourceFile): LintFinding[] {
    const found = endsIn(file, '.fc') ? this.#fileContexts(file) : this.#source(file)
    return found.sort((a, b) => a.line - b.line || a.column - b.column)
  }

  #source(file: SourceFile): LintFinding[] {
    const syntax = this.#parsed.get(file)
    if (syntax === undefined) return []
    const context: LintContext = {
      syntax, kind: endsIn(file, '.te') ? 'te' : 'if', module: moduleOf(file.name), symbols: this.symbols,
      config: this.config, disorder: new Map(),
    }
    const isOrdered = context.kind === 'te' && this.#on.has('C-001')
    const disabled = disabledCodes(syntax)
    const full = isOrdered ? { ...context, disorder: disorderOf(context, disabled) } : context
    const found: LintFinding[] = syntax.errors.map(({ summary, place }) =>
      ({ code: 'F-001', file: file.name, line: place?.line ?? 1, column: place?.column ?? 1, message: summary }))
    for (const node of seenWithin(syntax.nodes)) {
      for (const { code, find } of lintChecks) {
        const message = this.#on.has(code) ? find[node.kind as keyof typeof find]?.(node as never, full) ?? null : null
        if (message === null || disabled.get(node)?.includes(code) === true) continue
        found.push({ code, file: file.name, ...placeOf(syntax, node), message })
      }
    }
    return found
  }

  #fileContexts(file: SourceFile): LintFinding[] {
    const module = moduleOf(file.name)
    const found: LintFinding[] = []
    const add = (code: string, line: number, message: string): void => {
      found.push({ code, file: file.name, line, column: 1, message })
    }
    const checks = fileContextChecks.filter(({ code }) =>
      this.#on.has(code) && !(code === 'S-002' && isGenerated(file.name)))
    for (const line of fileContextLines(file, this.config)) {
      for (const { code, find } of checks) {
        const message = find(line, this.symbols, module)
        if (message !== null) add(code, line.line, message)
      }
    }
    if (this.#on.has('S-011')) for (const line of blankLines(file)) add('S-011', line, 'the line has blanks only')
    return found
  }
}

/** A block is where it begins; a statement is on the line that ends it. */
const placeOf = ({ lines }: SourceSyntax, node: SourceNode): { line: number; column: number } => {
  const line = lines.lineOf(isBlock(node) ? node.start : node.end - 1)
  return { line, column: lines.lineOf(node.start) === line ? lines.columnOf(node.start) : 1 }
}

/** Throws OptionError. Reads any text: what cannot be parsed is a finding of its own (F-001). */
export const lintSources = (input: LintInput, options: LintOptions = {}): LintFinding[] =>
  new LintProject(input, options).lint()
