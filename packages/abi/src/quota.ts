/** Commands of quotactl(2). */

export const Q_SYNC = 0x800001
export const Q_QUOTAON = 0x800002
export const Q_QUOTAOFF = 0x800003
export const Q_GETFMT = 0x800004
export const Q_GETINFO = 0x800005
export const Q_SETINFO = 0x800006
export const Q_GETQUOTA = 0x800007
export const Q_SETQUOTA = 0x800008
export const Q_GETNEXTQUOTA = 0x800009
export const Q_XQUOTAON = 0x5801
export const Q_XQUOTAOFF = 0x5802
export const Q_XGETQUOTA = 0x5803
export const Q_XSETQLIM = 0x5804
export const Q_XGETQSTAT = 0x5805
export const Q_XQUOTARM = 0x5806
export const Q_XQUOTASYNC = 0x5807
export const Q_XGETQSTATV = 0x5808
export const Q_XGETNEXTQUOTA = 0x5809

// kinds
export const USRQUOTA = 0
export const GRPQUOTA = 1
export const PRJQUOTA = 2

/** The first argument of quotactl(2). */
export const QCMD = (cmd: number, type: number): number => (cmd << 8) | (type & 0xff)
