/** The operations of hook-trace.tsv that are written down here, by their id. */
import { credOperations } from './creds.ts'
import { execOperations } from './exec.ts'
import { inetOperations } from './inet.ts'
import { memoryOperations } from './memory.ts'
import { namespaceOperations } from './namespaces.ts'
import { procOperations } from './proc.ts'
import { ptraceOperations } from './ptrace.ts'
import { taskOperations } from './tasks.ts'
import type { Operation } from './world.ts'

export const operations: Readonly<Record<string, Operation>> = {
  ...execOperations,
  ...taskOperations,
  ...ptraceOperations,
  ...procOperations,
  ...credOperations,
  ...namespaceOperations,
  ...memoryOperations,
  ...inetOperations,
}
