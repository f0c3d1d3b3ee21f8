/** `lsm selinux compile FILE…`: CIL to a kernel policy and file_contexts. */
import type { Check, Finding, FindingLevel } from '@lsmkit/report'
import { CilError, CilErrors, compileCil } from '@lsmkit/selinux/cil'
import type { CilSource, CilWarning, Compiled, CompileOptions, Place } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { policyInfo } from '@lsmkit/selinux/query'
import { SourceError } from '@lsmkit/selinux/source'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { EXIT, noteLines, printJson } from '../../output.ts'
import { writeFiles } from '../../output-files.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { areSources, compileSourcesCommand, teSources } from './compile-source.ts'
import { withCommandErrors } from './errors.ts'
import { cilSources } from './inputs.ts'
import { isTe } from './source-inputs.ts'
import type { HeaderFlags } from './source-inputs.ts'

export interface CompileFlags extends ReportFlags, HeaderFlags {
  readonly output?: string
  readonly fileContexts?: string
  readonly policyVersion?: number
  readonly dialect: '3.8' | '3.10'
  readonly mls?: boolean
  readonly handleUnknown?: 'allow' | 'deny' | 'reject'
  readonly multipleDecls?: boolean
  readonly neverallow: boolean
  readonly dontaudit: boolean
  readonly preserveTunables?: boolean
  readonly expandSize?: number
  readonly expandGenerated?: boolean
  readonly optimise?: boolean
  readonly qualifiedNames?: boolean
}

const optionsOf = (flags: CompileFlags): CompileOptions => ({
  dialect: flags.dialect,
  disableNeverallow: !flags.neverallow,
  disableDontaudit: !flags.dontaudit,
  multipleDeclarations: flags.multipleDecls ?? false,
  preserveTunables: flags.preserveTunables ?? false,
  expandGenerated: flags.expandGenerated ?? false,
  optimise: flags.optimise ?? false,
  qualifiedNames: flags.qualifiedNames ?? false,
  ...(flags.policyVersion === undefined ? {} : { version: flags.policyVersion }),
  ...(flags.mls === undefined ? {} : { mls: flags.mls }),
  ...(flags.handleUnknown === undefined ? {} : { handleUnknown: flags.handleUnknown }),
  ...(flags.expandSize === undefined ? {} : { expandSize: flags.expandSize }),
})

const tesAsCil = (io: Io, tes: readonly string[], flags: CompileFlags): CilSource[] => {
  try {
    return tes.length === 0 ? [] : teSources(io, tes, flags)
  } catch (error) {
    if (error instanceof SourceError) throw new CommandError('badInput', error.toString())
    throw error
  }
}

/** Ends with 3 when the source is not a policy; without an output it only checks. */
export const compileCommand = (io: Io, names: readonly string[], flags: CompileFlags): number =>
  areSources(io, names, flags.output) ? compileSourcesCommand(io, names, flags)
    : reported(io, 'selinux compile', flags, () => {
      const tes = names.filter(isTe)
      const sources = [...cilSources(io, names.filter((name) => !isTe(name))), ...tesAsCil(io, tes, flags)]
      const compiled = attempt(() => compileCil(sources, optionsOf(flags)))
      return compiled instanceof CilError ? refusal(names, compiled) : success(io, names, compiled, flags)
    })

const success = (io: Io, names: readonly string[], compiled: Compiled, flags: CompileFlags): Outcome => {
  const { policy, fileContexts, warnings } = compiled
  const bytes = withCommandErrors(() => writePolicy(policy))
  writeFiles(io, [
    ...(flags.output === undefined ? [] : [{ name: flags.output, contents: bytes }]),
    ...(flags.fileContexts === undefined ? [] : [{ name: flags.fileContexts, contents: fileContexts }]),
  ])
  const { version, counts } = policyInfo(policy)
  return {
    code: EXIT.ok,
    checks: [checkOf(names, warnings.map((warning) => findingOf('warning', warning)))],
    json: (out) =>
      printJson(out, { valid: true, version, bytes: bytes.length, output: flags.output ?? null, counts, warnings }),
    pretty(out) {
      for (const { message, code, place } of warnings) {
        out.note(`${spotOf(place)}: ${out.colors.yellow('warning')}: ${message} [${code}]`)
      }
      out.print(`${flags.output ?? 'policy'}: version ${version}, ${bytes.length} bytes; ` +
        `${counts.Types} types, ${counts.Attributes} attributes, ${counts.Allow} allow rules`)
    },
  }
}

const refusal = (names: readonly string[], error: CilError): Outcome => {
  const errors = error instanceof CilErrors ? error.errors : [error]
  return {
    code: EXIT.badInput,
    checks: [checkOf(names, errors.map((each) => findingOf('error', each)))],
    json(out) {
      const parts = errors.map(({ code, message, place, hint, related }) => ({ code, message, place, hint, related }))
      printJson(out, { valid: false, errors: parts })
    },
    pretty(out) {
      for (const each of errors) noteLines(out, `${out.colors.red('error')} [${each.code}]: ${each.toString()}`)
    },
  }
}

const checkOf = (names: readonly string[], findings: readonly Finding[]): Check =>
  ({ name: names.join(' '), file: names[0]!, findings })

const findingOf = (level: FindingLevel, told: CilError | CilWarning): Finding => {
  const { code, place } = told
  const message = told instanceof CilError ? told.summary : told.message
  const more = told instanceof CilError ? told.related.map((one) => `\n${spotOf(one.place)}: ${one.message}`) : []
  return {
    rule: `cil/${code}`, level, message: [message, ...more].join(''),
    fix: told instanceof CilError ? told.hint : null,
    ...(place === null ? {} : { file: place.file, line: place.line, column: place.column }),
  }
}

const spotOf = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

const attempt = (compile: () => Compiled): Compiled | CilError => {
  try {
    return compile()
  } catch (error) {
    if (error instanceof CilError) return error
    throw error
  }
}
