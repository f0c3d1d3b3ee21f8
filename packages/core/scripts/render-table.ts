/** The text of a table class: a field for each hook of a profile, written out. */
import type { AnyHookDef } from '../src/hooks/hook-types.ts'

const field = ([name, def]: readonly [string, AnyHookDef]): string =>
  `  readonly ${name} = ${def.ret === 'void' ? `tellKey('${name}')` : `askKey('${name}', ${def.default})`}\n`

/** What sets one profile's class apart in the text. */
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
import { askKey, tellKey } from './dispatch/key.ts'
import type { ${map} } from './hooks/${from}.ts'

class Keys {
${Object.entries(defs).map(field).join('')}}

/** What a kernel is given: \`lsm.file_open.ask(file)\` for int hooks, \`lsm.task_free.tell(task)\` for void hooks. */
export type ${table} = ${map}
export const ${table} = Keys as unknown as new () => ${table}
`
