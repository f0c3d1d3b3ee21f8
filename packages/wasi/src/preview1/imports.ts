/** All of `wasi_snapshot_preview1` for one process, group by group. */
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
