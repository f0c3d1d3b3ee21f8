/** Options of the checks, and selint's configuration file. */
import { aBoolean, aString, checkOptions, listOf, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { ownValue } from '@lsmkit/abi'
import { SourceError } from '../errors.ts'
import type { SourceFile } from '../files.ts'
import type { DeclarationKind } from '../syntax/ast.ts'

export const severities = ['convention', 'style', 'warning', 'error', 'fatal'] as const
export type Severity = (typeof severities)[number]
export const orders = ['refpolicy', 'refpolicy-light', 'refpolicy-lax'] as const
export type Ordering = (typeof orders)[number]

export interface LintOptions {
  /** Checks that are on beside those that are on by themselves. */
  readonly enable?: readonly string[]
  readonly disable?: readonly string[]
  /** Only those of `enable`. */
  readonly onlyEnabled?: boolean
  /** The least severity that counts: convention unless given. */
  readonly severity?: Severity
  /** The files are a whole policy: names that are nowhere are mistakes. */
  readonly isWhole?: boolean
  /** How C-001 orders a module: refpolicy-lax unless given. */
  readonly ordering?: Ordering
  /** How C-006 orders what is required. */
  readonly requireOrder?: readonly string[]
  /** C-006 wants names of a kind in alphabetical order. */
  readonly sortsNames?: boolean
  readonly assumeUsers?: readonly string[]
  readonly assumeRoles?: readonly string[]
  /** Macros of `.fc` files. */
  readonly fileContextMacros?: readonly string[]
  /** Words that stand for statements. */
  readonly wordMacros?: readonly string[]
}

export type LintConfig = Required<LintOptions>

export const lintRules: OptionRules<LintOptions> = {
  enable: listOf(aString), disable: listOf(aString), onlyEnabled: aBoolean, severity: oneOf(...severities),
  isWhole: aBoolean, ordering: oneOf(...orders), requireOrder: listOf(aString), sortsNames: aBoolean,
  assumeUsers: listOf(aString), assumeRoles: listOf(aString), fileContextMacros: listOf(aString),
  wordMacros: listOf(aString),
}

export const requireKinds: readonly DeclarationKind[] =
  ['bool', 'attribute', 'attribute_role', 'type', 'class', 'role']

const defaults: LintConfig = {
  enable: [], disable: [], onlyEnabled: false, severity: 'convention', isWhole: false, ordering: 'refpolicy-lax',
  requireOrder: requireKinds, sortsNames: false, assumeUsers: ['system_u'], assumeRoles: ['object_r'],
  fileContextMacros: [], wordMacros: [],
}

/** Throws OptionError. */
export const lintConfig = (options: LintOptions): LintConfig => {
  checkOptions(options, lintRules, 'lintSources')
  return { ...defaults, ...options }
}

/** A value of selint's file: a word, a text in quotes, or `{ a, b }`. */
const valueOf = (text: string): readonly string[] =>
  (text.match(/"[^"]*"|[^\s{},"]+/g) ?? []).map((word) => word.replaceAll('"', ''))

/** The options that each setting stands for. */
const settings: Readonly<Record<string, (values: readonly string[]) => LintOptions>> = {
  severity: ([value]) => ({ severity: value as Severity }),
  disable: (values) => ({ disable: values }),
  enable_normal: (values) => ({ enable: values }),
  enable_source: (values) => ({ enable: values }),
  assume_users: (values) => ({ assumeUsers: values }),
  assume_roles: (values) => ({ assumeRoles: values }),
  custom_fc_macros: (values) => ({ fileContextMacros: values }),
  custom_te_simple_macros: (values) => ({ wordMacros: values }),
  ordering_rules: ([value]) => ({ ordering: value as Ordering }),
  ordering_requires: (values) => ({ requireOrder: values }),
  ordering_requires_same_flavor: ([value]) => ({ sortsNames: value?.toLowerCase() === 'true' }),
  modules_conf_path: () => ({}),
  skip_checking_generated_fcs: () => ({}),
}

/** A configuration in the form of selint.conf. Throws SourceError for what it does not know. */
export const readLintConfig = ({ name: file, text }: SourceFile, isWhole = false): LintOptions => {
  let found: LintOptions = {}
  const lines = text.replace(/#.*/g, '')
  for (const part of lines.matchAll(/^[^\S\n]*(\S[^=\n]*?)[^\S\n]*(?:=\s*(\{[^}]*\}|[^\n]*)|$)/gm)) {
    const [, key, written] = part
    const line = lines.slice(0, part.index).split('\n').length
    const fail = (message: string): never => {
      throw new SourceError('bad-option', message, { file, line, column: 1, excerpt: text.split('\n')[line - 1]! })
    }
    const setting = ownValue(settings, key!)
    if (setting === undefined || written === undefined) return fail(`\`${key}\` is not a setting of selint.conf`)
    if (key === (isWhole ? 'enable_normal' : 'enable_source')) continue
    found = { ...found, ...setting(valueOf(written)) }
    if (key === 'severity' && !severities.some((one) => one === found.severity)) {
      return fail(`\`${found.severity}\` is not a severity: ${severities.join(', ')}`)
    }
    if (key === 'ordering_rules' && !orders.some((one) => one === found.ordering)) {
      return fail(`\`${found.ordering}\` is not an order: ${orders.join(', ')}`)
    }
  }
  return found
}
