/**
 * `merge.ts ANSWERS LSM [TABLE…]`: the rows of a hook-trace table, from what recorder.c printed and the operations that
 * generate.ts gave it.
 */
import { readFileSync } from 'node:fs'
import { syscallTable } from '@lsmkit/kernel'
import { operationsOf } from './operations.ts'
import { hookOf, traceOf } from './trace.ts'
import type { Group } from './trace.ts'

const [answers = '', lsm = '', ...tables] = process.argv.slice(2)
const operations = await operationsOf(lsm, tables)

const names = new Map(Object.entries(syscallTable).map(([name, { nr }]) => [nr, name]))
const listed = (hooks: readonly string[]): string => (hooks.length === 0 ? '-' : hooks.join(','))
const result = ({ nr, rc, error }: Group): string =>
  `${names.get(nr) ?? nr}=${rc === null ? '?' : error ?? 'OK'}`

console.log(['n', 'id', 'setup', 'calls', 'errno', 'syscalls', 'hooks', 'later', 'lsm'].join('\t'))
let n = 0
for (const part of readFileSync(answers, 'utf8').replaceAll('\r', '').split(/^@/m).slice(1)) {
  const [head = '', ...lines] = part.split('\n')
  const [id = '', pid = '', errno = ''] = head.split('\t')
  const operation = operations.get(id)
  if (operation === undefined || /^(PREP|ENDED)/.test(errno)) {
    process.stderr.write(`left out: ${head}\n`)
    continue
  }
  const { groups, later } = traceOf(lines, Number(pid))
  console.log([
    ++n, id, operation.setup || '-', operation.calls, errno.replace('EOPNOTSUPP', 'ENOTSUP'),
    groups.map(result).join(' | ') || '-',
    groups.map(({ functions }) => listed(functions.map(hookOf))).join(' | ') || '-',
    listed([...later].map(hookOf).sort()), lsm || '-',
  ].join('\t'))
}
