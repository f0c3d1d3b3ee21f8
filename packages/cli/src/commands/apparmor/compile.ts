/** `lsm apparmor compile` and `check`: profiles to binaries, and what is odd about them. */
import { join } from 'node:path'
import { ProfileError } from '@lsmkit/apparmor/profile'
import type { CompileResult, ProfileWarning } from '@lsmkit/apparmor/profile'
import { writePolicy } from '@lsmkit/apparmor/policydb'
import { checkProfiles, unattachedPrograms } from '@lsmkit/apparmor/query'
import type { ProfileFinding } from '@lsmkit/apparmor/query'
import type { Check, Finding } from '@lsmkit/report'
import { readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, noteLines, printJson, type Output } from '../../output.ts'
import { makeFolder, writeFiles } from '../../output-files.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { binaryName, compileFile, profileFiles, type SourceFlags } from './inputs.ts'

export interface CompileFlags extends SourceFlags, ReportFlags {
  readonly output?: string
}

/** What came of a file: its profiles, or why it is refused. */
interface FileOutcome {
  readonly file: string
  readonly result: CompileResult | ProfileError
}

const attempt = (io: Io, file: string, flags: SourceFlags): FileOutcome => {
  try {
    return { file, result: compileFile(io, file, flags) }
  } catch (error) {
    if (error instanceof ProfileError) return { file, result: error }
    throw error
  }
}

type Place = ProfileWarning['place']

const placeOf = (place: Place): Pick<Finding, 'file' | 'line' | 'column'> =>
  place === null ? {} : { file: place.file, line: place.line, column: place.column }

const refusal = ({ code, summary, place, hint }: ProfileError): Finding => (
  { rule: `apparmor/${code}`, level: 'error', message: summary, fix: hint, ...placeOf(place) }
)

const warningOf = ({ code, message, place }: ProfileWarning | ProfileFinding): Finding => (
  { rule: `apparmor/${code}`, level: 'warning', message, ...placeOf(place) }
)

const checkOf = ({ file, result }: FileOutcome, warnings: (result: CompileResult) => readonly Finding[]): Check => (
  { name: file, file, findings: result instanceof ProfileError ? [refusal(result)] : warnings(result) }
)

const printFinding = ({ colors, print }: Output, { level, message, file, line, column, rule }: Finding): void => {
  const place = line === undefined ? '' : `${file}:${line}:${column}: `
  print(`${place}${level === 'error' ? colors.red('error') : colors.yellow('warning')}: ${message} [${rule}]`)
}

const save = (io: Io, folder: string, outcomes: readonly FileOutcome[]): void => {
  makeFolder(io, folder)
  writeFiles(io, outcomes.flatMap(({ file, result }) => (result instanceof ProfileError ? []
    : [{ name: join(folder, binaryName(file)), contents: writePolicy(result.binary) }])))
}

const profilesOf = (outcomes: readonly FileOutcome[]): object[] => outcomes.flatMap(({ file, result }) => (
  result instanceof ProfileError ? [] : result.binary.profiles.map(({ name, mode }) => ({ file, name, mode }))
))

interface RunOptions {
  readonly command: string
  readonly warnings: (result: CompileResult) => readonly Finding[]
  /** What warnings end with. */
  readonly warned: number
  /** Checks of all files together. */
  readonly together?: (results: readonly CompileResult[]) => readonly Check[]
}

const run = (
  io: Io, names: readonly string[], flags: CompileFlags, { command, warnings, warned, together = () => [] }: RunOptions,
): number =>
  reported(io, command, flags, () => {
    const outcomes = profileFiles(io, names).map((file) => attempt(io, file, flags))
    const refused = outcomes.flatMap(({ result }) => result instanceof ProfileError ? [result] : [])
    if (flags.output !== undefined) save(io, flags.output, outcomes)
    const results = outcomes.flatMap(({ result }) => result instanceof ProfileError ? [] : [result])
    const checks = [...outcomes.map((outcome) => checkOf(outcome, warnings)), ...together(results)]
    const findings = checks.flatMap((check) => check.findings)
    const profiles = profilesOf(outcomes)
    return {
      code: refused.length > 0 ? EXIT.badInput : findings.length > 0 ? warned : EXIT.ok,
      checks,
      json: (out) => printJson(out, { profiles, findings, refused: refused.length }),
      pretty(out) {
        for (const error of refused) noteLines(out, `${out.colors.red('error')} [${error.code}]: ${error.toString()}`)
        for (const finding of findings) if (finding.level !== 'error') printFinding(out, finding)
        out.print([counted(profiles.length, 'profile'), counted(refused.length, 'error'),
          counted(findings.length - refused.length, 'warning')].join(', '))
      },
    }
  })

/** Ends with 3 when a text is refused. Each file becomes `NAME.bin` in the folder of `--output`. */
export const compileCommand = (io: Io, names: readonly string[], flags: CompileFlags): number => run(io, names, flags, {
  command: 'apparmor compile', warnings: ({ warnings }) => warnings.map(warningOf), warned: EXIT.ok,
})

export interface CheckFlags extends CompileFlags {
  /** A file with paths of programs, a line each. */
  readonly programs?: string
}

const programsCheck = (io: Io, file: string, results: readonly CompileResult[]): Check => {
  const programs = readHostText(io, file).split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const findings = unattachedPrograms(results.flatMap(({ profiles }) => profiles), programs)
  return { name: file, file, findings: findings.map(warningOf) }
}

/** Ends with 1 when something is odd, with 3 when a text is refused. */
export const checkCommand = (io: Io, names: readonly string[], flags: CheckFlags): number => run(io, names, flags, {
  command: 'apparmor check', warnings: (result) => checkProfiles(result).map(warningOf), warned: EXIT.denied,
  together: (results) => flags.programs === undefined ? [] : [programsCheck(io, flags.programs, results)],
})
