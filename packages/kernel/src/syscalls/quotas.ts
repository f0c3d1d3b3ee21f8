/** quotactl and quotactl_fd: limits and use of users and groups (fs/quota/quota.c). */
import {
  AT_FDCWD, CAP_SYS_ADMIN, DQF_ROOT_SQUASH, DQF_SYS_FILE, EACCES, EBADF, EEXIST, EFAULT, EINVAL, ENODEV, ENOENT, ENOSYS,
  ENOTBLK, EOPNOTSUPP, EPERM, EROFS, ESRCH, FS_QUOTA_GDQ_ACCT, FS_QUOTA_GDQ_ENFD, FS_QUOTA_PDQ_ACCT, FS_QUOTA_PDQ_ENFD,
  FS_QUOTA_UDQ_ACCT, FS_QUOTA_UDQ_ENFD, GRPQUOTA, IIF_ALL, IIF_BGRACE, IIF_FLAGS, IIF_IGRACE, PRJQUOTA, QFMT_SHMEM,
  Q_GETFMT, Q_GETINFO, Q_GETNEXTQUOTA, Q_GETQUOTA, Q_QUOTAOFF, Q_QUOTAON, Q_SETINFO, Q_SETQUOTA, Q_SYNC,
  Q_XGETNEXTQUOTA, Q_XGETQSTAT, Q_XGETQSTATV, Q_XGETQUOTA, Q_XQUOTAOFF, Q_XQUOTAON, Q_XQUOTARM, Q_XQUOTASYNC, SB_RDONLY,
  S_IFBLK, S_IFMT, USRQUOTA,
} from '@lsmkit/abi'
import {
  capable, from_kgid, from_kuid, in_egroup, kgid_has_mapping, kuid_has_mapping, make_kgid, make_kuid,
} from '@lsmkit/core'
import type { Ref, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget_raw } from '../state/vfs/fdtable.ts'
import { LOOKUP_AUTOMOUNT, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { may_open_dev, mnt_want_write } from '../state/vfs/mount.ts'
import type { QuotaKind, Quotas } from '../state/vfs/quota.ts'
import { superState } from '../state/vfs/state.ts'
import { applyBlk, fillBlk, isBlk } from './quota-records.ts'
import type { DqBlk, DqInfo } from './quota-records.ts'

const MAXQUOTAS = 3
const ENFORCED = [FS_QUOTA_UDQ_ENFD, FS_QUOTA_GDQ_ENFD, FS_QUOTA_PDQ_ENFD] as const
const COUNTED = FS_QUOTA_UDQ_ACCT | FS_QUOTA_GDQ_ACCT | FS_QUOTA_PDQ_ACCT

/** Commands that need no rights. */
const HARMLESS = new Set([Q_GETFMT, Q_SYNC, Q_GETINFO, Q_XGETQSTAT, Q_XGETQSTATV, Q_XQUOTASYNC])
/** Commands that work on a read-only mount. */
const READS = new Set([...HARMLESS, Q_XGETQUOTA, Q_XGETNEXTQUOTA])

/** The quotas of a kind; null for projects, and where the file system counts nothing. */
const kindOf = (quotas: Quotas, type: number): QuotaKind | null =>
  type === USRQUOTA || type === GRPQUOTA ? quotas[type] : null

/** As `check_quotactl_permission`: users may read their own use. */
const permission = (machine: Machine, sb: SuperBlock, type: number, cmd: number, id: number): number => {
  const { cred } = machine.current.task
  const { euid, user_ns } = cred
  const isAbout = cmd === Q_GETQUOTA || cmd === Q_XGETQUOTA
  const isOwn =
    isAbout && (type === USRQUOTA ? euid === make_kuid(user_ns, id) : in_egroup(cred, make_kgid(user_ns, id)))
  if (!HARMLESS.has(cmd) && !isOwn && !capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EPERM
  return machine.lsm.quotactl.ask(cmd, type, id, sb)
}

/** The id as the file system stores it, or -EINVAL. */
const storedId = (machine: Machine, sb: SuperBlock, type: number, id: number): number => {
  const { user_ns } = machine.current.task.cred
  const kid = type === USRQUOTA ? make_kuid(user_ns, id) : make_kgid(user_ns, id)
  const has = type === USRQUOTA ? kuid_has_mapping(sb.s_user_ns, kid) : kgid_has_mapping(sb.s_user_ns, kid)
  return has ? kid : -EINVAL
}

const getQuota = (
  machine: Machine, sb: SuperBlock, kind: QuotaKind | null, type: number, id: number, out: DqBlk | null,
): number => {
  const kid = storedId(machine, sb, type, id)
  if (kid < 0) return kid
  if (kind === null) return -ESRCH
  const dquot = kind.get(kid)
  if (out !== null) fillBlk(out, dquot)
  kind.release(dquot)
  return out === null ? -EFAULT : 0
}

const getNext = (
  machine: Machine, sb: SuperBlock, kind: QuotaKind | null, type: number, id: number, out: DqBlk | null,
): number => {
  const kid = storedId(machine, sb, type, id)
  if (kid < 0) return kid
  if (kind === null) return -ESRCH
  const dquot = kind.next(kid)
  if (dquot === null) return -ENOENT
  if (out === null) return -EFAULT
  fillBlk(out, dquot)
  const { user_ns } = machine.current.task.cred
  out.dqb_id = type === USRQUOTA ? from_kuid(user_ns, dquot.id) : from_kgid(user_ns, dquot.id)
  return 0
}

const setQuota = (
  machine: Machine, sb: SuperBlock, kind: QuotaKind | null, type: number, id: number, from: unknown,
): number => {
  if (!isBlk(from)) return -EFAULT
  const kid = storedId(machine, sb, type, id)
  if (kid < 0) return kid
  if (kind === null) return -ESRCH
  const dquot = kind.get(kid)
  const rc = applyBlk(dquot, from, Math.floor(machine.realtime() / 1000))
  kind.release(dquot)
  return rc
}

const getInfo = (kind: QuotaKind | null, out: DqInfo | null): number => {
  if (kind === null) return -ESRCH
  if (out === null) return -EFAULT
  const { bgrace, igrace } = kind
  Object.assign(out, { dqi_bgrace: bgrace, dqi_igrace: igrace, dqi_flags: DQF_SYS_FILE, dqi_valid: IIF_ALL })
  return 0
}

const setInfo = (kind: QuotaKind | null, from: DqInfo | null): number => {
  if (from === null) return -EFAULT
  const { dqi_valid, dqi_flags, dqi_bgrace, dqi_igrace } = from
  if (!Number.isInteger(dqi_valid) || (dqi_valid & ~IIF_ALL) !== 0) return -EINVAL
  const hasFlags = (dqi_valid & IIF_FLAGS) !== 0
  if (hasFlags && (dqi_flags & ~DQF_ROOT_SQUASH) !== 0) return -EINVAL
  if (kind === null) return -ESRCH
  // only the oldest format has this flag
  if (hasFlags && (dqi_flags & DQF_ROOT_SQUASH) !== 0) return -EINVAL
  if ((dqi_valid & IIF_BGRACE) !== 0) kind.bgrace = dqi_bgrace
  if ((dqi_valid & IIF_IGRACE) !== 0) kind.igrace = dqi_igrace
  return 0
}

/** As `dquot_quota_enable`: turns on all kinds that are asked for, or nothing. */
const enable = (quotas: Quotas, given: number): number => {
  const flags = given & ~COUNTED
  if (flags === 0) return -EINVAL
  const wanted: QuotaKind[] = []
  for (const type of [USRQUOTA, GRPQUOTA, PRJQUOTA]) {
    if ((flags & ENFORCED[type]!) === 0) continue
    const kind = kindOf(quotas, type)
    if (kind === null) return -EINVAL
    if (kind.enforced) return -EEXIST
    wanted.push(kind)
  }
  for (const kind of wanted) kind.enforced = true
  return 0
}

const disable = (quotas: Quotas, flags: number): number => {
  if ((flags & COUNTED) !== 0) return -EOPNOTSUPP
  const known = ENFORCED[0] | ENFORCED[1] | ENFORCED[2]
  const wanted = quotas.filter((kind, type) => kind?.enforced === true && (flags & ENFORCED[type]!) !== 0)
  if (wanted.length === 0 && (flags & ~known) === 0) return -EEXIST
  for (const kind of wanted) kind!.enforced = false
  return 0
}

const withFlags = (addr: unknown, then: (flags: number) => number): number => {
  const flags = (addr as Ref<number> | null)?.value
  return Number.isInteger(flags) ? then(flags as number) : -EFAULT
}

/** `addr`: a Ref, a DqBlk or a DqInfo, as the command needs. */
const do_quotactl = (
  machine: Machine, sb: SuperBlock, type: number, cmd: number, id: number, addr: unknown,
): number => {
  const { quotas } = superState(sb)
  if (quotas === null) return -ENOSYS
  if (type === PRJQUOTA) return -EINVAL
  const rc = permission(machine, sb, type, cmd, id)
  if (rc < 0) return rc
  const kind = kindOf(quotas, type)
  switch (cmd) {
    case Q_QUOTAON:
      return enable(quotas, ENFORCED[type]!)
    case Q_QUOTAOFF:
      return disable(quotas, ENFORCED[type]!)
    case Q_XQUOTAON:
      return withFlags(addr, (flags) => enable(quotas, flags))
    case Q_XQUOTAOFF:
      return withFlags(addr, (flags) => disable(quotas, flags))
    case Q_XQUOTARM:
      return withFlags(addr, () => -ENOSYS)
    case Q_GETFMT:
      if (kind === null) return -ESRCH
      if (addr === null) return -EFAULT
      ;(addr as Ref<number>).value = QFMT_SHMEM
      return 0
    case Q_GETINFO:
      return getInfo(kind, addr as DqInfo | null)
    case Q_SETINFO:
      return setInfo(kind, addr as DqInfo | null)
    case Q_GETQUOTA:
      return getQuota(machine, sb, kind, type, id, addr as DqBlk | null)
    case Q_GETNEXTQUOTA:
      return getNext(machine, sb, kind, type, id, addr as DqBlk | null)
    case Q_SETQUOTA:
      return setQuota(machine, sb, kind, type, id, addr)
    case Q_SYNC:
      return 0
    case Q_XQUOTASYNC:
      return (sb.s_flags & SB_RDONLY) !== 0 ? -EROFS : 0
    default:
      return -EINVAL
  }
}

/** As `quotactl_block`: no file system here lies on a device. */
const onDevice = (machine: Machine, special: unknown): number => {
  const path = machine.vfs.user_path_at(AT_FDCWD, special, LOOKUP_FOLLOW)
  if (typeof path === 'number') return path
  if ((path.dentry.d_inode!.i_mode & S_IFMT) !== S_IFBLK) return -ENOTBLK
  return may_open_dev(path) ? -ENODEV : -EACCES
}

const quotactl = (machine: Machine, cmd: number, special: unknown, _id: number, addr: unknown): number => {
  const type = cmd & 0xff
  if (type >= MAXQUOTAS) return -EINVAL
  const subcommand = cmd >>> 8
  if (special !== null) {
    // the quota file is looked up first; only a reader of it would need it to exist
    if (subcommand === Q_QUOTAON) machine.vfs.user_path_at(AT_FDCWD, addr, LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT)
    return onDevice(machine, special)
  }
  return subcommand === Q_SYNC ? machine.lsm.quotactl.ask(subcommand, type, 0, null) : -ENODEV
}

const quotactl_fd = (machine: Machine, fd: number, cmd: number, id: number, addr: unknown): number => {
  const file = fget_raw(machine.current.task, fd)
  if (file === null) return -EBADF
  const type = cmd & 0xff
  if (type >= MAXQUOTAS) return -EINVAL
  const subcommand = cmd >>> 8
  const { mnt } = file.f_path
  const rc = READS.has(subcommand) ? 0 : mnt_want_write(mnt)
  return rc !== 0 ? rc : do_quotactl(machine, mnt.mnt_sb, type, subcommand, id >>> 0, addr ?? null)
}

export const quotaSyscalls = { quotactl, quotactl_fd }
