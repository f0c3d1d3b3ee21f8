/** Everything that selinux-ops.tsv does and this kernel can, by name. */
import { attributeOperations } from './attributes.ts'
import { bpfOperations } from './bpf.ts'
import { capabilityOperations } from './capabilities.ts'
import { descriptorOperations } from './descriptors.ts'
import { directoryOperations } from './directories.ts'
import { execOperations } from './exec.ts'
import { fileOperations } from './files.ts'
import { ipcOperations } from './ipc.ts'
import { keyOperations } from './keys.ts'
import { mountOperations } from './mounts.ts'
import { perfOperations } from './perf.ts'
import { processOperations } from './processes.ts'
import { selinuxfsOperations } from './selinuxfs.ts'
import { socketOperations } from './sockets.ts'
import type { Operation } from './world.ts'

export const operations: Readonly<Record<string, Operation>> = {
  ...fileOperations, ...descriptorOperations, ...directoryOperations, ...execOperations, ...attributeOperations,
  ...processOperations, ...ipcOperations, ...mountOperations, ...capabilityOperations, ...selinuxfsOperations,
  ...socketOperations, ...keyOperations, ...bpfOperations, ...perfOperations,
}
