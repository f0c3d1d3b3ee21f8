/** The text of the table classes: the fields that all releases share, written out once, and those of one release. */
import type { AnyHookDef } from '../src/hooks/hook-types.ts'

type Defs = Readonly<Record<string, AnyHookDef>>

/** Declared only: a field that is also initialised would be written twice, and no constant to V8. */
const declared = ([name, def]: readonly [string, AnyHookDef]): string =>
  `  declare readonly ${name}: ${def.ret === 'void' ? 'TellKey' : 'AskKey'}\n`

const born = ([name, def]: readonly [string, AnyHookDef]): string =>
  `    this.${name} = ${def.ret === 'void' ? 'tellKey' : 'askKey'}(answers.${name}!)\n`

/** The hooks of the first table that all others have as well, with an answer or without one alike. */
export const sharedDefs = (first: Defs, others: readonly Defs[]): Defs =>
  Object.fromEntries(Object.entries(first).filter(([name, { ret }]) => others.every((defs) => defs[name]?.ret === ret)))

const keyTypes = `type AskKey = ReturnType<typeof askKey>
type TellKey = ReturnType<typeof tellKey>`

/** The text of the class that the tables of all releases extend. */
export const sharedTable = (shared: Defs): string => `/**
 * The keys that the table of every release has. Written by scripts/generate-dispatch.ts, in full: an object
 * that hundreds of names are added to in a loop is slow, and nothing that is called through it folds.
 */
import { askKey, tellKey } from '../dispatch/key.ts'
import type { Answers } from '../dispatch/key.ts'

${keyTypes}

export class SharedKeys {
${Object.entries(shared).map(declared).join('')}
  constructor(answers: Answers) {
${Object.entries(shared).map(born).join('')}  }
}
`

/** The text that makes one profile's class different from another's. */
export interface TableNames {
  readonly table: string
  readonly map: string
  readonly from: string
  readonly says: string
}

/** The text of the table of one release: what it has beside the shared keys. */
export const lsmTable = (defs: Defs, shared: Defs, { table, map, from, says }: TableNames): string => {
  const own = Object.entries(defs).filter(([name]) => !Object.hasOwn(shared, name))
  return `/** ${says} Written by scripts/generate-dispatch.ts. */
import { askKey, tellKey } from '../dispatch/key.ts'
import type { Answers } from '../dispatch/key.ts'
import type { ${map} } from '../hooks/${from}.ts'
import { SharedKeys } from './shared-keys.ts'

${keyTypes}

class Keys extends SharedKeys {
${own.map(declared).join('')}
  constructor(answers: Answers) {
    super(answers)
${own.map(born).join('')}  }
}

/** What a kernel is given: \`lsm.file_open.ask(file)\` for int hooks, \`lsm.task_free.tell(task)\` for void hooks. */
export type ${table} = ${map}
export const ${table} = Keys as unknown as new (answers: Answers) => ${table}
`
}
