/** The state of an overlay: its layers, and the files in them behind each inode (fs/overlayfs/ovl_entry.h). */
import { S_IFDIR, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Cred, Dentry, Inode, Path, SuperBlock, VfsMount } from '@lsmkit/core'
import { inodeState, superState } from '../../state/vfs/state.ts'
import type { OvlConfig } from './config.ts'
import type { DirCache } from './dir-entry.ts'

/** A file system of layers. The first is that of the upper layer, or unused. */
export interface OvlSb {
  readonly sb: SuperBlock | null
  /** st_dev of files where one device number cannot do for all layers. */
  readonly pseudo_dev: number
  bad_uuid: boolean
  is_lower: boolean
}

export interface OvlLayer {
  readonly mnt: VfsMount
  readonly trap: Inode
  /** Place in the stack, 0 for the upper one. */
  readonly idx: number
  readonly fsid: number
  has_xwhiteouts: boolean
}

export interface OvlPath {
  layer: OvlLayer
  /** Null: in a data layer, looked up when it is needed. */
  dentry: Dentry | null
}

/** Of a super block (struct ovl_fs). */
export class OvlFs {
  readonly config: OvlConfig
  creator_cred!: Cred
  upper: OvlLayer | null = null
  /** Without the upper one: layers[0] has idx 1. The last `numdatalayer` of them hold data only. */
  readonly lower: OvlLayer[] = []
  numdatalayer = 0
  readonly fs: OvlSb[] = []
  /** The place of `workdir=`, and `work` or `index` below it; null: everything is read-only. */
  workbasedir: Dentry | null = null
  workdir: Dentry | null = null
  namelen = 0
  tmpfile = false
  noxattr = false
  nofh = false
  upperdir_locked = false
  workdir_locked = false
  readonly traps = new Set<Inode>()
  /** That of `workdir`, which goes when the index takes its place. */
  workdir_trap: Inode | null = null
  /** -1: st_ino may be any layer's own; 0: all on one file system; else the high bits that mark the layer. */
  xino_mode = -1
  last_ino = 1
  /** A whiteout to make hard links of, and the number of the last temporary name. */
  whiteout: Dentry | null = null
  no_shared_whiteout = false
  /** Overlay inodes by the real inode they are found by. */
  readonly inodes = new Map<Inode, Inode>()
  uuid: Uint8Array | null = null

  constructor(config: OvlConfig) {
    this.config = config
  }

  get upperMnt(): VfsMount | null {
    return this.upper === null ? null : this.upper.mnt
  }
  /** Layers that are merged. */
  get numlowerlayer(): number {
    return this.lower.length - this.numdatalayer
  }
  get sameFs(): boolean {
    return this.xino_mode === 0
  }
  get sameDev(): boolean {
    return this.xino_mode >= 0
  }
  get xinoBits(): number {
    return this.xino_mode > 0 ? this.xino_mode : 0
  }
  /** Nothing can be written, and no remount changes that. */
  get forceReadonly(): boolean {
    return this.upper === null || this.workdir === null
  }
  get indexdir(): Dentry | null {
    return this.config.index ? this.workdir : null
  }
  /** Every file is indexed, and files are verified against their origin. */
  get indexAll(): boolean {
    return this.config.nfs_export && this.config.index
  }
}

// flags of an inode
/** A directory of the upper layer alone that may hold copied-up files. */
export const OVL_IMPURE = 1
/** A directory that may hold whiteouts. */
export const OVL_WHITEOUTS = 2
export const OVL_INDEX = 4
export const OVL_UPPERDATA = 8
/** The inode number stays as it is when the file is copied up. */
export const OVL_CONST_INO = 16
export const OVL_HAS_DIGEST = 32

/** Of an inode (struct ovl_inode). */
export class OvlInode {
  upper: Dentry | null = null
  lower: OvlPath[] = []
  flags = 0
  /** The path of the lower file, as the upper one stores it. */
  redirect: string | null = null
  /** Where in a data layer the bytes are, not looked up yet. */
  lowerdata_redirect: string | null = null
  /** Goes up with every change of a directory's names. */
  version = 0
  cache: DirCache | null = null
  /** The inode that it is found by, or null. */
  key: Inode | null = null
}

// flags of a dentry
const OVL_E_UPPER_ALIAS = 1
const OVL_E_OPAQUE = 2
const OVL_E_XWHITEOUTS = 4
class OvlDentry {
  flags = 0
}

const setFlag = (dentry: Dentry, flag: number): void => {
  ((dentry.d_fsdata ??= new OvlDentry()) as OvlDentry).flags |= flag
}
const hasFlag = (dentry: Dentry, flag: number): boolean =>
  dentry.d_fsdata !== null && ((dentry.d_fsdata as OvlDentry).flags & flag) !== 0

/** The name itself is in the upper layer; of hard links another one may be. */
export const setUpperAlias = (dentry: Dentry): void => setFlag(dentry, OVL_E_UPPER_ALIAS)
export const hasUpperAlias = (dentry: Dentry): boolean => hasFlag(dentry, OVL_E_UPPER_ALIAS)
/** Nothing below shows through: an opaque directory, or a whiteout where there is no inode. */
export const setOpaque = (dentry: Dentry): void => setFlag(dentry, OVL_E_OPAQUE)
export const isOpaque = (dentry: Dentry): boolean => hasFlag(dentry, OVL_E_OPAQUE)
export const isWhiteoutName = (dentry: Dentry): boolean => dentry.d_inode === null && isOpaque(dentry)
export const setXwhiteouts = (dentry: Dentry): void => setFlag(dentry, OVL_E_XWHITEOUTS)
export const hasXwhiteouts = (dentry: Dentry): boolean => hasFlag(dentry, OVL_E_XWHITEOUTS)

export const ovlFs = (sb: SuperBlock): OvlFs => superState(sb).fs as OvlFs
export const ovlInode = (inode: Inode): OvlInode => inodeState(inode).fs as OvlInode
export const setInodeFlag = (inode: Inode, flag: number): void => void (ovlInode(inode).flags |= flag)
export const clearInodeFlag = (inode: Inode, flag: number): void => void (ovlInode(inode).flags &= ~flag)
export const testInodeFlag = (inode: Inode, flag: number): boolean => (ovlInode(inode).flags & flag) !== 0

export const isDirMode = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR
export const isRegMode = (mode: number): boolean => (mode & S_IFMT) === S_IFREG
export const isDirDentry = ({ d_inode }: Dentry): boolean => d_inode !== null && isDirMode(d_inode.i_mode)
export const isRegDentry = ({ d_inode }: Dentry): boolean => d_inode !== null && isRegMode(d_inode.i_mode)

// the real files of an overlay's name
export const upperOf = ({ d_inode }: Dentry): Dentry | null => (d_inode === null ? null : ovlInode(d_inode).upper)
export const stackOf = ({ d_inode }: Dentry): readonly OvlPath[] => (d_inode === null ? [] : ovlInode(d_inode).lower)
export const lowerOf = (dentry: Dentry): Dentry | null => stackOf(dentry)[0]?.dentry ?? null
export const realOf = (dentry: Dentry): Dentry => (upperOf(dentry) ?? lowerOf(dentry)) as Dentry
export const parentOf = (dentry: Dentry): Dentry => dentry.d_parent ?? dentry

export const upperInode = (inode: Inode): Inode | null => ovlInode(inode).upper?.d_inode ?? null
export const lowerInode = (inode: Inode): Inode | null => ovlInode(inode).lower[0]?.dentry?.d_inode ?? null
export const realInode = (inode: Inode): Inode => (upperInode(inode) ?? lowerInode(inode)) as Inode

const pathIn = ({ layer, dentry }: OvlPath): Path | null => (dentry === null ? null : { mnt: layer.mnt, dentry })
export const upperPath = (dentry: Dentry): Path =>
  ({ mnt: ovlFs(dentry.d_sb).upperMnt as VfsMount, dentry: upperOf(dentry) as Dentry })
export const lowerPath = (dentry: Dentry): Path => pathIn(stackOf(dentry)[0] as OvlPath) as Path
export const lowerdataPath = (dentry: Dentry): Path | null => {
  const last = stackOf(dentry).at(-1)
  return last === undefined ? null : pathIn(last)
}
/** Where attributes are. */
export const realPath = (dentry: Dentry): Path => (upperOf(dentry) === null ? lowerPath(dentry) : upperPath(dentry))
export const inodeRealPath = (inode: Inode): Path => {
  const { upper, lower } = ovlInode(inode)
  if (upper !== null) return { mnt: ovlFs(inode.i_sb).upperMnt as VfsMount, dentry: upper }
  return pathIn(lower[0] as OvlPath) as Path
}

/** The upper file has the bytes, not only the attributes. */
export const hasUpperdata = (inode: Inode): boolean =>
  !isRegMode(inode.i_mode) || lowerInode(inode) === null || testInodeFlag(inode, OVL_UPPERDATA)

export const OVL_PATH_UPPER = 1
export const OVL_PATH_MERGE = 2
export const OVL_PATH_ORIGIN = 4
/** Flags of a name: in the upper layer, merged from several, copied up from a known one. */
export const pathType = (dentry: Dentry): number => {
  const lower = stackOf(dentry).length
  if (upperOf(dentry) === null) return lower > 1 ? OVL_PATH_MERGE : 0
  if (lower === 0) return OVL_PATH_UPPER
  const inode = dentry.d_inode as Inode
  const origin = testInodeFlag(inode, OVL_CONST_INO) ? OVL_PATH_ORIGIN : 0
  const merge = isDirMode(inode.i_mode) || !hasUpperdata(inode) ? OVL_PATH_MERGE : 0
  return OVL_PATH_UPPER | origin | merge
}
export const isUpper = (dentry: Dentry): boolean => (pathType(dentry) & OVL_PATH_UPPER) !== 0
export const isMerge = (dentry: Dentry): boolean => (pathType(dentry) & OVL_PATH_MERGE) !== 0
export const hasOrigin = (dentry: Dentry): boolean => (pathType(dentry) & OVL_PATH_ORIGIN) !== 0

/** Where the bytes are; null when they cannot be found. */
export const realdataPath = (dentry: Dentry): Path | null => {
  const type = pathType(dentry)
  return (type & OVL_PATH_UPPER) === 0 || (type & OVL_PATH_MERGE) !== 0 ? lowerdataPath(dentry) : upperPath(dentry)
}

/** Attributes are here, the bytes elsewhere. */
export const isMetacopy = (dentry: Dentry): boolean => {
  if (!isRegDentry(dentry)) return false
  return upperOf(dentry) !== null ? !hasUpperdata(dentry.d_inode as Inode) : stackOf(dentry).length > 1
}

/** The directory's names are those of one real directory, without whiteouts. */
export const isRealDir = (inode: Inode): boolean => !testInodeFlag(inode, OVL_WHITEOUTS)
