/** The operations of the recordings by name, as system calls of our kernel. */
import { attributeOperations } from './operations/attributes.ts'
import { execOperations } from './operations/exec.ts'
import { fileOperations } from './operations/files.ts'
import { policyOperations } from './operations/policy.ts'
import { socketOperations } from './operations/sockets.ts'
import { systemOperations } from './operations/system.ts'
import { taskOperations } from './operations/tasks.ts'
import type { Play } from './operations/play.ts'

export const operations: Readonly<Record<string, Play>> = {
  ...fileOperations, ...policyOperations, ...attributeOperations, ...execOperations, ...taskOperations,
  ...socketOperations, ...systemOperations,
}
