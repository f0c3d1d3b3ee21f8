/** Structs of quotactl(2): limits and use of one id, and the grace times. */
import {
  ERANGE, QIF_ALL, QIF_BLIMITS, QIF_BTIME, QIF_DQBLKSIZE, QIF_ILIMITS, QIF_INODES, QIF_ITIME, QIF_SPACE,
} from '@lsmkit/abi'
import type { Dquot } from '../state/vfs/quota.ts'

/** `struct if_dqblk`, and of Q_GETNEXTQUOTA `struct if_nextdqblk`: limits of space in blocks of 1024 bytes. */
export class DqBlk {
  dqb_bhardlimit = 0
  dqb_bsoftlimit = 0
  dqb_curspace = 0
  dqb_ihardlimit = 0
  dqb_isoftlimit = 0
  dqb_curinodes = 0
  dqb_btime = 0
  dqb_itime = 0
  dqb_valid = 0
  dqb_id = 0
}

/** `struct if_dqinfo`. */
export class DqInfo {
  dqi_bgrace = 0
  dqi_igrace = 0
  dqi_flags = 0
  dqi_valid = 0
}

const LIMIT_MAX = 2 ** 63

export const fillBlk = (out: DqBlk, dquot: Dquot): void => {
  const { bhardlimit, bsoftlimit, curspace, ihardlimit, isoftlimit, curinodes, btime, itime } = dquot
  Object.assign(out, {
    dqb_bhardlimit: Math.ceil(bhardlimit / QIF_DQBLKSIZE), dqb_bsoftlimit: Math.ceil(bsoftlimit / QIF_DQBLKSIZE),
    dqb_curspace: curspace, dqb_ihardlimit: ihardlimit, dqb_isoftlimit: isoftlimit, dqb_curinodes: curinodes,
    dqb_btime: btime, dqb_itime: itime, dqb_valid: QIF_ALL,
  })
}

const FIELDS = [
  'dqb_bhardlimit', 'dqb_bsoftlimit', 'dqb_curspace', 'dqb_ihardlimit', 'dqb_isoftlimit', 'dqb_curinodes',
  'dqb_btime', 'dqb_itime', 'dqb_valid',
] as const
/** Whether all fields are numbers, and not negative. */
export const isBlk = (value: unknown): value is DqBlk =>
  typeof value === 'object' && value !== null &&
  FIELDS.every((field) => Number.isInteger((value as DqBlk)[field]) && (value as DqBlk)[field] >= 0)

const isTooLarge = (from: DqBlk): boolean =>
  ((from.dqb_valid & QIF_BLIMITS) !== 0 &&
    Math.max(from.dqb_bhardlimit, from.dqb_bsoftlimit) * QIF_DQBLKSIZE >= LIMIT_MAX) ||
  ((from.dqb_valid & QIF_ILIMITS) !== 0 && Math.max(from.dqb_ihardlimit, from.dqb_isoftlimit) >= LIMIT_MAX)

/** A use over its soft limit gets its grace time from now on, unless the caller sets it. */
const setSpace = (dquot: Dquot, from: DqBlk, now: number): void => {
  const valid = from.dqb_valid
  if ((valid & QIF_SPACE) !== 0) dquot.curspace = from.dqb_curspace
  if ((valid & QIF_BLIMITS) !== 0) {
    dquot.bsoftlimit = from.dqb_bsoftlimit * QIF_DQBLKSIZE
    dquot.bhardlimit = from.dqb_bhardlimit * QIF_DQBLKSIZE
  }
  if ((valid & QIF_BTIME) !== 0) dquot.btime = from.dqb_btime
  if ((valid & (QIF_SPACE | QIF_BLIMITS | QIF_BTIME)) === 0) return
  if (dquot.bsoftlimit === 0 || dquot.curspace <= dquot.bsoftlimit) dquot.btime = 0
  else if ((valid & QIF_BTIME) === 0) dquot.btime = now + dquot.kind.bgrace
}
const setInodes = (dquot: Dquot, from: DqBlk, now: number): void => {
  const valid = from.dqb_valid
  if ((valid & QIF_INODES) !== 0) dquot.curinodes = from.dqb_curinodes
  if ((valid & QIF_ILIMITS) !== 0) {
    dquot.isoftlimit = from.dqb_isoftlimit
    dquot.ihardlimit = from.dqb_ihardlimit
  }
  if ((valid & QIF_ITIME) !== 0) dquot.itime = from.dqb_itime
  if ((valid & (QIF_INODES | QIF_ILIMITS | QIF_ITIME)) === 0) return
  if (dquot.isoftlimit === 0 || dquot.curinodes <= dquot.isoftlimit) dquot.itime = 0
  else if ((valid & QIF_ITIME) === 0) dquot.itime = now + dquot.kind.igrace
}

/** As `do_set_dqblk` at the time `now`: 0, or -ERANGE for a limit that is too large. */
export const applyBlk = (dquot: Dquot, from: DqBlk, now: number): number => {
  if (isTooLarge(from)) return -ERANGE
  setSpace(dquot, from, now)
  setInodes(dquot, from, now)
  return 0
}
