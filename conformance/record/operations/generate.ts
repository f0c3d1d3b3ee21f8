/**
 * `generate.ts smack-fs|selinux-ops`: the operations of a suite as C, for a recorder to be compiled with.
 * `generate.ts rows SEED COUNT`: questions for the one of smack-fs, COUNT of each operation.
 */
import type { Operation, Operations } from '../../src/operations/operation.ts'
import { selinuxOperations } from '../../src/operations/selinux.ts'
import { smackOperations } from '../../src/operations/smack.ts'
import { functionOf } from '../c-text.ts'
import { randomFrom } from '../sessions/random.ts'

/** Calls of the other task within the text are functions of their own, which it is told to run. */
const lifted = (name: string, text: string): readonly [functions: string, text: string] => {
  const functions: string[] = []
  const rest = text.replace(/theirs\((\(.*?\))\);/gs, (_all, call: string) => {
    functions.push(`static long theirs_${name}(void)\n{\n\treturn ${call};\n}\n`)
    return `ask_other(theirs_${name});`
  })
  return [functions.join(''), rest]
}

const PARTS = ['setup', 'other', 'before', 'act'] as const

const definition = (name: string, operation: Operation): string =>
  PARTS.flatMap((part) => {
    const text = operation[part]
    if (text === undefined) return []
    const [functions, body] = lifted(name, text)
    return [functions + functionOf(`${part}_${name}`, body)]
  }).join('\n')

const entry = (name: string, operation: Operation): string => {
  const functions = PARTS.map((part) => (operation[part] === undefined ? '0' : `${part}_${name}`)).join(', ')
  const [kind = '', what = ''] = operation.tells ?? []
  return `\t{ "${name}", ${functions}, "${kind}", "${what}" },`
}

const inC = (operations: Operations): string => {
  const all = Object.entries(operations).filter(([, { absent }]) => absent === undefined)
  return `${all.map(([name, operation]) => definition(name, operation)).join('\n')}
static const struct operation operations[] = {
${all.map(([name, operation]) => entry(name, operation)).join('\n')}
\t{ 0 }
};
`
}

const RULES = ['-', 'r', 'w', 'x', 'a', 'rw', 'rx', 'wx', 'rwx', 'rwxa', 'wa', 'rwxat', 'wt', 'l', 'rwl', 'wxt', 'rxa']
const LABELS = ['S', '_', '^', '?', 'O', '*', '@']
const PRIVILEGES = ['none', 'none', 'none', 'none', 'mac_override', 'mac_admin', 'sys_ptrace', 'nocaps_keep']

const rows = (seed: number, count: number): string[] => {
  const random = randomFrom(seed)
  return Object.keys(smackOperations).flatMap((operation) => Array.from({ length: count }, (_, i) => {
    // most ask what a rule of the subject allows, the others compare labels
    const compares = i % 4 === 3
    const subject = compares ? random.pick(LABELS.slice(0, 4)) : 'S'
    const object = compares ? random.pick(LABELS) : 'O'
    const extra = i % 5 === 4 ? random.pick(['onlycap=Zed', 'onlycap=S']) : i % 5 === 3 ? random.pick(RULES) : '-'
    const fields = [
      subject, object, subject === object ? '-' : random.pick(RULES),
      subject === object && !extra.startsWith('o') ? '-' : extra,
      random.pick(PRIVILEGES), String(i % 7 === 6 ? 1 + random.below(2) : 0), operation,
    ]
    return fields.join('\t')
  }))
}

const [what, seed = '1', count = '8'] = process.argv.slice(2)
if (what === 'smack-fs') console.log(inC(smackOperations))
else if (what === 'selinux-ops') console.log(inC(selinuxOperations))
else if (what === 'rows') console.log(rows(Number(seed), Number(count)).join('\n'))
else throw new Error('usage: generate.ts smack-fs|selinux-ops|rows [SEED COUNT]')
