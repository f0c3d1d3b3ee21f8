/** `lsm selinux compile FILE…`: CIL to a kernel policy and file_contexts. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CilError, CilErrors, compileCil } from '@lsmkit/selinux/cil'
import type { Compiled, CompileOptions } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { policyInfo } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { telling } from './errors.ts'
import { cilSources } from './inputs.ts'

export interface CompileFlags {
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
  readonly json?: boolean
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

/** Ends with 3 when the source is no policy; without an output it only checks. */
export const compileCommand = (io: Io, names: readonly string[], flags: CompileFlags): number => {
  const sources = cilSources(io, names)
  const compiled = attempt(() => compileCil(sources, optionsOf(flags)))
  if (compiled instanceof CilError) return tellErrors(io, compiled, flags)
  const { policy, fileContexts, warnings } = compiled
  const bytes = telling(() => writePolicy(policy))
  write(io, flags.output, bytes)
  write(io, flags.fileContexts, fileContexts)
  const { version, counts } = policyInfo(policy)
  if (flags.json) {
    printJson(io, { valid: true, version, bytes: bytes.length, output: flags.output ?? null, counts, warnings })
    return EXIT.ok
  }
  for (const { message, code, place } of warnings) {
    const spot = `${place.file}:${place.line}:${place.column}`
    io.note(`${spot}: ${io.colors.yellow('warning')}: ${message} [${code}]`)
  }
  io.print(`${flags.output ?? 'policy'}: version ${version}, ${bytes.length} bytes; ` +
    `${counts.Types} types, ${counts.Attributes} attributes, ${counts.Allow} allow rules`)
  return EXIT.ok
}

const attempt = (compile: () => Compiled): Compiled | CilError => {
  try {
    return compile()
  } catch (error) {
    if (error instanceof CilError) return error
    throw error
  }
}

const tellErrors = (io: Io, error: CilError, { json }: CompileFlags): number => {
  const errors = error instanceof CilErrors ? error.errors : [error]
  if (json) {
    const parts = errors.map(({ code, message, place, hint, related }) => ({ code, message, place, hint, related }))
    printJson(io, { valid: false, errors: parts })
  } else for (const each of errors) io.note(`${io.colors.red('error')} [${each.code}]: ${each.toString()}`)
  return EXIT.badInput
}

const write = (io: Io, name: string | undefined, content: string | Uint8Array): void => {
  if (name === undefined) return
  try {
    writeFileSync(resolve(io.cwd, name), content)
  } catch (error) {
    throw new CommandError('badInput', `\`${name}\` cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
