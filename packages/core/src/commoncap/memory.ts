/** Memory rules that ask for capabilities over the initial namespace, directly and not through a slot. */
import { CAP_OPT_NOAUDIT, CAP_OPT_NONE, CAP_SYS_ADMIN, CAP_SYS_RAWIO, PF_SUPERPRIV } from '@lsmkit/abi'
import type { Cred } from '../objects/cred.ts'
import type { Task } from '../objects/task.ts'
import { cap_capable } from './cap-capable.ts'
import { init_user_ns_of } from './user-ns.ts'

/** As `cap_vm_enough_memory`: 0 when the administrator's reserve may be used, -EPERM when not. Never denies memory. */
export const cap_vm_enough_memory = (cred: Cred): number =>
  cap_capable(cred, init_user_ns_of(cred.user_ns), CAP_SYS_ADMIN, CAP_OPT_NOAUDIT)

/** As `cap_mmap_addr`: below `dac_mmap_min_addr` needs CAP_SYS_RAWIO, else -EPERM. */
export const cap_mmap_addr = (task: Task, addr: number, dac_mmap_min_addr: number): number => {
  if (addr >= dac_mmap_min_addr) return 0
  const rc = cap_capable(task.cred, init_user_ns_of(task.cred.user_ns), CAP_SYS_RAWIO, CAP_OPT_NONE)
  if (rc === 0) task.flags |= PF_SUPERPRIV
  return rc
}
