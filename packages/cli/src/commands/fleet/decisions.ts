/** `lsm fleet decisions`: decisions of all hosts, listed, counted, or as lines for other tools. */
import { fieldNames } from '@lsmkit/fleet'
import type { DecisionFields, FieldName } from '@lsmkit/fleet'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, tableWithin } from '../../output.ts'
import { decisionLines } from './decision-lines.ts'
import type { LineFormat } from './decision-lines.ts'
import { withDecisions } from './decision-source.ts'
import type { Chosen, Source, SourceFlags } from './decision-source.ts'

export interface DecisionsFlags extends SourceFlags {
  readonly by?: readonly string[]
  readonly format?: LineFormat
  readonly sql?: string
  readonly parquet?: string
}

/** Decisions of one JSON document, and groups of one table. */
const MOST_LISTED = 100_000
const MOST_GROUPS = 100_000

const fieldsOf = (names: readonly string[]): readonly FieldName[] => names.map((name) => {
  const known = fieldNames.find((one) => one === name)
  if (known !== undefined) return known
  throw new CommandError('usage', `\`${name}\` is not a field`,
    didYouMean(name, fieldNames) ?? `fields: ${fieldNames.join(', ')}`)
})

/** One line of a list. */
const lineOf = (fields: DecisionFields): string => {
  const { time, host, module, verdict, operation, error, path, peer, port, program, reason } = fields
  const what = path ?? (peer === null && port === null ? '' : `${peer ?? ''}:${port ?? ''}`)
  const words = [new Date(time).toISOString(), host, verdict, module, operation ?? '', what, error ?? '', program ?? '']
  return `${words.filter((word) => word !== '').join(' ')}${reason === null ? '' : ` (${reason.slice(0, 200)})`}`
}

const noteAccount = (io: Io, { account }: Source): void => {
  io.note(`${counted(account.decisions, 'decision')} of ${counted(account.hosts.size, 'host')}`)
  for (const line of account.lines()) io.note(`not among them: ${line}`)
}

const listed = async (io: Io, source: Source, isJson: boolean): Promise<void> => {
  const all: DecisionFields[] = []
  for await (const { fields } of source.chosen) {
    if (!isJson) io.print(lineOf(fields))
    else if (all.length < MOST_LISTED) all.push(fields)
    else throw new CommandError('badInput', `more than ${MOST_LISTED} decisions`, '--since, or --format fields')
  }
  if (!isJson) return noteAccount(io, source)
  const { hosts, ...rest } = source.account
  printJson(io, { decisions: all, account: { hosts: hosts.size, ...rest } })
}

/** Each kept decision counts for those that sampling has not kept. */
const grouped = async (io: Io, source: Source, names: readonly FieldName[], isJson: boolean): Promise<void> => {
  const groups = new Map<string, { readonly of: readonly (string | number | null)[], count: number }>()
  let others = 0
  for await (const { fields } of source.chosen) {
    const of = names.map((name) => fields[name])
    const key = JSON.stringify(of)
    const known = groups.get(key)
    if (known !== undefined) known.count += fields.sample
    else if (groups.size < MOST_GROUPS) groups.set(key, { of, count: fields.sample })
    else others += fields.sample
  }
  const sorted = [...groups.values()].toSorted((a, b) => b.count - a.count)
  if (isJson) {
    const { hosts, ...rest } = source.account
    printJson(io, {
      by: names, others, account: { hosts: hosts.size, ...rest },
      groups: sorted.map(({ of, count }) => ({
        ...Object.fromEntries(of.map((value, i) => [names[i]!, value])), count,
      })),
    })
    return
  }
  const rows = sorted.map(({ of, count }) => [String(count), ...of.map((value) => String(value ?? 'none'))])
  for (const line of tableWithin([['count', ...names], ...rows])) io.print(line)
  if (others > 0) io.note(`${counted(others, 'decision')} of further groups`)
  noteAccount(io, source)
}

const written = async (io: Io, source: Source, format: LineFormat): Promise<void> => {
  const toLine = await decisionLines(format)
  for await (const chosen of source.chosen) io.print(toLine(chosen))
  noteAccount(io, source)
}

/** Options of which one may be given. */
const checkFlags = ({ by, format, sql, parquet, json = false, follow = false }: DecisionsFlags): void => {
  const given = Object.entries({ '--by': by, '--format': format, '--sql': sql, '--parquet': parquet })
    .filter(([, value]) => value !== undefined).map(([name]) => name)
  const isBoth = given.length > 1 && !(given.length === 2 && sql !== undefined && parquet !== undefined)
  if (isBoth) throw new CommandError('usage', `${given.join(' and ')} cannot be together`)
  if (follow && (json || (given.length > 0 && format === undefined))) {
    throw new CommandError('usage', '`--follow` never comes to a whole result', 'a list, or `--format jsonl`')
  }
  const isTable = parquet !== undefined && sql === undefined
  if (json && (format !== undefined || isTable)) throw new CommandError('usage', '`--json` is one document')
}

export const decisionsCommand = async (io: Io, filter: string, flags: DecisionsFlags): Promise<number> => {
  checkFlags(flags)
  const { by, format, sql, parquet, json = false } = flags
  const names = fieldsOf(by ?? [])
  return withDecisions(io, filter, flags, async (source) => {
    if (sql !== undefined || parquet !== undefined) {
      const { askTable } = await import('./decision-table.ts')
      await askTable(io, source.chosen as AsyncIterable<Chosen>, { sql, parquet, json })
      noteAccount(io, source)
    } else if (format !== undefined) await written(io, source, format)
    else if (names.length > 0) await grouped(io, source, names, json)
    else await listed(io, source, json)
    return EXIT.ok
  })
}
