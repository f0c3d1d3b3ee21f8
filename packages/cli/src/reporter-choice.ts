/** `--reporter NAME[=FILE]` as it is typed; the reporters themselves are loaded when something is reported. */
import type { ReporterName } from '@lsmkit/report'
import { InvalidArgumentError } from 'commander'
import type { Option } from 'commander'
import { completing } from './command-help.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'

export interface ReporterChoice {
  readonly name: ReporterName
  /** null: on stdout. */
  readonly file: string | null
}

/** Options of every command that reports findings. */
export interface ReportFlags {
  readonly json?: boolean
  readonly reporter?: readonly ReporterChoice[]
}

export const reporterNames = ['pretty', 'json', 'junit', 'sarif', 'github'] as const satisfies readonly ReporterName[]

const choiceOf = (text: string): ReporterChoice => {
  const at = text.indexOf('=')
  const [typed, file] = at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
  const name = reporterNames.find((each) => each === typed)
  if (name === undefined) {
    throw new InvalidArgumentError(didYouMean(typed, reporterNames) ?? `it is one of ${reporterNames.join(', ')}`)
  }
  if (file === '') throw new InvalidArgumentError(`the name of a file is missing: ${name}=FILE`)
  return { name, file }
}

const TEXT = 'format of findings; with =FILE into a file (may be repeated)'

/** The command hands what it gets to `reported`. */
export const reporterOption = (): Option =>
  completing('--reporter <name>', TEXT, reporterNames)
    .argParser<readonly ReporterChoice[]>((text, before) => [...(before ?? []), choiceOf(text)])
