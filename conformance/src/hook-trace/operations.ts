/** The operations of hook-trace.tsv that its C text does not tell, by their id. */
import { bpfOperations } from './bpf.ts'
import { inetOperations } from './inet.ts'
import { procOperations } from './proc.ts'
import { taskOperations } from './tasks.ts'
import type { Operation } from './world.ts'

export const operations: Readonly<Record<string, Operation>> = {
  ...taskOperations,
  ...procOperations,
  ...inetOperations,
  ...bpfOperations,
}
