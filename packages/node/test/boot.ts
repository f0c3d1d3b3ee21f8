/** For tests: a kernel and a task that is not root, with a module of the test's own. */
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import type { HookGroup, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { BootMount } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'

export const boot = (hooks: HookGroup = {}, mounts: readonly BootMount[] = []) => {
  const stack = createStack({ lsms: [capability(), defineLsm({ name: 'own', abi: '1.0', id: 1000, hooks })] })
  const kernel = bootKernel({ stack, mounts })
  const { sys, init, machine } = kernel
  const root = new TaskFiles(kernel, init)
  root.mkdirs('/tmp')
  root.chmod('/tmp', 0o777)
  const task = machine.tasks.findByVpid(sys.fork(init)) as Task
  sys.setgroups(task, 0, [])
  sys.setresgid(task, 1000, 1000, 1000)
  sys.setresuid(task, 1000, 1000, 1000)
  return { stack, kernel, root, task }
}
