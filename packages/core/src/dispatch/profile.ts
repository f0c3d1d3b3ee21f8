/** A profile: the hooks of one kernel version as data, how they depart from the generic rules, and a class of keys. */
import { hookDefs } from '../hooks/hook-defs.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import { LsmTable } from '../lsm-table.ts'
import { shapes } from '../special/index.ts'
import type { Answers } from './key.ts'
import type { Shapes } from '../special/index.ts'

export interface HookProfile<Table extends object = object> {
  readonly name: string
  readonly hooks: Readonly<Record<string, AnyHookDef>>
  readonly shapes: Shapes
  /** A field for each hook, written out: made by scripts/generate-dispatch.ts. */
  readonly Table: new (answers: Answers) => Table
}

export const linux612: HookProfile<LsmTable> = { name: '6.12', hooks: hookDefs, shapes, Table: LsmTable }
