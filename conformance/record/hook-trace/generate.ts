/**
 * `generate.ts LEFT-OUT LSM [TABLE…]`: operations as C for recorder.c. The file LEFT-OUT names operations that do not
 * compile, a line each; they are left out. The file may be missing.
 */
import { existsSync, readFileSync } from 'node:fs'
import { withHow } from '../../src/hook-trace/how.ts'
import { statementsOf } from '../c-text.ts'
import { operationsOf } from './operations.ts'
import type { Text } from './operations.ts'

const [leftOut = '', lsm = '', ...tables] = process.argv.slice(2)
const skipped = new Set(existsSync(leftOut) ? readFileSync(leftOut, 'utf8').split('\n') : [])

/** Addresses come by pointers there, and a process that the window makes ends at once. */
const compiled = ({ setup, calls }: Text): readonly [setup: string, calls: string] => {
  const [first, then] = withHow(setup, calls)
  return [
    first.replace(/(struct sockaddr_\w+) a = (\w+\()/, '$1 a = *($1 *)$2'),
    then.replace('clone((int', 'clone_on((int').replace(/\b(?:fork|vfork|clone3?)\([^()]*\)/g, 'ending($&)'),
  ]
}

const functionOf = (id: string, text: Text): string => {
  const [setup, calls] = compiled(text)
  return [
    `#line 1 "op_${id}"`,
    `static long op_${id}(void)\n{\n\tlong last = 0;\n`,
    ...statementsOf(setup, false), '\tBEGIN();', ...statementsOf(calls, true), '\treturn last;\n}',
  ].join('\n')
}

const all = [...await operationsOf(lsm, tables)].filter(([id]) => !skipped.has(id))
for (const [id, text] of all) console.log(functionOf(id, text))
console.log(`#line 1 "operations"
static const struct hook_operation {
\tconst char *name;
\tcall_t play;
} hook_operations[] = {`)
for (const [id] of all) console.log(`\t{ "${id}", op_${id} },`)
console.log('\t{ 0 }\n};')
