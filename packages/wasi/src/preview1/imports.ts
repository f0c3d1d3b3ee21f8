/** All of `wasi_snapshot_preview1` for one process, group by group. */
import type { Import } from '../guard.ts'
import type { Process } from '../process.ts'
import type { Answer } from '../waiting/waits.ts'
import { argsImports } from './args.ts'
import { clockImports } from './clock.ts'
import { fdIoImports } from './fd-io.ts'
import { fdReaddirImports } from './fd-readdir.ts'
import { fdStatImports } from './fd-stat.ts'
import { fdTableImports } from './fd-table.ts'
import { pathOpenImports } from './path-open.ts'
import { pathOpsImports } from './path-ops.ts'
import { pathStatImports } from './path-stat.ts'
import { pollImports } from './poll.ts'
import { procImports } from './proc.ts'
import { sockImports } from './sock.ts'
import type { Preview1 } from './table.ts'

/** The handlers as they are: no limits are looked at and nothing is counted. */
export const preview1Imports = (process: Process): Preview1<Answer> => ({
  ...argsImports(process),
  ...clockImports(process),
  ...fdIoImports(process),
  ...fdReaddirImports(process),
  ...fdStatImports(process),
  ...fdTableImports(process),
  ...pathOpenImports(process),
  ...pathOpsImports(process),
  ...pathStatImports(process),
  ...pollImports(process),
  ...procImports(process),
  ...sockImports(process),
})

type Calls = Readonly<Record<string, Import>>

/** The same by groups. */
const groups: readonly ((process: Process) => object)[] = [
  argsImports, clockImports, fdIoImports, fdReaddirImports, fdStatImports, fdTableImports, pathOpenImports,
  pathOpsImports, pathStatImports, pollImports, procImports, sockImports,
]
/** Which group has a name: learnt from the first process. */
let groupOf: ReadonlyMap<string, number> | null = null

/** Handlers by name, as `preview1Imports` has them: groups that nobody asks for are not made. */
export const preview1Import = (process: Process): ((name: string) => Import) => {
  groupOf ??= new Map(groups.flatMap((make, i) => Object.keys(make(process)).map((name) => [name, i] as const)))
  const index = groupOf
  const made: Calls[] = []
  return (name) => {
    const i = index.get(name)!
    return (made[i] ??= groups[i]!(process) as Calls)[name]!
  }
}
