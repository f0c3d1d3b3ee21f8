/** A profile: the hooks of one kernel version as data, how they depart from the generic rules, and a class of keys. */
import { hookDefs } from '../hooks/hook-defs.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import type { OwnHookDefs } from '../hooks/own-hooks.ts'
import { LsmTable } from '../generated/lsm-table.ts'
import { shapes } from '../special/index.ts'
import { askKey, tellKey } from './key.ts'
import type { Answers } from './key.ts'
import type { Shapes } from '../special/index.ts'

export interface HookProfile<Table extends object = object> {
  readonly name: string
  readonly hooks: Readonly<Record<string, AnyHookDef>>
  readonly shapes: Shapes
  /** A field for each hook, written out: made by scripts/generate-dispatch.ts. */
  readonly Table: new (answers: Answers) => Table
}

/** The hooks of Linux 6.12. */
export const linux612: HookProfile<LsmTable> = { name: '6.12', hooks: hookDefs, shapes, Table: LsmTable }

/** The same with hooks of a host's own behind the kernel's. */
export const profileWith = <Table extends object>(
  profile: HookProfile<Table>, own: OwnHookDefs,
): HookProfile<Table> => {
  const added = Object.entries(own)
  if (added.length === 0) return profile
  return { ...profile, hooks: { ...profile.hooks, ...own }, Table: tableWith(profile.Table, added) }
}

type TableClass = new (answers: Answers) => object

const tableWith = <Table extends object>(
  Base: new (answers: Answers) => Table, added: readonly (readonly [string, AnyHookDef])[],
): new (answers: Answers) => Table =>
  class extends (Base as TableClass) {
    constructor(answers: Answers) {
      super(answers)
      for (const [name, { ret }] of added) {
        Object.assign(this, { [name]: ret === 'void' ? tellKey(answers[name]!) : askKey(answers[name]!) })
      }
    }
  } as new (answers: Answers) => Table
