/** The text of a table class: a field for each hook of a profile, written out. */
import type { AnyHookDef } from '../src/hooks/hook-types.ts'

/** Declared only: a field that is also initialised would be written twice, and no constant to V8. */
const declared = ([name, def]: readonly [string, AnyHookDef]): string =>
  `  declare readonly ${name}: ${def.ret === 'void' ? 'TellKey' : 'AskKey'}\n`

const born = ([name, def]: readonly [string, AnyHookDef]): string =>
  `    this.${name} = ${def.ret === 'void' ? 'tellKey' : 'askKey'}(answers.${name}!)\n`

/** The text that makes one profile's class different from another's. */
export interface TableNames {
  readonly table: string
  readonly map: string
  readonly from: string
  readonly says: string
}

export const lsmTable = (defs: Readonly<Record<string, AnyHookDef>>, { table, map, from, says }: TableNames): string => `/**
 * ${says} Written by scripts/generate-dispatch.ts, in full: an object
 * that hundreds of names are added to in a loop is slow, and nothing that is called through it folds.
 */
import { askKey, tellKey } from '../dispatch/key.ts'
import type { Answers } from '../dispatch/key.ts'
import type { ${map} } from '../hooks/${from}.ts'

type AskKey = ReturnType<typeof askKey>
type TellKey = ReturnType<typeof tellKey>

class Keys {
${Object.entries(defs).map(declared).join('')}
  constructor(answers: Answers) {
${Object.entries(defs).map(born).join('')}  }
}

/** What a kernel is given: \`lsm.file_open.ask(file)\` for int hooks, \`lsm.task_free.tell(task)\` for void hooks. */
export type ${table} = ${map}
export const ${table} = Keys as unknown as new (answers: Answers) => ${table}
`
