/** mounts, mountinfo and mountstats of a process: the mounts it sees, below its root (fs/proc_namespace.c). */
import {
  EINVAL, MNT_NOATIME, MNT_NODEV, MNT_NODIRATIME, MNT_NOEXEC, MNT_NOSUID, MNT_NOSYMFOLLOW, MNT_READONLY, MNT_RELATIME,
  MNT_SHARED, MNT_UNBINDABLE, SB_DIRSYNC, SB_LAZYTIME, SB_MANDLOCK, SB_RDONLY, SB_SYNCHRONOUS,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, SeqFile, Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { threadOf } from '../../state/task/thread.ts'
import { locate, reachTest } from '../../vfs/d-path.ts'
import { mntIsReadonly } from '../../state/vfs/mount.ts'
import type { Mount } from '../../state/vfs/mount.ts'
import { superState } from '../../state/vfs/state.ts'
import type { Pieces } from '../pseudo/pieces.ts'

const SB_OPTIONS: readonly (readonly [number, string])[] =
  [[SB_SYNCHRONOUS, ',sync'], [SB_DIRSYNC, ',dirsync'], [SB_MANDLOCK, ',mand'], [SB_LAZYTIME, ',lazytime']]
const MNT_OPTIONS: readonly (readonly [number, string])[] = [
  [MNT_NOSUID, ',nosuid'], [MNT_NODEV, ',nodev'], [MNT_NOEXEC, ',noexec'], [MNT_NOATIME, ',noatime'],
  [MNT_NODIRATIME, ',nodiratime'], [MNT_RELATIME, ',relatime'], [MNT_NOSYMFOLLOW, ',nosymfollow'],
]
const named = (flags: number, table: readonly (readonly [number, string])[]): string =>
  table.map(([flag, text]) => (flags & flag ? text : '')).join('')

/** Flags of the mount itself, after `ro` or `rw`. */
const mountOptions = ({ mnt_flags, mnt_idmap }: Mount): string =>
  named(mnt_flags, MNT_OPTIONS) + (mnt_idmap === nop_mnt_idmap ? '' : ',idmapped')

/** Blanks and backslashes as octal, so that columns stay columns. */
export const mangle = (text: string): string =>
  text.replace(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)

/** Options of the super block: flags, those of LSMs, those of the file system. -errno if an LSM refuses. */
const superOptions = (machine: Machine, mount: Mount, between: string): string | number => {
  const sb = mount.mnt_sb
  const m: SeqFile = { text: named(sb.s_flags, SB_OPTIONS) }
  const rc = machine.lsm.sb_show_options.ask(m, sb)
  if (rc !== 0) return rc
  m.text += between
  superState(sb).s_op.show_options?.(m, mount.mnt_root)
  return m.text
}

type Line = (mount: Mount, mountpoint: string) => string | number

/** A line for each mount that lies below the task's root; the first refusal ends the text there. */
function* lines(task: Task, line: Line): Generator<string | number> {
  if (task.fs === null) {
    yield -EINVAL
    return
  }
  const { root } = task.fs
  const ns = threadOf(task).nsproxy.mnt_ns
  const isReached = reachTest(root)
  for (const mount of ns.mounts) {
    if (mount.mnt_ns !== ns || !isReached(mount)) continue
    yield line(mount, mangle(locate({ mnt: mount, dentry: mount.mnt_root }, root).path))
  }
}

const typeOf = (mount: Mount): string => mangle(mount.mnt_sb.s_type.name)
const deviceOf = (mount: Mount): string => mangle(mount.mnt_devname === '' ? 'none' : mount.mnt_devname)

export const mountsText = (machine: Machine, task: Task): Pieces =>
  lines(task, (mount, mountpoint) => {
    const options = superOptions(machine, mount, mountOptions(mount))
    if (typeof options === 'number') return options
    return `${deviceOf(mount)} ${mountpoint} ${typeOf(mount)} ${mntIsReadonly(mount) ? 'ro' : 'rw'}${options} 0 0\n`
  })

/** Path within the file system itself (`show_path`). */
const pathInFs = (dentry: Dentry): string => {
  const { show_path } = superState(dentry.d_sb).s_op
  if (show_path !== null) return show_path(dentry)
  const parts: string[] = []
  for (let at = dentry; at.d_parent !== null; at = at.d_parent) parts.push(at.d_name.name)
  return `/${parts.reverse().join('/')}`
}

const propagation = (mount: Mount): string =>
  (mount.mnt_flags & MNT_SHARED ? ` shared:${mount.group}` : '') +
  (mount.master !== 0 ? ` master:${mount.master}` : '') +
  (mount.mnt_flags & MNT_UNBINDABLE ? ' unbindable' : '')

export const mountinfoText = (machine: Machine, task: Task): Pieces =>
  lines(task, (mount, mountpoint) => {
    const { mnt_sb: sb } = mount
    const options = superOptions(machine, mount, '')
    if (typeof options === 'number') return options
    const root = mangle(pathInFs(mount.mnt_root))
    const own = `${mount.mnt_flags & MNT_READONLY ? 'ro' : 'rw'}${mountOptions(mount)}`
    const parent = mount.mnt_parent ?? mount
    return `${mount.mnt_id} ${parent.mnt_id} ${sb.s_dev >>> 20}:${sb.s_dev & 0xfffff} ${root} ${mountpoint} ${own}` +
      `${propagation(mount)} - ${typeOf(mount)} ${deviceOf(mount)} ${sb.s_flags & SB_RDONLY ? 'ro' : 'rw'}${options}\n`
  })

export const mountstatsText = (task: Task): Pieces =>
  lines(
    task,
    (mount, mountpoint) => `device ${deviceOf(mount)} mounted on ${mountpoint} with fstype ${typeOf(mount)}\n`,
  )
