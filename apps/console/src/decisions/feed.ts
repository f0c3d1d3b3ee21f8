/** Decisions for tests: rows that have what a test says, and numbers, serials and times that go on. */
import { columnNames, textKinds } from './batch.ts'
import type { Batch, ColumnName } from './batch.ts'
import type { DecisionStore } from './store.ts'

export type Row = Partial<Record<ColumnName, number>> & { readonly time?: number }

export const textsOf = (texts: readonly string[]): Batch['texts'] =>
  Object.fromEntries(textKinds.map((kind) => [kind, texts])) as unknown as Batch['texts']

/** A decision whose time is not given has its number as time. */
export const feed = (store: DecisionStore, rows: readonly Row[]): void => {
  const count = rows.length
  const columnOf = (name: ColumnName): Int32Array<ArrayBuffer> =>
    Int32Array.from(rows, (row, i) => row[name] ?? (name === 'serial' ? store.total + i : 0))
  store.add({
    count,
    times: Float64Array.from(rows, ({ time }, i) => time ?? store.total + i),
    columns: Object.fromEntries(columnNames.map((name) => [name, columnOf(name)])) as Batch['columns'],
    texts: textsOf(store.total === 0 ? [''] : []),
    calls: [],
    answers: [],
    missed: 0,
  })
}
