/** The idle task: what `current` is while a stack is built and until a host has tasks of its own. */
import { CAP_FULL_SET, capCopy, SECUREBITS_DEFAULT } from '@lsmkit/abi'
import { initUserNamespace } from '../commoncap/user-ns.ts'
import type { Task } from '../objects/task.ts'
import { plainObjects } from '../objects/factories.ts'

/** `init_task` with `init_cred`: pid 0, root of a fresh initial user namespace, every capability, none inheritable. */
export const createInitTask = (): Task => {
  const cred = plainObjects.cred(initUserNamespace())
  cred.securebits = SECUREBITS_DEFAULT
  cred.cap_permitted = capCopy(CAP_FULL_SET)
  cred.cap_effective = capCopy(CAP_FULL_SET)
  cred.cap_bset = capCopy(CAP_FULL_SET)
  const task = plainObjects.task(0, 0, cred, cred)
  task.comm = 'swapper'
  return task
}
