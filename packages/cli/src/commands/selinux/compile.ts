/** `lsm selinux compile FILE…`: CIL to a kernel policy and file_contexts. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
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
    if (error instanceof SourceError) throw new CommandError('badInput', error.toString())
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
  write(io, flags.output, bytes)
  write(io, flags.fileContexts, fileContexts)
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

const write = (io: Io, name: string | undefined, content: string | Uint8Array): void => {
  if (name === undefined) return
  try {
    writeFileSync(resolve(io.cwd, name), content)
  } catch (error) {
    throw new CommandError('badInput', `\`${name}\` cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
