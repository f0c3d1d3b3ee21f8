/**
 * `compare.ts ONE OTHER`: rows of ONE whose operation has the same answer in OTHER, and their number on standard error.
 * With two recordings of one kernel, these are the operations whose answer does not depend on the machine.
 */
import { readInput } from '../../src/input.ts'
import { answerOf } from '../../src/suites/hook-trace.ts'
import { parseTable } from '../../src/tsv.ts'

const [one = '', other = ''] = process.argv.slice(2)
const COLUMNS = ['n', 'id', 'setup', 'calls', 'errno', 'syscalls', 'hooks']

const rowsOf = async (path: string) => parseTable((await readInput(path)).text, path, COLUMNS)
const others = new Map((await rowsOf(other)).map((row) => [row.id!, answerOf(row)]))
const rows = await rowsOf(one)
const same = rows.filter((row) => others.get(row.id!) === answerOf({ ...row, later: '' }))
const columns = [...COLUMNS, 'later', 'lsm']
console.log(columns.join('\t'))
for (const row of same) console.log(columns.map((name) => row[name] ?? '').join('\t'))
process.stderr.write(`${same.length} of ${rows.filter(({ id }) => others.has(id!)).length} operations are the same\n`)
