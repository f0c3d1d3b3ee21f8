/** Decisions as a table of DuckDB, which answers SQL and writes Parquet. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fieldNames } from '@lsmkit/fleet'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { counted, printJson, tableWithin } from '../../output.ts'
import type { Chosen } from './decision-source.ts'
import { optionalPackage } from './optional-package.ts'

/** The part of `@duckdb/node-api` that is used. */
interface DuckDb {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<Connection> }> }
}
interface Connection {
  run(sql: string): Promise<unknown>
  runAndReadAll(sql: string): Promise<Rows>
  closeSync?(): void
}
interface Rows {
  columnNames(): readonly string[]
  getRowsJson(): readonly (readonly unknown[])[]
}

export interface TableFlags {
  readonly sql: string | undefined
  readonly parquet: string | undefined
  readonly json: boolean
}

const numbers: ReadonlySet<string> = new Set(['serial', 'pid', 'uid', 'port', 'sample'])
const columns = fieldNames.map((name) =>
  `${name}: '${name === 'time' ? 'TIMESTAMP' : numbers.has(name) ? 'BIGINT' : 'VARCHAR'}'`).join(', ')

const quoted = (text: string): string => `'${text.replaceAll('\'', '\'\'')}'`

/** The table in a file, whatever its length. */
const writeRows = async (path: string, chosen: AsyncIterable<Chosen>): Promise<void> => {
  const out = createWriteStream(path, { mode: 0o600 })
  for await (const { fields } of chosen) {
    const row = { ...fields, time: new Date(fields.time).toISOString().replace('Z', '') }
    if (!out.write(`${JSON.stringify(row)}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}

const cell = (value: unknown): string =>
  value === null || value === undefined ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value)

const shown = (io: Io, rows: Rows, isJson: boolean): void => {
  const [names, values] = [rows.columnNames(), rows.getRowsJson()]
  if (isJson) {
    printJson(io, { rows: values.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))) })
    return
  }
  for (const line of tableWithin([names, ...values.map((row) => row.map(cell))])) io.print(line)
  io.note(counted(values.length, 'row'))
}

/** Throws CommandError where DuckDB is missing, and for a query that it refuses. */
export const askTable = async (
  io: Io, chosen: AsyncIterable<Chosen>, { sql, parquet, json }: TableFlags,
): Promise<void> => {
  const place = sql === undefined ? '--parquet' : '--sql'
  const { DuckDBInstance } = await optionalPackage<DuckDb>('@duckdb/node-api', place)
  const home = mkdtempSync(join(tmpdir(), 'lsm-decisions-'))
  const path = join(home, 'decisions.jsonl')
  try {
    await writeRows(path, chosen)
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    await connection.run(`create table decisions as select * from read_json(${quoted(path)}, format = 'nd', ` +
      `columns = {${columns}})`)
    if (parquet !== undefined) {
      await connection.run(`copy decisions to ${quoted(resolve(io.cwd, parquet))} (format parquet)`)
    }
    // a query of somebody else reads no files of the host
    await connection.run('set enable_external_access = false')
    if (sql !== undefined) shown(io, await connection.runAndReadAll(sql), json)
    connection.closeSync?.()
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError('badInput', `DuckDB: ${(error as Error).message.trim().split('\n')[0]}`)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
