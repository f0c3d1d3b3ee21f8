/**
 * The hierarchy of control groups of one machine (kernel/cgroup/cgroup.c). It exists from boot on, mounted or not, and
 * each task is in one of its groups.
 */
import { CGROUP2_SUPER_MAGIC, EBADF, ENOENT } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { kernfs } from '../fs/kernfs/kernfs.ts'
import type { Kernfs } from '../fs/kernfs/kernfs.ts'
import type { KernfsNode, KernfsRules } from '../state/kernfs/node.ts'
import { KernfsRoot } from '../fs/kernfs/root.ts'
import type { Machine } from '../machine.ts'
import { INIT_INUM } from '../state/task/namespaces.ts'
import { fget_raw } from '../state/vfs/fdtable.ts'
import { Cgroup, cgroupAt } from '../state/cgroup/cgroup.ts'
import type { CgroupChange } from '../state/cgroup/cgroup.ts'
import { noCgroupFlags } from '../state/cgroup/flags.ts'
import { GroupFiles } from './group-files.ts'
import type { CgroupFile } from './group-files.ts'
import { CgroupNamespace } from '../state/cgroup/namespace.ts'
import { cgroupNsOf, pathFrom } from './view.ts'

export class CgroupHierarchy {
  readonly machine: Machine
  readonly flags = noCgroupFlags()
  readonly root: KernfsRoot
  readonly tree: Kernfs
  readonly rootCgroup: Cgroup
  readonly init_cgroup_ns: CgroupNamespace
  readonly files: GroupFiles<CgroupHierarchy>
  /** Steps that other subsystems take when a group is removed. */
  readonly onOffline: ((cgrp: Cgroup) => void)[] = []
  /** True once it has been mounted; /proc shows it from then on. */
  visible = false

  constructor(
    machine: Machine, rulesOf: (hierarchy: CgroupHierarchy) => KernfsRules,
    files: readonly CgroupFile<CgroupHierarchy>[],
  ) {
    this.machine = machine
    this.root = new KernfsRoot(machine, {
      ...rulesOf(this), opened: (of) => void (of.priv = cgroupNsOf(machine.current.task)),
    })
    this.tree = kernfs(machine, this.root, CGROUP2_SUPER_MAGIC)
    this.rootCgroup = new Cgroup(
      null, this.root.node, machine.memory, (cgrp, what) => this.#noteChange(cgrp, what))
    this.root.node.priv = this.rootCgroup
    this.init_cgroup_ns = new CgroupNamespace(machine.init_user_ns, INIT_INUM.cgroup, this.rootCgroup)
    this.files = new GroupFiles(this, files)
    this.files.add(this.rootCgroup, null)
  }

  /** The path of a group from the root of the hierarchy. */
  pathOf({ kn }: { readonly kn: KernfsNode }): string {
    return pathFrom(this.root.node, kn)
  }

  #noteChange(cgrp: Cgroup, what: CgroupChange): void {
    const point = this.machine.tracing.points[`cgroup_notify_${what}`]
    if (point.on) point.hit(cgrp, this.pathOf(cgrp), Number(what === 'frozen' ? cgrp.frozen : cgrp.isPopulated))
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
