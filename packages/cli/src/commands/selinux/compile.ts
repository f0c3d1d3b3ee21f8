/** `lsm selinux compile FILE…`: CIL to a kernel policy and file_contexts. */
import type { Check, Finding, FindingLevel } from '@lsmkit/report'
import { CilError, CilErrors, compileCil } from '@lsmkit/selinux/cil'
import type { CilSource, CilWarning, Compiled, Place } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { policyInfo } from '@lsmkit/selinux/query'
import { SourceError } from '@lsmkit/selinux/source'
import { CommandError } from '../../command-error.ts'
import { isFolder } from '../../host-file.ts'
import { refuseIdle } from '../../idle-options.ts'
import type { Io } from '../../io.ts'
import { EXIT, noteLines, printJson } from '../../output.ts'
import { writeFiles } from '../../output-files.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { compileOptionsOf, OF_HEADERS } from './compile-flags.ts'
import type { CompileFlags } from './compile-flags.ts'
import { areSources, compileSourcesCommand, teSources } from './compile-source.ts'
import { withCommandErrors } from './errors.ts'
import { cilSources } from './inputs.ts'
import { ModuleList, OF_FOLDERS } from './module-choice.ts'
import { orRefusal } from './source-errors.ts'
import { isTe } from './source-inputs.ts'

const tesAsCil = (io: Io, tes: readonly string[], flags: CompileFlags): CilSource[] => {
  try {
    return tes.length === 0 ? [] : teSources(io, tes, flags)
  } catch (error) {
    if (error instanceof SourceError) throw CommandError.inSource(error)
    throw error
  }
}

/** Ends with 3 when the source is not a policy; without an output it only checks. */
export const compileCommand = (io: Io, names: readonly string[], flags: CompileFlags): number =>
  areSources(io, names, flags.output) ? compileSourcesCommand(io, names, flags)
    : reported(io, 'selinux compile', flags, () => orRefusal(names, () => {
      const tes = names.filter(isTe)
      if (tes.length === 0) refuseIdle(flags, 'on CIL', OF_HEADERS)
      if (!names.some((name) => isFolder(io, name))) refuseIdle(flags, 'without a folder', ['modules'], OF_FOLDERS)
      const list = flags.modules === undefined ? undefined : new ModuleList(io, flags.modules)
      const others = cilSources(io, names.filter((name) => !isTe(name)), list === undefined ? undefined
        : (files) => list.chosen(files))
      const sources = [...others, ...tesAsCil(io, tes, flags)]
      const compiled = attempt(() => compileCil(sources, compileOptionsOf(flags)))
      return compiled instanceof CilError ? refusal(names, compiled) : success(io, names, compiled, flags)
    }))

const success = (io: Io, names: readonly string[], compiled: Compiled, flags: CompileFlags): Outcome => {
  const { policy, fileContexts, warnings } = compiled
  const bytes = withCommandErrors(() => writePolicy(policy))
  writeFiles(io, [
    ...(flags.output === undefined ? [] : [{ name: flags.output, contents: bytes }]),
    ...(flags.fileContexts === undefined ? [] : [{ name: flags.fileContexts, contents: fileContexts }]),
  ])
  const { version, counts } = policyInfo(policy)
  const shown = withoutOptionals(warnings)
  const left = leftOut(warnings)
  return {
    code: EXIT.ok,
    checks: [checkOf(names, [
      ...shown.map((warning) => findingOf('warning', warning)),
      ...left === null ? [] : [{ rule: 'cil/optional-disabled', level: 'note' as const, message: left, fix: null }],
    ])],
    json: (out) =>
      printJson(out, { valid: true, version, bytes: bytes.length, output: flags.output ?? null, counts, warnings }),
    pretty(out) {
      for (const { message, code, place } of shown) {
        out.note(`${spotOf(place)}: ${out.colors.yellow('warning')}: ${message} [${code}]`)
      }
      if (left !== null) out.note(`${out.colors.yellow('warning')}: ${left} [optional-disabled]`)
      out.print(`${flags.output ?? 'policy'}: version ${version}, ${bytes.length} bytes; ` +
        `${counts.Types} types, ${counts.Attributes} attributes, ${counts.Allow} allow rules`)
    },
  }
}

/** Modules of a distribution have many optional blocks for modules that are not there. */
const MOST_OPTIONALS = 20
const MOST_REASONS = 3

const isOptional = ({ code }: CilWarning): boolean => code === 'optional-disabled'

const withoutOptionals = (warnings: readonly CilWarning[]): readonly CilWarning[] =>
  warnings.filter(isOptional).length > MOST_OPTIONALS ? warnings.filter((warning) => !isOptional(warning)) : warnings

/** One sentence for many of them: how many, and why the most. */
const leftOut = (warnings: readonly CilWarning[]): string | null => {
  const optionals = warnings.filter(isOptional)
  if (optionals.length <= MOST_OPTIONALS) return null
  const counts = new Map<string, number>()
  for (const { message } of optionals) {
    const why = /: (no .*)$/.exec(message)?.[1] ?? message
    counts.set(why, (counts.get(why) ?? 0) + 1)
  }
  const reasons = [...counts].sort(([, a], [, b]) => b - a)
  const named = reasons.slice(0, MOST_REASONS).map(([why, count]) => `${why} (${count})`)
  const more = reasons.length > MOST_REASONS ? ` and ${reasons.length - MOST_REASONS} other reasons` : ''
  return `${optionals.length} optional blocks are left out: ${named.join(', ')}${more}; --json lists them`
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
