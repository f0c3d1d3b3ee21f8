/**
 * The hierarchy of control groups of one machine (kernel/cgroup/cgroup.c): it is there from boot, whether mounted or
 * not, and every task is in one of its groups.
 */
import { CGROUP2_SUPER_MAGIC, EAGAIN, EBADF, EBUSY, EINVAL, ENOENT } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { kernfs } from '../fs/kernfs/kernfs.ts'
import type { Kernfs } from '../fs/kernfs/kernfs.ts'
import type { KernfsNode, KernfsRules } from '../state/kernfs/node.ts'
import { KernfsRoot } from '../fs/kernfs/root.ts'
import { MemoryAccount } from '../state/host-memory.ts'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { INIT_INUM } from '../state/task/namespaces.ts'
import { fget_raw } from '../state/vfs/fdtable.ts'
import { Cgroup, cgroupAt } from '../state/cgroup/cgroup.ts'
import { cgroupControl } from './control.ts'
import type { CgroupControl } from './control.ts'
import { cgroupFiles } from './files.ts'
import { CGROUP_FLAG_NAMES, noCgroupFlags } from '../state/cgroup/flags.ts'
import { cgroupFreezer } from './freezer.ts'
import type { CgroupFreezer } from './freezer.ts'
import { GroupFiles } from './group-files.ts'
import { cgroupMembership } from '../state/cgroup/membership.ts'
import { cgroupMigration } from './migrate.ts'
import type { CgroupMigration } from './migrate.ts'
import { CgroupNamespace } from '../state/cgroup/namespace.ts'
import { cgroupNsOf, pathFrom } from './view.ts'

export class CgroupHierarchy {
  readonly machine: Machine
  readonly flags = noCgroupFlags()
  readonly root: KernfsRoot
  readonly tree: Kernfs
  readonly rootCgroup: Cgroup
  readonly init_cgroup_ns: CgroupNamespace
  readonly membership = cgroupMembership()
  readonly freezer: CgroupFreezer
  readonly migration: CgroupMigration
  readonly control: CgroupControl
  readonly files: GroupFiles
  /** What hangs on a group goes with it. */
  readonly onOffline: ((cgrp: Cgroup) => void)[] = []
  /** It has been mounted once: /proc tells of it from then on. */
  visible = false

  constructor(machine: Machine) {
    this.machine = machine
    this.root = new KernfsRoot(machine, this.rules())
    this.tree = kernfs(machine.lsm, machine, {
      root: this.root,
      magic: CGROUP2_SUPER_MAGIC,
      opened: (of) => void (of.priv = cgroupNsOf(machine.current.task)),
    })
    this.rootCgroup = new Cgroup(null, this.root.node, machine.memory)
    this.root.node.priv = this.rootCgroup
    this.init_cgroup_ns = new CgroupNamespace(machine.init_user_ns, INIT_INUM.cgroup, this.rootCgroup)
    this.freezer = cgroupFreezer(machine)
    this.migration = cgroupMigration(
      machine, this.tree, this.membership, this.freezer, () => this.flags.nsdelegate,
    )
    this.control = cgroupControl(this.membership, {
      add: (cgrp, controller) => this.files.add(cgrp, controller),
      remove: (cgrp, controller) => this.files.remove(cgrp, controller),
      newMemory,
    })
    this.files = new GroupFiles(this, cgroupFiles(this))
    this.files.add(this.rootCgroup, null)
  }

  private rules(): KernfsRules {
    return {
      mkdir: (parent, name, mode) => this.mkdir(parent, name, mode),
      rmdir: (kn) => this.destroy(cgroupAt(kn)),
      user_xattr: true,
      exportop: true,
      super_ops: {
        show_options: (m) => {
          m.text += CGROUP_FLAG_NAMES.map((name) => (this.flags[name] ? `,${name}` : '')).join('')
          return 0
        },
        show_path: (dentry) => {
          const { root_cgrp } = cgroupNsOf(this.machine.current.task)
          return pathFrom(root_cgrp.kn, this.tree.kernfs_node_from_dentry(dentry)!)
        },
      },
    }
  }

  /** Of a group, as whoever sees all of them calls it. */
  pathOf({ kn }: { readonly kn: KernfsNode }): string {
    return pathFrom(this.root.node, kn)
  }

  mkdir(parent: KernfsNode, name: string, mode: number): number {
    const { cgroup_mkdir } = this.machine.tracing.points
    // /proc/PID/cgroup has a line for each
    if (name.includes('\n')) return -EINVAL
    const above = cgroupAt(parent)
    if (!isWithinLimits(above)) return -EAGAIN
    const { fsuid: uid, fsgid: gid } = this.machine.current.task.cred
    const kn = this.root.mkdir(parent, name, mode & 0o7777, { uid, gid })
    if (typeof kn === 'number') return kn
    const cgrp = new Cgroup(above, kn)
    kn.force(COST.cgroup)
    kn.priv = cgrp
    above.children.add(cgrp)
    for (const at of cgrp.ancestors()) at.nr_descendants++
    const rc = this.files.add(cgrp, null) || this.control.inherit(cgrp)
    if (rc !== 0) this.destroy(cgrp)
    else if (cgroup_mkdir.on) cgroup_mkdir.hit(cgrp, this.pathOf(cgrp))
    return rc
  }

  /** As `cgroup_destroy_locked`. */
  destroy(cgrp: Cgroup): number {
    const { cgroup_rmdir } = this.machine.tracing.points
    if (cgrp.isPopulated || cgrp.children.size > 0) return -EBUSY
    const parent = cgrp.parent!
    const path = cgroup_rmdir.on ? this.pathOf(cgrp) : ''
    cgrp.dead = true
    this.root.remove(cgrp.kn)
    parent.children.delete(cgrp)
    if (cgrp.isThreaded) parent.nr_threaded_children--
    for (const at of cgrp.ancestors()) {
      at.nr_descendants--
      if (cgrp.members > 0) at.nr_dying_descendants++
    }
    this.freezer.update(parent)
    for (const step of this.onOffline) step(cgrp)
    if (cgroup_rmdir.on) cgroup_rmdir.hit(cgrp, path)
    return 0
  }

  /** As `cgroup_get_from_file`: the group whose directory is open. */
  fromFile(file: File): Cgroup | number {
    const kn = this.tree.kernfs_node_from_dentry(file.f_path.dentry)
    if (kn === null || !kn.isDir) return -EBADF
    return cgroupAt(kn).dead ? -ENOENT : cgroupAt(kn)
  }

  fromFd(fd: number): Cgroup | number {
    const file = fget_raw(this.machine.current.task, fd)
    return file === null ? -EBADF : this.fromFile(file)
  }
}

/** As `cgroup_check_hierarchy_limits`. */
const isWithinLimits = (parent: Cgroup): boolean => {
  let depth = 0
  for (const at of [parent, ...parent.ancestors()]) {
    if (at.nr_descendants >= at.max_descendants || depth >= at.max_depth) return false
    depth++
  }
  return true
}

/** An account of the group's own, whose events tell of what it refuses. */
const newMemory = (cgrp: Cgroup): MemoryAccount => {
  const memory = new MemoryAccount(cgrp.parent!.effectiveMemory)
  const tell = (name: string): void => cgrp.files.get('memory')?.notify(name)
  memory.onRefusal = () => {
    tell('memory.events')
    tell('memory.events.local')
  }
  return memory
}
