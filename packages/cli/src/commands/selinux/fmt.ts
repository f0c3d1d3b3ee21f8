/** `lsm selinux fmt FILE…`: policy sources in refpolicy's form, printed, checked, or written back whole. */
import { formatPolicySource } from '@lsmkit/selinux/source'
import type { SourceFile } from '@lsmkit/selinux/source'
import { CommandError } from '../../command-error.ts'
import { isFolder } from '../../host-file.ts'
import { refuseIdle } from '../../idle-options.ts'
import type { Io } from '../../io.ts'
import { EXIT } from '../../output.ts'
import { writeFiles } from '../../output-files.ts'
import { putBytes } from '../../safe-output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { textOf } from './inputs.ts'
import { orRefusal } from './source-errors.ts'
import { lintedSources } from './source-inputs.ts'

export interface FmtFlags extends ReportFlags {
  readonly check?: boolean
  readonly write?: boolean
  readonly kind: 'te' | 'if' | 'fc'
}

const sourcesOf = (io: Io, names: readonly string[], kind: string): SourceFile[] => names.flatMap((name) =>
  (name === '-' ? [{ name: `stdin.${kind}`, text: textOf(io, name) }] : lintedSources(io, [name])))

/** Ends with 1 under `--check` when a file is not in its form; with 3, and nothing written, when one is not parsed. */
export const fmtCommand = (io: Io, names: readonly string[], flags: FmtFlags): number =>
  reported(io, 'selinux fmt', flags, () => orRefusal(names, () => {
    const { check = false, write = false } = flags
    if (!names.includes('-')) refuseIdle(flags, 'on files, whose names end in their kind', ['kind'])
    if (write && names.includes('-')) throw new CommandError('usage', 'stdin cannot be written back')
    if (!check && !write && (names.length !== 1 || isFolder(io, names[0]!))) {
      throw new CommandError('usage', 'one file can be printed', '--write or --check takes many')
    }
    const files = sourcesOf(io, names, flags.kind).map((file) => ({ file, text: formatPolicySource(file) }))
    if (!check && !write) {
      putBytes(io, files[0]!.text)
      return { code: EXIT.ok, checks: [], json: () => {}, pretty: () => {} }
    }
    const changed = files.filter(({ file, text }) => text !== file.text)
    if (write) writeFiles(io, changed.map(({ file, text }) => ({ name: file.name, contents: text })))
    return outcomeOf(files.map(({ file }) => file.name), changed.map(({ file }) => file.name), check)
  }))

const outcomeOf = (names: readonly string[], changed: readonly string[], isCheck: boolean): Outcome => ({
  code: isCheck && changed.length > 0 ? EXIT.denied : EXIT.ok,
  checks: names.map((name) => ({
    name, file: name,
    findings: isCheck && changed.includes(name)
      ? [{ rule: 'source/form', level: 'error', message: 'the file is not in its form', fix: '--write', file: name }]
      : [],
  })),
  json: () => {},
  pretty(out) {
    for (const name of changed) out.print(name)
    out.note(`${changed.length} of ${names.length} ${isCheck ? 'are not in their form' : 'written'}`)
  },
})
