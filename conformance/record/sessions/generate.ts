/**
 * `generate.ts KIND SEED COUNT [MORE]` prints sessions of random operations for the player, and
 * `generate.ts table KIND` the operations of the kind as C, which the player is compiled with.
 */
import type { SessionOperations } from '../../src/sessions/player.ts'
import { functionOf } from '../c-text.ts'
import { kinds } from './kinds.ts'

const inC = (operations: SessionOperations): string => {
  const all = Object.entries(operations)
  return `${all.map(([name, text]) => functionOf(`play_${name}`, text)).join('\n')}
static const struct { const char *name; call_t play; } operations[] = {
${all.map(([name]) => `\t{ "${name}", play_${name} },`).join('\n')}
\t{ 0 }
};`
}

const [name = '', seed = '1', count = '1', more] = process.argv.slice(2)
const wanted = kinds.get(name === 'table' ? seed : name)
if (wanted === undefined) {
  const known = [...kinds.keys()].join(' ')
  process.stderr.write(`usage: generate.ts KIND SEED COUNT [MORE] | generate.ts table KIND\nkinds: ${known}\n`)
  process.exitCode = 2
} else if (name === 'table') console.log(inC(wanted.operations))
else for (const line of wanted.generate(Number(seed), Number(count), more)) console.log(line)
