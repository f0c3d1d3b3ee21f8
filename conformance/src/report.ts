/** Counts rows, prints the first differences, and ends with `N of M agree`. */
import { UsageError } from './suite.ts'
import type { Row, Suite } from './suite.ts'

const SHOWN = 20
const WIDTH = 400

const cut = (text: string) => (text.length > WIDTH ? `${text.slice(0, WIDTH)}… (${text.length} characters)` : text)

/** Answers of rows that the suite could not read or play: what was compared is less than the table has. */
const UNKNOWN = /^(?:unknown wording|not played)\b/

/** Prints to stdout; answers the exit code: 0 when all agree, 1 when some differ. Throws UsageError for no rows. */
export const report = async (suite: Suite, rows: Iterable<Row> | AsyncIterable<Row>): Promise<number> => {
  let total = 0
  let agree = 0
  let unknown = 0
  for await (const { id, expected, got } of rows) {
    total++
    if (UNKNOWN.test(got)) unknown++
    if (got === expected) agree++
    else if (total - agree <= SHOWN) console.log(`row ${id}: expected ${cut(expected)}, got ${cut(got)}`)
  }
  const pairs = (suite.totals?.() ?? []).map(([key, value]) => `, ${key} ${value}`)
  const tail = unknown === 0 ? '' : `, unknown ${unknown}`
  console.log(`${agree} of ${total} ${suite.verb ?? 'agree'}${pairs.join('')}${tail}`)
  // an object file may hold no program, but a table without a row is the wrong file
  if (total === 0 && suite.readsFiles !== false) throw new UsageError('there is no row to compare')
  return agree === total ? 0 : 1
}
