/** A host that can copy and exchange credentials, and nothing else: enough for an LSM that changes its own task. */
import { noHost } from '@lsmkit/core'
import type { Cred, Host, Stack, Task } from '@lsmkit/core'

/** As `prepare_creds`: every field is copied, and the LSMs copy theirs. */
const prepare = (stack: Stack): Cred | null => {
  const { cred } = stack.current.task
  const next = Object.assign(stack.objects.cred(cred.user_ns), cred, { security: null })
  return stack.lsm.cred_prepare.ask(next, cred, 0) === 0 ? next : null
}

export const credHost = (stack: Stack): Host => ({
  ...noHost,
  prepare_creds: () => prepare(stack),
  commit_creds(next) {
    stack.current.task.cred = next
    stack.current.task.real_cred = next
    return 0
  },
})

/** A child of the running task, as fork(2) makes one for the LSMs: nothing that it sets is seen by others. */
export const forked = (stack: Stack, pid: number): Task => {
  const cred = prepare(stack)
  if (cred === null) throw new Error('an LSM refuses a copy of the credentials')
  const task = stack.objects.task(pid, pid, cred, cred)
  const rc = stack.lsm.task_alloc.ask(task, 0)
  if (rc !== 0) throw new Error(`an LSM refuses a task: ${rc}`)
  return task
}
