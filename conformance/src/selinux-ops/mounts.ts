/** Operations of selinux-ops.tsv: mounts and their contexts. */
import {
  AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH, MS_BIND, MS_MOVE, MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REMOUNT,
} from '@lsmkit/abi'
import { labelled } from './directories.ts'
import { object } from './world.ts'
import type { Calls, Operation, World } from './world.ts'

const FSCONFIG_CMD_CREATE = 6

/** A call with a directory `m` to mount on. */
const onDir = (run: (sys: Calls) => number): Operation => (world) => {
  world.dir('m', 'td_t')
  return run
}

/** A call with a tmpfs on `m`, and another directory `d`. */
const onMount = (run: (sys: Calls) => number): Operation => (world) => {
  world.dir('m', 'td_t')
  world.dir('d', 'o_t')
  world.must(world.root.mount('tmpfs', 'm', 'tmpfs', 0, null), 'mount')
  return run
}

const tmpfs = (option: string, type: string) => (sys: Calls): number =>
  sys.mount('tmpfs', 'm', 'tmpfs', 0, `${option}=${object(type)}`)

export const mountOperations: Readonly<Record<string, Operation>> = {
  mount_tmpfs: onDir((sys) => sys.mount('tmpfs', 'm', 'tmpfs', 0, null)),
  mount_tmpfs_context: onDir(tmpfs('context', 'm_t')),
  mount_tmpfs_fscontext: onDir(tmpfs('fscontext', 'mf_t')),
  mount_tmpfs_rootcontext: (world: World) => {
    world.dir('m', 'td_t')
    return (sys) => labelled(world, 'm', tmpfs('rootcontext', 'm_t')(sys))
  },
  mount_bind: onDir((sys) => sys.mount('/w', 'm', null, MS_BIND, null)),
  mount_remount: onMount((sys) => sys.mount(null, 'm', null, MS_REMOUNT | MS_RDONLY, null)),
  mount_remount_bind: onMount((sys) => sys.mount(null, 'm', null, MS_REMOUNT | MS_BIND | MS_NOSUID, null)),
  mount_propagation: onMount((sys) => sys.mount(null, 'm', null, MS_PRIVATE, null)),
  mount_move: onMount((sys) => sys.mount('m', 'd', null, MS_MOVE, null)),
  umount: onMount((sys) => sys.umount2('m', 0)),
  mount_proc: onDir((sys) => sys.mount('proc', 'm', 'proc', 0, null)),
  pivot_root_bad: onMount((sys) => sys.pivot_root('m', 'm')),
  fsopen_mount: onDir((sys) => {
    const context = sys.fsopen('tmpfs', 0)
    if (context < 0) return context
    const rc = sys.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, 0)
    if (rc < 0) return rc
    const mount = sys.fsmount(context, 0, 0)
    return mount < 0 ? mount : sys.move_mount(mount, '', AT_FDCWD, 'm', MOVE_MOUNT_F_EMPTY_PATH)
  }),
}
