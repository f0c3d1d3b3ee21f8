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

/** Format of tmpfs. */
export const QFMT_SHMEM = 5

// dqb_valid of struct if_dqblk
export const QIF_BLIMITS = 0x1
export const QIF_SPACE = 0x2
export const QIF_ILIMITS = 0x4
export const QIF_INODES = 0x8
export const QIF_BTIME = 0x10
export const QIF_ITIME = 0x20
export const QIF_ALL = 0x3f
/** Bytes of a block as limits are counted. */
export const QIF_DQBLKSIZE = 1024

// dqi_valid and dqi_flags of struct if_dqinfo
export const IIF_BGRACE = 0x1
export const IIF_IGRACE = 0x2
export const IIF_FLAGS = 0x4
export const IIF_ALL = 0x7
export const DQF_ROOT_SQUASH = 0x1
export const DQF_SYS_FILE = 0x10000

// which kinds are counted and enforced, for Q_XQUOTAON and its relatives
export const FS_QUOTA_UDQ_ACCT = 0x1
export const FS_QUOTA_UDQ_ENFD = 0x2
export const FS_QUOTA_GDQ_ACCT = 0x4
export const FS_QUOTA_GDQ_ENFD = 0x8
export const FS_QUOTA_PDQ_ACCT = 0x10
export const FS_QUOTA_PDQ_ENFD = 0x20

/** The first argument of quotactl(2). */
export const QCMD = (cmd: number, type: number): number => (cmd << 8) | (type & 0xff)
