/**
 * `allow` put into force, in this order: all is mounted read-only but what may be written, the bound of capabilities is
 * emptied, Landlock restricts, and a filter keeps families of sockets away. Programs are children of the task that has
 * gone through it.
 */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_RECURSIVE, CLONE_NEWIPC, CLONE_NEWNS, MOUNT_ATTR_RDONLY, MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH, OPEN_TREE_CLONE, RLIMIT_NOFILE, SECCOMP_FILTER_FLAG_LOG, SECCOMP_SET_MODE_FILTER,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { fdTable } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { LandlockError, ruleset } from '@lsmkit/landlock'
import { familiesOf, landlockRules } from './allow.ts'
import type { WholeAllow } from './allow.ts'
import { gone, openStrictly } from './names/named-places.ts'
import type { NamedPlaces } from './names/named-places.ts'
import { SandboxError } from './sandbox-error.ts'
import { socketFilter } from './socket-filter.ts'
import { dropBound, forked, must } from './subject.ts'

/**
 * A task whose children are confined; null: by the modules alone. The host task works on places, never on names.
 * `narrow`: they are confined by this too; it lies within `allow`.
 */
export const confinedParentOf = (
  kernel: Kernel, allow: WholeAllow | null, places: NamedPlaces, narrow: WholeAllow | null = null,
): Task => {
  const { sys } = kernel
  const task = forked(kernel, places.holder)
  must(sys.setgroups(task, 0, []), 'setgroups')
  if (allow !== null) {
    mountReadOnly(kernel, task, (narrow ?? allow).write, places)
    dropBound(kernel, task)
    restrict(kernel, task, allow, places)
    if (narrow !== null) restrict(kernel, task, narrow, places)
  }
  // its children inherit what it has open: nothing
  must(sys.close_range(task, 0, ALL_DESCRIPTORS, 0), 'close_range')
  const usual = { rlim_cur: 0, rlim_max: 0 }
  must(sys.prlimit64(kernel.init, 0, RLIMIT_NOFILE, null, usual), 'prlimit64')
  must(sys.prlimit64(task, 0, RLIMIT_NOFILE, usual, null), 'prlimit64')
  if (allow === null) return task
  const filter = socketFilter(familiesOf(narrow ?? allow))
  const rc = sys.seccomp(task, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, { len: filter.length, filter })
  must(rc, 'seccomp')
  return task
}
const ALL_DESCRIPTORS = 0xffffffff

const readOnly = { attr_set: MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 }
const writable = { attr_set: 0, attr_clr: MOUNT_ATTR_RDONLY, propagation: 0, userns_fd: 0 }

/** In namespaces of mounts and of IPC of its own; the host task goes on in the first ones. */
const mountReadOnly = (
  { sys }: Kernel, task: Task, writes: readonly string[], places: NamedPlaces,
): void => {
  must(sys.unshare(task, CLONE_NEWNS | CLONE_NEWIPC), 'namespaces of mounts and IPC')
  // from the outermost in, so that none covers another
  const named = writes.map((name) => ({ name, real: places.realOf(name) }))
    .toSorted((a, b) => a.real.length - b.real.length)
  const trees = named.map(({ name, real }) => {
    const fd = openStrictly({ sys }, task, real)
    // in the new namespace the mount is another, and the directory is the same
    if (fd < 0 || fdTable(task).get(fd)?.f_path.dentry !== places.pathOf(name).dentry) throw gone(name, 'allow: write')
    if (real === '/') return fd
    const tree = must(sys.open_tree(task, fd, '', OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH), name)
    must(sys.move_mount(task, tree, '', fd, '', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), name)
    return tree
  })
  must(sys.mount_setattr(task, AT_FDCWD, '/', AT_RECURSIVE, readOnly), 'a read-only tree')
  for (const tree of trees) must(sys.mount_setattr(task, tree, '', AT_RECURSIVE | AT_EMPTY_PATH, writable), 'allow')
}

const restrict = (kernel: Kernel, task: Task, allow: WholeAllow, { descriptors }: NamedPlaces): void => {
  try {
    ruleset(landlockRules(allow)).restrict(kernel, task, { descriptors })
  } catch (error) {
    if (!(error instanceof LandlockError)) throw error
    throw new SandboxError('bad-tree', error.summary, { place: 'allow', hint: error.hint })
  }
}
