/** The findings of a command, in every requested form: for people, its own document, and files for CI. */
import { LsmkitError } from '@lsmkit/core'
import { reporters } from '@lsmkit/report'
import type { Check, Report } from '@lsmkit/report'
import pc from 'picocolors'
import { CommandError } from './command-error.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { writeFile } from './output-files.ts'
import { putBytes, safeOutput } from './safe-output.ts'
import type { ReporterChoice, ReportFlags } from './reporter-choice.ts'
import { version } from './version.ts'

/** The outcome of a command. */
export interface Outcome {
  /** The exit code. */
  readonly code: number
  readonly checks: readonly Check[]
  /** A sentence for each rule that its findings may name. */
  readonly rules?: Readonly<Record<string, string>>
  /** The document of `--json`: all that the command knows. */
  json(out: Output): void
  /** The lines for people. */
  pretty(out: Output): void
}

const PAGE = 'https://github.com/lsmkit/lsmkit/tree/main/packages/cli#readme'

/**
 * Runs a command and reports its outcome; answers its exit code. Without `--json` and `--reporter` people read it. A
 * run that fails is a finding too: a CI service that waits for the file gets one.
 */
export const reported = (io: Io, command: string, flags: ReportFlags, run: () => Outcome): number => {
  const { json = false, reporter = [] } = flags
  if (reporter.filter(({ file }) => file === null).length + Number(json) > 1) {
    throw new CommandError('usage', 'only one report can go to stdout', '--reporter junit=FILE')
  }
  let outcome: Outcome
  try {
    outcome = run()
  } catch (error) {
    const check = failedRun(command, error)
    const left = reporter.filter(({ name }) => name !== 'pretty')
    if (check !== null) write(io, left, reportOf(command, { checks: [check] }), () => {})
    throw error
  }
  if (json) outcome.json(io)
  else if (reporter.length === 0) outcome.pretty(io)
  write(io, reporter, reportOf(command, outcome), (out) => outcome.pretty(out))
  return outcome.code
}

const reportOf = (command: string, { checks, rules = {} }: Pick<Outcome, 'checks' | 'rules'>): Report =>
  ({ tool: { name: 'lsm', version: version(), url: PAGE }, command, checks, rules })

const write = (
  io: Io, choices: readonly ReporterChoice[], report: Report, pretty: (out: Output) => void,
): void => {
  for (const { name, file } of choices) {
    if (name !== 'pretty') put(io, file, reporters[name](report))
    else if (file === null) pretty(io)
    else put(io, file, linesOf(pretty))
  }
}

const put = (io: Io, file: string | null, text: string): void => {
  if (file === null) putBytes(io, text)
  else writeFile(io, file, text)
}

const linesOf = (pretty: (out: Output) => void): string => {
  let text = ''
  const add = (line: string): void => void (text += `${line}\n`)
  pretty(safeOutput({ print: add, note: add, colors: pc.createColors(false) }))
  return text
}

/** null for what is a bug of ours. */
const failedRun = (command: string, error: unknown): Check | null => {
  const isOurs = error instanceof LsmkitError
  if (!isOurs && !(error instanceof CommandError)) return null
  const rule = `lsm/${isOurs ? error.code : error.kind === 'usage' ? 'usage' : 'bad-input'}`
  const place = isOurs && error.place !== null ? placeOf(error.place) : {}
  const message = isOurs ? error.summary : error.message
  return { name: command, findings: [{ rule, level: 'error', message, fix: error.hint, ...place }] }
}

/** `file.yaml:12` and `policy.cil:3:5` as a place. */
export const placeOf = (text: string): { file: string; line?: number; column?: number } => {
  const [, file, line, column] = /^(.+?):(\d+)(?::(\d+))?$/.exec(text) ?? []
  if (file === undefined) return { file: text }
  return { file, line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) }
}
