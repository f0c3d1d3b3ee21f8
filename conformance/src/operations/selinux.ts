/**
 * Every operation of selinux-ops.tsv. Its scene: in /w the files f (o_t) and g (l_t), the directory d (td_t) with f and
 * sub in it, l, a link to f, and the program x. `setup` is done by kernel_t, `other` by p_t, `act` by s_t.
 */
import type { Operations } from './operation.ts'
import { capabilityOperations } from './selinux/capabilities.ts'
import { descriptorOperations } from './selinux/descriptors.ts'
import { directoryOperations } from './selinux/directories.ts'
import { execOperations } from './selinux/exec.ts'
import { fileOperations, preparedFileOperations } from './selinux/files.ts'
import { otherOperations } from './selinux/other.ts'
import { socketOperations } from './selinux/sockets.ts'
import { taskOperations } from './selinux/tasks.ts'

export const selinuxOperations: Operations = {
  ...fileOperations, ...preparedFileOperations, ...descriptorOperations, ...directoryOperations, ...execOperations,
  ...taskOperations, ...socketOperations, ...capabilityOperations, ...otherOperations,
}
