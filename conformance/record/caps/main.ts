/**
 * `generate exec|setuid|prctl SEED COUNT` prints random rows for the recorder; `merge ROWS ANSWERS` prints the table of
 * rows with what the kernel answered.
 */
import { readFileSync } from 'node:fs'
import { columnsAfter, columnsBefore } from '../../src/caps/state.ts'
import { randomRows } from './rows.ts'
import type { Kind } from './rows.ts'

const programColumns = ['file.uid,gid', 'file.mode', 'file.caps', 'nosuid_mount', 'shared_fs']
const asked = { e: programColumns, c: ['call'] }
const told = {
  e: ['errno', ...columnsAfter, 'post.AT_SECURE'],
  c: ['errno', 'retval', ...columnsAfter, 'post.keepcaps'],
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter((line) => line !== '')

const merge = (rowsPath: string, answersPath: string): void => {
  const rows = new Map(linesOf(rowsPath).map((line) => [line.split('\t', 1)[0]!, line.split('\t').slice(1)]))
  const kind = [...rows.values()][0]?.[0] === 'e' ? 'e' : 'c'
  console.log(['n', ...columnsBefore, ...asked[kind], ...told[kind]].join('\t'))
  let left = 0
  for (const line of linesOf(answersPath)) {
    const [n = '', ...cells] = line.split('\t')
    const row = rows.get(n)
    if (row === undefined) continue
    if (cells.length === told[kind].length) console.log([n, ...row.slice(1), ...cells].join('\t'))
    else if (left++ < 5) process.stderr.write(`row ${n}: ${cells.join(' ')}\n`)
  }
  if (left > 0) process.stderr.write(`${left} rows left out\n`)
}

const kinds: readonly string[] = ['exec', 'setuid', 'prctl'] satisfies Kind[]

const [command, first = '', second = '', third = ''] = process.argv.slice(2)
if (command === 'merge') merge(first, second)
else if (command === 'generate' && kinds.includes(first))
  for (const line of randomRows(first as Kind, Number(second), Number(third))) console.log(line)
else {
  process.stderr.write('usage: generate exec|setuid|prctl SEED COUNT | merge ROWS ANSWERS\n')
  process.exitCode = 2
}
