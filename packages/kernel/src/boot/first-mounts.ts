/** The mounts that a kernel makes for itself, before there is a process that could. */
import { AT_FDCWD, ENOENT, MNT_INTERNAL, SB_KERNMOUNT, SB_NOUSER } from '@lsmkit/abi'
import type { Path } from '@lsmkit/core'
import type { BootDevice } from '../interfaces/fs.ts'
import type { Machine } from '../machine.ts'
import { BootError } from '../state/boot-error.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { Mount, MountNamespace } from '../state/vfs/mount.ts'
import { LOOKUP_FOLLOW, LOOKUP_NO_SYMLINKS } from '../state/vfs/lookup-flags.ts'
import { superState } from '../state/vfs/state.ts'
import { tmpfs } from '../fs/tmpfs/tmpfs.ts'
import { simple_dname } from '../vfs/d-path.ts'

/** Where sysfs is. */
const SYS = '/sys'

/** A mount made at boot, below directories that are made for it. */
export interface BootMount {
  /** A registered type, or a driver of the host's own, which is registered first. */
  readonly type: string | ((machine: Machine) => FileSystem)
  /** Made where it is not there; it leads over no link, which is an error (`rc` -ELOOP). */
  readonly target: string
  /** The device that programs see as mounted. Default: the type. */
  readonly source?: string
  /** Options as mount(8) writes them: `size=64m,mode=700`. */
  readonly data?: string
  /** MS_* of mount(2). */
  readonly flags?: number
  /** The block device that it lies on, where LSMs ask; none unless given. */
  readonly device?: BootDevice
}

/** Throws BootError where `rc` is an errno. */
export const must = (rc: number, what: string): void => {
  if (rc < 0) throw new BootError(rc, what)
}

/** The root file system, as the first mount of the first namespace. */
export const mountRoot = (machine: Machine, options: string): MountNamespace => {
  const { vfs } = machine
  const fc = vfs.fs_context_for_mount(machine.filesystem('tmpfs')!, 0)
  must(vfs.parse_monolithic_mount_data(fc, options), 'the options of the root file system')
  must(vfs.vfs_get_tree(fc), 'the root file system')
  const mount = vfs.alloc_mount(fc.root!, 0, 'rootfs')
  vfs.put_fs_context(fc)
  const ns = vfs.alloc_mnt_ns(machine.init_user_ns, machine.nextInum())
  ns.root = mount
  mount.attached = true
  vfs.joinNs(mount, ns)
  return ns
}

/** A mount of the kernel's own that no path leads to; the kernel holds it as long as it runs. */
export const kernMount = (machine: Machine, type: FileSystem): Mount => {
  const { vfs } = machine
  const fc = vfs.fs_context_for_mount(type, SB_KERNMOUNT)
  must(vfs.vfs_get_tree(fc), type.name)
  const mount = vfs.alloc_mount(fc.root!, MNT_INTERNAL, type.name)
  vfs.mntget(mount)
  vfs.put_fs_context(fc)
  return mount
}

/** tmpfs, and the mount of it that holds files without a name. */
export const setUpTmpfs = (machine: Machine): void => {
  const shm = tmpfs(machine)
  machine.registerFilesystem(shm)
  machine.shm_mnt = kernMount(machine, shm)
  superState(machine.shm_mnt.mnt_sb).d_dname = simple_dname
  machine.shm_mnt.mnt_sb.s_flags |= SB_NOUSER
  machine.shmInode = shm.get_inode
}

/** The directory `target`, made with all that leads to it. A link on the way is an error: anybody may have made it. */
const makeDirs = (machine: Machine, target: string): Path => {
  const { vfs } = machine
  const find = (path: string): Path | number =>
    vfs.user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW | LOOKUP_NO_SYMLINKS)
  const known = find(target)
  if (typeof known !== 'number') return known
  let at = ''
  for (const name of target.split('/').filter((part) => part !== '')) {
    at += `/${name}`
    let found = find(at)
    if (found === -ENOENT) {
      must(vfs.do_mkdirat(AT_FDCWD, at, 0o755), at)
      found = find(at)
    }
    if (typeof found === 'number') throw new BootError(found, at)
  }
  const path = find(target)
  if (typeof path === 'number') throw new BootError(path, target)
  return path
}

export const bootMount = (machine: Machine, { type, target, source, data, flags = 0, device }: BootMount): void => {
  let name = type
  if (typeof name !== 'string') {
    const driver = name(machine)
    machine.registerFilesystem(driver)
    name = driver.name
  }
  if (target.startsWith(`${SYS}/`)) machine.sysfs.createMountPoint(target.slice(SYS.length))
  const rc = machine.vfs.path_mount(source ?? name, makeDirs(machine, target), name, flags, data ?? null)
  must(rc, `${name} on ${target}`)
  if (device === undefined) return
  const mounted = machine.vfs.user_path_at(AT_FDCWD, target, 0)
  if (typeof mounted === 'number') throw new BootError(mounted, target)
  must(machine.blockDevices.add(mounted.mnt.mnt_sb, device), `device ${device.name}`)
}

/** The usual mounts, in this order; a type that the kernel does not have is left out. */
const USUAL_MOUNTS: readonly BootMount[] = [
  { type: 'proc', target: '/proc' },
  { type: 'devtmpfs', target: '/dev' },
  { type: 'devpts', target: '/dev/pts', data: 'gid=5,mode=620,ptmxmode=666' },
  { type: 'sysfs', target: SYS },
  { type: 'securityfs', target: '/sys/kernel/security' },
  { type: 'tracefs', target: '/sys/kernel/tracing' },
  { type: 'debugfs', target: '/sys/kernel/debug' },
  { type: 'cgroup2', target: '/sys/fs/cgroup', data: 'nsdelegate' },
  { type: 'bpf', target: '/sys/fs/bpf', data: 'mode=700' },
]

/** Those, and the trees that LSMs declare where they are to be mounted. */
export const usualMounts = (machine: Machine): readonly BootMount[] => {
  const declared = new Map(machine.stack.pseudoFs.map(({ type, mountPoint }) => [type, mountPoint]))
  const known = USUAL_MOUNTS.filter(({ type }) => machine.filesystems.has(type as string))
  const usual = new Set(USUAL_MOUNTS.map(({ type }) => type))
  const own = [...declared].filter(([type]) => machine.filesystems.has(type) && !usual.has(type))
  return [...known, ...own.map(([type, target]) => ({ type, target }))]
}
