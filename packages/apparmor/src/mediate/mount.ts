/** Mounts: mount point, source, type, flags and data of a call against one rule each (mount.c). */
import {
  EACCES, EINVAL, ENODEV, ENOENT, MS_BIND, MS_MOVE, MS_PRIVATE, MS_REC, MS_REMOUNT, MS_SHARED, MS_SILENT, MS_SLAVE,
  MS_UNBINDABLE,
} from '@lsmkit/abi'
import type { Path } from '@lsmkit/core'
import { auditMount } from '../audit/mount.ts'
import { AA_CLASS_MOUNT } from '../classes.ts'
import { next } from '../dfa/step.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import type { Rules } from '../domain/rules.ts'
import { PATH_IS_DIR, pathName } from '../path/path-name.ts'
import { isDirectory } from '../path/path-perm.ts'
import type { PermEntry } from '../policydb/policy.ts'
import { forEachConfined } from '../state.ts'
import type { Apparmor } from '../state.ts'

const AA_MAY_PIVOTROOT = 1
const AA_MAY_MOUNT = 2
const AA_MAY_UMOUNT = 4
/** The rule goes on with the options. */
const AA_MNT_CONT_MATCH = 0x40

/** What is mounted where; each part may be missing. */
interface MountCall {
  readonly point: Path
  /** A text, or a path whose name counts. */
  readonly source: string | Path | null
  readonly type: string | null
  readonly flags: number
  /** Options, unless they are no text. */
  readonly data: string | null
}

const infos = [
  '', 'failed mntpnt match', 'failed srcname match', 'failed type match', 'failed flags match', 'failed data match',
  'failed perms check',
]

interface Matched {
  /** Which part failed; 0 for none. */
  readonly failed: number
  readonly perms: PermEntry
}

const MOUNT_FLAGS = 32

/** As `do_match_mnt`: the parts with a NUL behind each. */
const matchMount = (
  rules: Rules, point: string, source: string | null, { type, flags, data }: MountCall,
): Matched => {
  let state = rules.start[AA_CLASS_MOUNT]!
  for (const [i, part] of [point, source, type].entries()) {
    state = rules.nullStep(part === null ? state : rules.match(state, part))
    if (state === 0) return { failed: i + 1, perms: noPerms }
  }
  for (let bit = 0; bit < MOUNT_FLAGS; bit++) if ((flags & (1 << bit)) !== 0) state = next(rules.dfa!, state, bit + 1)
  if (state === 0) return { failed: 4, perms: noPerms }
  const perms = rules.perms(state)
  if ((perms.allow & AA_MAY_MOUNT) !== 0) return { failed: 0, perms }
  if (data === null || (perms.allow & AA_MNT_CONT_MATCH) === 0) return { failed: 6, perms }
  const options = rules.nullStep(state)
  if (options === 0) return { failed: 4, perms }
  const last = rules.match(options, data)
  if (last === 0) return { failed: 5, perms }
  const end = rules.perms(last)
  return { failed: (end.allow & AA_MAY_MOUNT) !== 0 ? 0 : 6, perms: end }
}

const nameOf = (aa: Apparmor, profile: LoadedProfile, path: Path) => {
  const isDir = isDirectory(path.dentry.d_inode?.i_mode ?? 0) ? PATH_IS_DIR : 0
  return pathName(aa, path, profile.pathFlags | isDir, profile.disconnected)
}

const mediates = ({ rules }: LoadedProfile): boolean => rules.mediates(AA_CLASS_MOUNT) !== 0

/** As `match_mnt`. */
const profileMount = (aa: Apparmor, profile: LoadedProfile, call: MountCall): number => {
  if (!mediates(profile)) return 0
  const { point, source, type, flags, data } = call
  const from = source === null || typeof source === 'string' ? null : nameOf(aa, profile, source)
  const name = nameOf(aa, profile, point)
  const said = { operation: 'mount', type, flags, data, request: AA_MAY_MOUNT, name: name.name }
  // a source that is no text has its name in the record where that could be found
  const sourceName = from === null ? source as string | null : from.error === 0 ? from.name : null
  const wrong = name.error !== 0 ? name : from !== null && from.error !== 0 ? from : null
  if (wrong !== null) {
    return auditMount(aa, profile, noPerms, { ...said, source: sourceName, info: wrong.info, error: wrong.error })
  }
  const { failed, perms } = matchMount(profile.rules, name.name, sourceName, call)
  const info = failed === 0 ? null : infos[failed]!
  return auditMount(aa, profile, perms, { ...said, source: sourceName, info, error: failed === 0 ? 0 : -EACCES })
}

const ask = (aa: Apparmor, label: Label, call: MountCall): number =>
  forEachConfined(label, (profile) => profileMount(aa, profile, call))

/** FS_REQUIRES_DEV and FS_BINARY_MOUNTDATA. */
const REQUIRES_DEV = 1
const BINARY_DATA = 2

const TYPE_CHANGES = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE

/** As `apparmor_sb_mount`, flags without magic and without those that count for nothing. */
export const mayMount = (
  aa: Apparmor, label: Label, device: string | null, point: Path, type: string | null, flags: number,
  data: string | null,
): number => {
  const plain = { point, source: null, type: null, data: null }
  if ((flags & MS_REMOUNT) !== 0) {
    const isBinary = (point.dentry.d_sb.s_type.fs_flags & BINARY_DATA) !== 0
    return ask(aa, label, { ...plain, flags, data: isBinary ? null : data })
  }
  if ((flags & MS_BIND) !== 0) return bindOrMove(aa, label, device, point, flags & (MS_REC | MS_BIND))
  if ((flags & TYPE_CHANGES) !== 0) {
    return ask(aa, label, { ...plain, flags: flags & (MS_REC | MS_SILENT | TYPE_CHANGES) })
  }
  if ((flags & MS_MOVE) !== 0) return bindOrMove(aa, label, device, point, MS_MOVE)
  return newMount(aa, label, { point, source: device, type, flags, data })
}

/** What is bound or moved is looked up first, and its errors come first. */
const bindOrMove = (aa: Apparmor, label: Label, device: string | null, point: Path, flags: number): number => {
  if (device === null || device === '') return -EINVAL
  const source = aa.ctx.host.kern_path?.(device) ?? -ENOENT
  if (typeof source === 'number') return source
  return ask(aa, label, { point, source, type: null, flags, data: null })
}

/** As `aa_new_mount`. */
const newMount = (aa: Apparmor, label: Label, call: MountCall): number => {
  const { host } = aa.ctx
  if (call.type === null) return ask(aa, label, { ...call, data: null })
  const flags = host.get_fs_type === undefined ? 0 : host.get_fs_type(call.type)
  if (flags === null) return -ENODEV
  const data = (flags & BINARY_DATA) === 0 ? call.data : null
  if ((flags & REQUIRES_DEV) === 0) return ask(aa, label, { ...call, data })
  if (call.source === null || call.source === '') return -ENOENT
  const source = host.kern_path?.(call.source as string) ?? -ENOENT
  return typeof source === 'number' ? source : ask(aa, label, { ...call, source, data })
}

/** As `aa_move_mount`; `from` null: a mount that is nowhere yet. */
export const mayMoveMount = (aa: Apparmor, label: Label, from: Path | null, to: Path): number =>
  ask(aa, label, { point: to, source: from, type: null, flags: MS_MOVE, data: null })

/** As `aa_umount`. */
export const mayUmount = (aa: Apparmor, label: Label, path: Path): number => forEachConfined(label, (profile) => {
  const { rules } = profile
  if (!mediates(profile)) return 0
  const { name, error, info } = nameOf(aa, profile, path)
  const said = { operation: 'umount', type: null, source: null, flags: 0, data: null, request: AA_MAY_UMOUNT, name }
  if (error !== 0) return auditMount(aa, profile, noPerms, { ...said, info, error })
  const perms = rules.perms(rules.match(rules.start[AA_CLASS_MOUNT]!, name))
  const refused = (AA_MAY_UMOUNT & ~perms.allow) !== 0
  return auditMount(aa, profile, perms, { ...said, info: null, error: refused ? -EACCES : 0 })
})

/** As `build_pivotroot`, of one profile: the new root, and where the old one goes. */
export const mayPivot = (aa: Apparmor, profile: LoadedProfile, oldPath: Path, newPath: Path): number => {
  const { rules } = profile
  if (profile.isUnconfined || !mediates(profile)) return 0
  const from = nameOf(aa, profile, oldPath)
  const to = from.error === 0 ? nameOf(aa, profile, newPath) : null
  const said = {
    operation: 'pivotroot', type: null, flags: 0, data: null, request: AA_MAY_PIVOTROOT, source: from.name,
    name: to?.name ?? null,
  }
  const wrong = from.error !== 0 ? from : to!.error !== 0 ? to! : null
  if (wrong !== null) return auditMount(aa, profile, noPerms, { ...said, info: wrong.info, error: wrong.error })
  const pair = rules.nullStep(rules.match(rules.start[AA_CLASS_MOUNT]!, to!.name))
  const perms = rules.perms(rules.match(pair, from.name))
  const allowed = (perms.allow & AA_MAY_PIVOTROOT) !== 0
  return auditMount(aa, profile, perms, { ...said, info: null, error: allowed ? 0 : -EACCES })
}
