/** For tests: a kernel with the files of just-bash's own layout, and a task of a plain user. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'

export const UID = 1000

export interface Booted {
  readonly kernel: Kernel
  /** Process 1, which is root. */
  readonly root: TaskFiles
  /** A process of user 1000 in `/`. */
  readonly user: Task
}

/** Directories of each path are made; all of it belongs to the user. */
export const plant = ({ root }: { readonly root: TaskFiles }, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    root.mkdirs(path.slice(0, path.lastIndexOf('/')) || '/')
    root.writeFile(path, new TextEncoder().encode(text))
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) root.chown(at, UID, UID)
  }
}

export const boot = (lsms: readonly Lsm[] = []): Booted => {
  const stack = createStack({ lsms: [capability(), ...lsms] })
  const kernel = bootKernel({ stack })
  const { sys, init, machine } = kernel
  const root = new TaskFiles(kernel, init)
  for (const dir of ['/bin', '/usr', '/tmp', '/home/user']) root.mkdirs(dir)
  root.chmod('/tmp', 0o777)
  const user = machine.tasks.findByVpid(sys.fork(init)) as Task
  const rcs = [sys.setgroups(user, 0, []), sys.setresgid(user, UID, UID, UID), sys.setresuid(user, UID, UID, UID)]
  if (rcs.some((rc) => rc !== 0)) throw new Error(`the user: ${rcs.join()}`)
  return { kernel, root, user }
}
