/**
 * The hierarchy of control groups of one machine (kernel/cgroup/cgroup.c): it is there from boot, whether mounted or
 * not, and every task is in one of its groups.
 */
import {
  CAP_SYS_ADMIN, CGROUP2_SUPER_MAGIC, CLONE_NEWCGROUP, CLONE_THREAD, EAGAIN, EBADF, EBUSY, EINVAL, ENOENT, EPERM,
  PAGE_SIZE,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { CgroupMap, CgroupTree, File, KeyMap, Sock, Task, UserNamespace } from '@lsmkit/core'
import { kernfs } from '../fs/kernfs/kernfs.ts'
import { KernfsRoot } from '../fs/kernfs/root.ts'
import type { FileSpec } from '../fs/kernfs/files.ts'
import type { KernfsNode, KernfsOpenFile, KernfsOps } from '../fs/kernfs/node.ts'
import type { Cgroups } from '../interfaces/cgroups.ts'
import { COST } from '../memory-costs.ts'
import { MemoryAccount } from '../host-memory.ts'
import type { Machine } from '../machine.ts'
import { INIT_INUM } from '../task/namespaces.ts'
import { threadOf } from '../task/thread.ts'
import { fget_raw } from '../vfs/fdtable.ts'
import { Cgroup, CONTROLLERS } from './cgroup.ts'
import { cgroupControl } from './control.ts'
import { cgroupFiles } from './files.ts'
import type { CgroupFile } from './files.ts'
import { CGROUP_FLAG_NAMES, noCgroupFlags } from './flags.ts'
import { cgroupFreezer } from './freezer.ts'
import { cgroupMembership } from './membership.ts'
import { cgroupMigration } from './migrate.ts'
import { CgroupNamespace } from './namespace.ts'
import { PIDS_MAX } from './pids.ts'
import type { CountingGroup, Pids } from './pids.ts'
import { cgroupNsOf, pathFrom } from './view.ts'

const LOG_INFO = 6

export const createCgroups = (lsm: KeyMap, machine: Machine): Cgroups => {
  const { current, tracing: { points: { cgroup_mkdir, cgroup_rmdir } } } = machine
  const pathOf = (kn: KernfsNode): string => pathFrom(root.node, kn)
  const flags = noCgroupFlags()
  const socks = new WeakMap<Sock, Cgroup>()
  /** What hangs on a group goes with it. */
  const onOffline: ((cgrp: Cgroup) => void)[] = []
  /** It has been mounted once: /proc tells of it from then on. */
  let visible = false

  const cgroupAt = (kn: KernfsNode): Cgroup => kn.priv as Cgroup

  const mkdir = (parent: KernfsNode, name: string, mode: number): number => {
    // /proc/PID/cgroup has a line for each
    if (name.includes('\n')) return -EINVAL
    const above = cgroupAt(parent)
    if (!withinLimits(above)) return -EAGAIN
    const { fsuid: uid, fsgid: gid } = current.task.cred
    const kn = root.mkdir(parent, name, mode & 0o7777, { uid, gid })
    if (typeof kn === 'number') return kn
    const cgrp = new Cgroup(above, kn)
    kn.force(COST.cgroup)
    kn.priv = cgrp
    above.children.add(cgrp)
    for (const at of cgrp.ancestors()) at.nr_descendants++
    const rc = addFiles(cgrp, null) || control.inherit(cgrp)
    if (rc !== 0) destroy(cgrp)
    else if (cgroup_mkdir.on) cgroup_mkdir.hit(cgrp, pathOf(cgrp.kn))
    return rc
  }

  /** As `cgroup_check_hierarchy_limits`. */
  const withinLimits = (parent: Cgroup): boolean => {
    let depth = 0
    for (const at of [parent, ...parent.ancestors()]) {
      if (at.nr_descendants >= at.max_descendants || depth >= at.max_depth) return false
      depth++
    }
    return true
  }

  /** As `cgroup_destroy_locked`. */
  const destroy = (cgrp: Cgroup): number => {
    if (cgrp.isPopulated || cgrp.children.size > 0) return -EBUSY
    const parent = cgrp.parent!
    const path = cgroup_rmdir.on ? pathOf(cgrp.kn) : ''
    cgrp.dead = true
    root.remove(cgrp.kn)
    parent.children.delete(cgrp)
    if (cgrp.isThreaded) parent.nr_threaded_children--
    for (const at of cgrp.ancestors()) {
      at.nr_descendants--
      if (cgrp.members > 0) at.nr_dying_descendants++
    }
    freezer.update(parent)
    for (const step of onOffline) step(cgrp)
    if (cgroup_rmdir.on) cgroup_rmdir.hit(cgrp, path)
    return 0
  }

  const root = new KernfsRoot(machine, {
    mkdir,
    rmdir: (kn) => destroy(cgroupAt(kn)),
    user_xattr: true,
    exportop: true,
    super_ops: {
      show_options(m) {
        m.text += CGROUP_FLAG_NAMES.map((name) => (flags[name] ? `,${name}` : '')).join('')
        return 0
      },
      show_path: (dentry) => pathFrom(cgroupNsOf(current.task).root_cgrp.kn, tree.kernfs_node_from_dentry(dentry)!),
    },
  })
  const tree = kernfs(lsm, machine, {
    root,
    magic: CGROUP2_SUPER_MAGIC,
    opened: (of) => void (of.priv = cgroupNsOf(current.task)),
  })
  const rootCgroup = new Cgroup(null, root.node, machine.memory)
  root.node.priv = rootCgroup

  const membership = cgroupMembership()
  const freezer = cgroupFreezer(machine)
  const migration = cgroupMigration(machine, tree, membership, freezer, () => flags.nsdelegate)
  const control = cgroupControl(membership, {
    add: (cgrp, controller) => addFiles(cgrp, controller),
    remove: (cgrp, controller) => removeFiles(cgrp, controller),
    newMemory(cgrp) {
      const memory = new MemoryAccount(cgrp.parent!.effectiveMemory)
      const tell = (name: string): void => cgrp.files.get('memory')?.notify(name)
      memory.onRefusal = () => {
        tell('memory.events')
        tell('memory.events.local')
      }
      return memory
    },
  })
  const files = cgroupFiles({
    machine, control, migration, freezer, hasLocalEvents: () => flags.pids_localevents,
    hasLocalMemoryEvents: () => flags.memory_localevents,
  })

  /** As `cgroup_file_write`: from inside a namespace its root has only those files that are meant for it. */
  const mayWrite = (cgrp: Cgroup, { delegatable }: CgroupFile, of: KernfsOpenFile): boolean => {
    const ns = of.priv as CgroupNamespace
    return !flags.nsdelegate || delegatable === true || ns === init_cgroup_ns || ns.root_cgrp !== cgrp
  }

  const opsOf = (file: CgroupFile): KernfsOps => {
    const { read, write } = file
    return {
      atomic_write_len: PAGE_SIZE,
      ...(read === undefined ? {} : { read: (of) => read(cgroupAt(of.kn.parent!), of) }),
      ...(write === undefined ? {} : {
        write: (of, text) => {
          const cgrp = cgroupAt(of.kn.parent!)
          return mayWrite(cgrp, file, of) ? write(cgrp, text, of) : -EPERM
        },
      }),
    }
  }
  const modeOf = ({ read, write }: CgroupFile): number =>
    (read === undefined ? 0 : 0o444) | (write === undefined ? 0 : 0o200)

  /** Of a group, or of the root, by the controller. */
  const specsOf = (some: readonly CgroupFile[]): ReadonlyMap<string | null, readonly FileSpec[]> => {
    const specs = new Map<string | null, FileSpec[]>([null, ...CONTROLLERS].map((name) => [name, []]))
    for (const file of some) specs.get(file.controller)!.push({ name: file.name, mode: modeOf(file), ops: opsOf(file) })
    return specs
  }
  const groupSpecs = specsOf(files)
  const rootSpecs = specsOf(files.filter(({ notOnRoot }) => notOnRoot !== true))

  /** All or none; they belong to who makes them. */
  const addFiles = (cgrp: Cgroup, controller: string | null): number => {
    const { fsuid: uid, fsgid: gid } = current.task.cred
    const specs = (cgrp.parent === null ? rootSpecs : groupSpecs).get(controller)!
    const made = root.createAll(cgrp.kn, specs, { uid, gid })
    if (typeof made === 'number') return made
    cgrp.files.set(controller, made)
    return 0
  }
  const removeFiles = (cgrp: Cgroup, controller: string | null): void => {
    cgrp.files.get(controller)?.remove()
    cgrp.files.delete(controller)
  }
  addFiles(rootCgroup, null)

  const init_cgroup_ns = new CgroupNamespace(machine.init_user_ns, INIT_INUM.cgroup, rootCgroup)

  /** As `cgroup_get_from_file`: the group whose directory is open. */
  const fromFile = (file: File): Cgroup | number => {
    const kn = tree.kernfs_node_from_dentry(file.f_path.dentry)
    if (kn === null || !kn.isDir) return -EBADF
    return cgroupAt(kn).dead ? -ENOENT : cgroupAt(kn)
  }
  const fromFd = (fd: number): Cgroup | number => {
    const file = fget_raw(current.task, fd)
    return file === null ? -EBADF : fromFile(file)
  }

  /** As `copy_cgroup_ns`; whoever asks for the other namespaces has been asked about already. */
  const copy_cgroup_ns = (user_ns: UserNamespace): CgroupNamespace | number => {
    if (!ns_capable(lsm, current, user_ns, CAP_SYS_ADMIN)) return -EPERM
    return new CgroupNamespace(user_ns, machine.nextInum(), threadOf(current.task).cgroup)
  }

  /** The group that CLONE_INTO_CGROUP names, when the caller may put a task there. */
  const targetOfFork = (fd: number, clone_flags: number): Cgroup | number => {
    const file = fget_raw(current.task, fd)
    if (file === null) return -EBADF
    const dst = fromFile(file)
    if (typeof dst === 'number') return dst
    const { d_sb } = file.f_path.dentry
    const { cgroup: src, nsproxy } = threadOf(current.task)
    const isProcess = (clone_flags & CLONE_THREAD) === 0
    const rc = migration.may_write(dst, d_sb) ||
      migration.attach_permissions(src, dst, d_sb, isProcess, nsproxy.cgroup_ns)
    return rc !== 0 ? rc : dst
  }

  /**
   * A group of its own for a task without threads, and for all that it forks: `tasks` at most, itself among them. What
   * ends the group again once they are gone, or -errno.
   */
  const confine = (task: Task, tasks: number): (() => void) | number => {
    const parent = threadOf(task).cgroup
    let rc = control.subtree_control_write(parent, '+pids')
    const name = `guest-${task.pid}`
    if (rc === 0) rc = mkdir(parent.kn, name, 0o755)
    if (rc !== 0) return rc
    const cgrp = [...parent.children].find(({ kn }) => kn.name === name)!
    // beside the tasks of a group only threaded ones may be
    if (!parent.isMixable) rc = control.enable_threaded(cgrp)
    if (rc !== 0) {
      destroy(cgrp)
      return rc
    }
    cgrp.pids!.limit = Math.min(tasks, PIDS_MAX)
    membership.move(task, cgrp)
    return () => {
      if (!cgrp.dead) destroy(cgrp)
    }
  }

  /** As `pids_event`: who had the fork refused, and by whose limit. */
  const forkRejected = (forking: Pids, over: Pids): void => {
    const notify = ({ files: own }: CountingGroup, name: string): void => own.get('pids')?.notify(name)
    forking.forkfail++
    if (forking.forkfail === 1) {
      const path = pathFrom(root.node, forking.cgroup.kn)
      machine.log.add(LOG_INFO, `cgroup: fork rejected by pids controller in ${path}`)
    }
    if (flags.pids_localevents) {
      for (const name of ['pids.events', 'pids.events.local']) notify(forking.cgroup, name)
      return
    }
    over.max_local++
    notify(over.cgroup, 'pids.events.local')
    for (const at of over.counting()) {
      at.max++
      notify(at.cgroup, 'pids.events')
    }
  }

  /** As `cgroup_can_fork`: the group of a task in the making, which counts from now on; nothing may fail after it. */
  const can_fork = (clone_flags: number, into: number | null): Cgroup | number => {
    const cgrp = into === null ? threadOf(current.task).cgroup : targetOfFork(into, clone_flags)
    if (typeof cgrp === 'number') return cgrp
    const pids = cgrp.effectivePids
    const over = pids.tryCharge()
    if (over === null) return cgrp
    forkRejected(pids, over)
    return -EAGAIN
  }

  /** As `cgroup_post_fork`: a namespace made for it has its root where it is. */
  const post_fork = (child: Task, clone_flags: number): void => {
    const { cgroup, nsproxy } = threadOf(child)
    membership.born(child)
    if (cgroup.e_freeze > 0) freezer.settle(child)
    if ((clone_flags & CLONE_NEWCGROUP) !== 0) nsproxy.cgroup_ns.root_cgrp = cgroup
  }

  const exit = (task: Task): void => {
    const thread = threadOf(task)
    thread.frozen = false
    membership.exit(task)
    if (thread.cgroup.e_freeze > 0) freezer.update(thread.cgroup)
  }

  /** As `proc_cgroup_show`. */
  const procText = (task: Task): string => {
    if (!visible) return ''
    const { cgroup } = threadOf(task)
    const path = pathFrom(cgroupNsOf(current.task).root_cgrp.kn, cgroup.kn)
    return `0::${path}${cgroup.dead ? ' (deleted)' : ''}\n`
  }

  /** As `proc_cgroupstats_show`: all controllers are in this hierarchy. */
  const controllersText = (): string => {
    const { nr_descendants, nr_dying_descendants } = rootCgroup
    const lines = CONTROLLERS.map((name) => `${name}\t0\t${1 + nr_descendants + nr_dying_descendants}\t1\n`)
    return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${lines.join('')}`
  }

  /** What programs on hooks see of it. */
  const programs: CgroupTree & CgroupMap = {
    root: rootCgroup,
    ofTask: (task) => (task.thread === null ? rootCgroup : threadOf(task).cgroup),
    ofSock: (sk) => socks.get(sk) ?? rootCgroup,
    id: (cgrp) => (cgrp instanceof Cgroup ? cgrp.kn.id : 0),
    byId: (id) => (root.byId(id)?.priv ?? null) as Cgroup | null,
    children: (cgrp) => (cgrp instanceof Cgroup ? cgrp.children : []),
  }

  return {
    root: rootCgroup, flags, init_cgroup_ns, tree, freezer, programs, onOffline,
    /** Files that whoever a part of the tree is handed to may write in it. */
    delegatable: files.filter(({ delegatable }) => delegatable === true).map(({ name }) => name),
    fromFd, confine, copy_cgroup_ns, can_fork, post_fork, exit, release: membership.release, procText, controllersText,
    /** As `cgroup_sk_alloc`: a socket belongs to who makes it; one that a packet makes to nobody. */
    sk_alloc: (sk: Sock): void => void socks.set(sk, machine.inSoftirq ? rootCgroup : threadOf(current.task).cgroup),
    /** As `cgroup_sk_clone`. */
    sk_clone: (sk: Sock, from: Sock): void => void socks.set(sk, socks.get(from) ?? rootCgroup),
    show: (): void => {
      visible = true
    },
  }
}
