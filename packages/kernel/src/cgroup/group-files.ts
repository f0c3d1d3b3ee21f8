/** The interface files of groups in the tree: made and removed for each controller; a write is checked first. */
import { EPERM, PAGE_SIZE } from '@lsmkit/abi'
import type { FileSpec } from '../state/kernfs/files.ts'
import type { KernfsOpenFile, KernfsOps } from '../state/kernfs/node.ts'
import type { KernfsRoot } from '../fs/kernfs/root.ts'
import type { Machine } from '../machine.ts'
import { cgroupAt, CONTROLLERS } from '../state/cgroup/cgroup.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { CgroupFlags } from '../state/cgroup/flags.ts'
import type { CgroupNamespace } from '../state/cgroup/namespace.ts'

/** The part of the hierarchy that its files need. */
interface Owner {
  readonly machine: Machine
  readonly root: KernfsRoot
  readonly flags: CgroupFlags
  readonly init_cgroup_ns: CgroupNamespace
}

type Specs = ReadonlyMap<string | null, readonly FileSpec[]>

export interface CgroupFile<Hierarchy> {
  readonly name: string
  /** The controller whose file it is; null for a file of the group itself. */
  readonly controller: string | null
  readonly notOnRoot?: boolean
  /** May be written in the root of a namespace from inside, even where namespaces are a border. */
  readonly delegatable?: boolean
  readonly read?: (cgrp: Cgroup, hierarchy: Hierarchy) => string | number
  readonly write?: (cgrp: Cgroup, text: string, hierarchy: Hierarchy, of: KernfsOpenFile) => number
}

const modeOf = ({ read, write }: CgroupFile<never>): number =>
  (read === undefined ? 0 : 0o444) | (write === undefined ? 0 : 0o200)

export class GroupFiles<Hierarchy extends Owner> {
  /** Names of files that may be written by the user that a part of the tree is delegated to. */
  readonly delegatable: readonly string[]
  readonly #owner: Hierarchy
  readonly #ofGroup: Specs
  readonly #ofRoot: Specs

  constructor(owner: Hierarchy, files: readonly CgroupFile<Hierarchy>[]) {
    this.#owner = owner
    this.delegatable = files.filter(({ delegatable }) => delegatable === true).map(({ name }) => name)
    this.#ofGroup = this.#specsOf(files)
    this.#ofRoot = this.#specsOf(files.filter(({ notOnRoot }) => notOnRoot !== true))
  }

  /** Makes all files of a controller, owned by the caller: 0, or -errno with no file made. */
  add(cgrp: Cgroup, controller: string | null): number {
    const { fsuid: uid, fsgid: gid } = this.#owner.machine.current.task.cred
    const specs = (cgrp.parent === null ? this.#ofRoot : this.#ofGroup).get(controller)!
    const made = this.#owner.root.createAll(cgrp.kn, specs, { uid, gid })
    if (typeof made === 'number') return made
    cgrp.files.set(controller, made)
    return 0
  }

  remove(cgrp: Cgroup, controller: string | null): void {
    cgrp.files.get(controller)?.remove()
    cgrp.files.delete(controller)
  }

  #specsOf(files: readonly CgroupFile<Hierarchy>[]): Specs {
    const specs = new Map<string | null, FileSpec[]>([null, ...CONTROLLERS].map((name) => [name, []]))
    for (const file of files)
      specs.get(file.controller)!.push({ name: file.name, mode: modeOf(file), ops: this.#opsOf(file) })
    return specs
  }

  #opsOf(file: CgroupFile<Hierarchy>): KernfsOps {
    const { read, write } = file
    return {
      atomic_write_len: PAGE_SIZE,
      ...(read === undefined ? {} : { read: (of) => read(cgroupAt(of.kn.parent!), this.#owner) }),
      ...(write === undefined ? {} : {
        write: (of, text) => {
          const cgrp = cgroupAt(of.kn.parent!)
          return this.#mayWrite(cgrp, file, of) ? write(cgrp, text, this.#owner, of) : -EPERM
        },
      }),
    }
  }

  /** As `cgroup_file_write`: from inside a namespace, only delegatable files of its root may be written. */
  #mayWrite(cgrp: Cgroup, { delegatable }: CgroupFile<Hierarchy>, of: KernfsOpenFile): boolean {
    const { flags, init_cgroup_ns } = this.#owner
    const ns = of.priv as CgroupNamespace
    return !flags.nsdelegate || delegatable === true || ns === init_cgroup_ns || ns.root_cgrp !== cgrp
  }
}
