/** `lsm selinux lint PATH…`: findings in policy sources, by selint's codes. */
import type { Finding, FindingLevel } from '@lsmkit/report'
import { isPolicyFile, lintChecks, lintSources, readLintConfig, severityOf } from '@lsmkit/selinux/source'
import type { LintFinding, LintOptions, Severity, SourceFile } from '@lsmkit/selinux/source'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { CommandError } from '../../command-error.ts'
import { isFolder } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson, table } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { textOf } from './inputs.ts'
import { orRefusal } from './source-errors.ts'
import { develSources, isTree, lintedSources, policyFiles } from './source-inputs.ts'
import type { HeaderFlags } from './source-inputs.ts'

export interface LintFlags extends ReportFlags, HeaderFlags {
  readonly enable?: readonly string[]
  readonly disable?: readonly string[]
  readonly onlyEnabled?: boolean
  readonly config?: string
  readonly context?: readonly string[]
  readonly source?: boolean
  readonly level?: Severity
  readonly list?: boolean
}

const codes = lintChecks.map(({ code }) => code)

const known = (given: readonly string[] = []): readonly string[] => {
  for (const code of given) {
    if (!codes.includes(code)) {
      const hint = didYouMean(code, codes) ?? '--list prints all of them'
      throw new CommandError('usage', `there is no check \`${code}\``, hint)
    }
  }
  return given
}

/** The command line counts more than the file. Throws SourceError for the file. */
const optionsOf = (io: Io, flags: LintFlags, isWhole: boolean): LintOptions => {
  const { config, onlyEnabled = false, level } = flags
  const file = config === undefined ? {} : readLintConfig({ name: config, text: textOf(io, config) }, isWhole)
  const [enable, disable] = [known(flags.enable), known(flags.disable)]
  return {
    ...file, isWhole, onlyEnabled, ...(level === undefined ? {} : { severity: level }),
    enable: [...(onlyEnabled ? [] : file.enable ?? []).filter((code) => !disable.includes(code)), ...enable],
    disable: [...file.disable ?? [], ...disable],
  }
}

const sourcesOf = (io: Io, names: readonly string[]): SourceFile[] => {
  const folders = names.filter((name) => isFolder(io, name))
  const files = names.filter((name) => !isFolder(io, name) && !isPolicyFile(name))
  const named = names.filter((name) => !isFolder(io, name) && isPolicyFile(name))
  return [
    ...lintedSources(io, [...files, ...folders]), ...policyFiles(io, folders),
    ...named.map((name) => ({ name, text: textOf(io, name) })),
  ]
}

const levelOf = (code: string): FindingLevel => {
  const severity = severityOf(code)
  if (severity === 'error' || severity === 'fatal') return 'error'
  return severity === 'warning' ? 'warning' : 'note'
}

const toFinding = ({ code, file, line, column, message }: LintFinding): Finding =>
  ({ rule: `selint/${code}`, level: levelOf(code), message, fix: null, file, line, column })

const summaries: Readonly<Record<string, string>> = Object.fromEntries([
  ...lintChecks.map(({ code, summary }) => [`selint/${code}`, summary]), ['selint/F-001', 'text that cannot be parsed'],
])

const printFindings = (out: Output, found: readonly LintFinding[]): void => {
  for (const { code, file, line, column, message } of found) {
    out.print(`${file}:${line}:${column}: ${message} [${code}]`)
  }
  const counts = new Map<string, number>()
  for (const { code } of found) counts.set(code, (counts.get(code) ?? 0) + 1)
  out.note(found.length === 0 ? 'nothing found'
    : `${found.length} found: ${[...counts].sort().map(([code, count]) => `${count} ${code}`).join(', ')}`)
}

const when = { always: 'on', whole: 'of whole policies', never: 'off' } as const

const listed: Outcome = {
  code: EXIT.ok,
  checks: [],
  json: (out) => printJson(out, { checks: lintChecks.map(({ code, on, summary }) => ({ code, on, summary })) }),
  pretty: (out) => table(lintChecks.map(({ code, on, summary }) => [code, when[on], summary])).forEach(out.print),
}

/** Ends with 1 when something is found, and with 3 when a file cannot be parsed. */
export const lintCommand = (io: Io, names: readonly string[], flags: LintFlags): number =>
  reported(io, 'selinux lint', flags, () => {
    if (flags.list === true) return listed
    if (names.length === 0) throw new CommandError('usage', 'no source is named', 'name files or folders, or --list')
    return orRefusal(names, () => lintOutcome(io, names, flags))
  })

const lintOutcome = (io: Io, names: readonly string[], flags: LintFlags): Outcome => {
  const isWhole = flags.source === true || names.some((name) => isTree(io, name))
  const options = optionsOf(io, flags, isWhole)
  const files = lintedSources(io, names)
  const context = [...policyFiles(io, names), ...sourcesOf(io, flags.context ?? []), ...develSources(io, flags)]
  const found = lintSources({ files, context }, options)
  const byFile = new Map(files.map(({ name }): [string, LintFinding[]] => [name, []]))
  for (const one of found) byFile.get(one.file)!.push(one)
  return {
    code: found.some(({ code }) => code === 'F-001') ? EXIT.badInput : found.length > 0 ? EXIT.denied : EXIT.ok,
    rules: summaries,
    checks: [...byFile].map(([name, own]) => ({ name, file: name, findings: own.map(toFinding) })),
    json: (out) => printJson(out, { files: files.length, findings: found }),
    pretty: (out) => printFindings(out, found),
  }
}
