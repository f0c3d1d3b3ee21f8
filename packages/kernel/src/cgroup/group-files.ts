/** The interface files of groups in the tree: made and removed by the controller, written by whoever may. */
import { EPERM, PAGE_SIZE } from '@lsmkit/abi'
import type { FileSpec } from '../state/kernfs/files.ts'
import type { KernfsOpenFile, KernfsOps } from '../state/kernfs/node.ts'
import type { KernfsRoot } from '../fs/kernfs/root.ts'
import type { Machine } from '../machine.ts'
import { cgroupAt, CONTROLLERS } from '../state/cgroup/cgroup.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { CgroupFile } from './files.ts'
import type { CgroupFlags } from '../state/cgroup/flags.ts'
import type { CgroupNamespace } from '../state/cgroup/namespace.ts'

/** The hierarchy, as far as its files need it. */
interface Owner {
  readonly machine: Machine
  readonly root: KernfsRoot
  readonly flags: CgroupFlags
  readonly init_cgroup_ns: CgroupNamespace
}

type Specs = ReadonlyMap<string | null, readonly FileSpec[]>

const modeOf = ({ read, write }: CgroupFile): number =>
  (read === undefined ? 0 : 0o444) | (write === undefined ? 0 : 0o200)

export class GroupFiles {
  /** Files that whoever a part of the tree is handed to may write in it. */
  readonly delegatable: readonly string[]
  private readonly owner: Owner
  private readonly ofGroup: Specs
  private readonly ofRoot: Specs

  constructor(owner: Owner, files: readonly CgroupFile[]) {
    this.owner = owner
    this.delegatable = files.filter(({ delegatable }) => delegatable === true).map(({ name }) => name)
    this.ofGroup = this.specsOf(files)
    this.ofRoot = this.specsOf(files.filter(({ notOnRoot }) => notOnRoot !== true))
  }

  /** All files of a controller, or none; they belong to who makes them. */
  add(cgrp: Cgroup, controller: string | null): number {
    const { fsuid: uid, fsgid: gid } = this.owner.machine.current.task.cred
    const specs = (cgrp.parent === null ? this.ofRoot : this.ofGroup).get(controller)!
    const made = this.owner.root.createAll(cgrp.kn, specs, { uid, gid })
    if (typeof made === 'number') return made
    cgrp.files.set(controller, made)
    return 0
  }

  remove(cgrp: Cgroup, controller: string | null): void {
    cgrp.files.get(controller)?.remove()
    cgrp.files.delete(controller)
  }

  private specsOf(files: readonly CgroupFile[]): Specs {
    const specs = new Map<string | null, FileSpec[]>([null, ...CONTROLLERS].map((name) => [name, []]))
    for (const file of files)
      specs.get(file.controller)!.push({ name: file.name, mode: modeOf(file), ops: this.opsOf(file) })
    return specs
  }

  private opsOf(file: CgroupFile): KernfsOps {
    const { read, write } = file
    return {
      atomic_write_len: PAGE_SIZE,
      ...(read === undefined ? {} : { read: (of) => read(cgroupAt(of.kn.parent!), of) }),
      ...(write === undefined ? {} : {
        write: (of, text) => {
          const cgrp = cgroupAt(of.kn.parent!)
          return this.mayWrite(cgrp, file, of) ? write(cgrp, text, of) : -EPERM
        },
      }),
    }
  }

  /** As `cgroup_file_write`: from inside a namespace its root has only those files that are meant for it. */
  private mayWrite(cgrp: Cgroup, { delegatable }: CgroupFile, of: KernfsOpenFile): boolean {
    const { flags, init_cgroup_ns } = this.owner
    const ns = of.priv as CgroupNamespace
    return !flags.nsdelegate || delegatable === true || ns === init_cgroup_ns || ns.root_cgrp !== cgrp
  }
}
