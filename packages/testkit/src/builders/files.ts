/** Super blocks with their roots, inodes, names, mounts, and open files. */
import {
  FMODE_READ, FMODE_WRITE, O_ACCMODE, O_RDONLY, O_WRONLY, S_IFDIR, S_IFREG, TMPFS_MAGIC,
} from '@lsmkit/abi'
import { nop_mnt_idmap, ref } from '@lsmkit/core'
import type { Dentry, File, Inode, Path, SuperBlock, VfsMount } from '@lsmkit/core'
import { assign, bound, mustAgree } from './maker.ts'
import type { Fields, Maker } from './maker.ts'
import { aCred } from './tasks.ts'

const FS_USERNS_MOUNT = 8

/** Fields of a super block; its type by name. */
export interface SuperBlockTraits extends Omit<Fields<SuperBlock>, 's_type'> {
  readonly type?: string
}

export interface DentryTraits extends Omit<Fields<Dentry>, 'd_name'> {
  readonly name?: string
  /** null: a negative one. A fresh file unless given. */
  readonly inode?: Inode | null
}

export interface FileTraits extends Omit<Fields<File>, 'f_inode'> {
  readonly name?: string
  readonly inode?: Inode
  /** On which mount, unless `f_path` says it. */
  readonly mnt?: VfsMount
}

const modeOf = (flags: number): number => {
  const access = flags & O_ACCMODE
  if (access === O_RDONLY) return FMODE_READ
  return access === O_WRONLY ? FMODE_WRITE : FMODE_READ | FMODE_WRITE
}

const qstr = (name: string) => ({ name, len: new TextEncoder().encode(name).length })

const bareSuperBlock = (maker: Maker, { type = 'tmpfs', ...fields }: SuperBlockTraits = {}): SuperBlock => {
  const { s_dev = maker.next(), s_user_ns = maker.user_ns } = fields
  const sb = maker.objects.super_block(s_dev, { name: type, fs_flags: FS_USERNS_MOUNT }, s_user_ns)
  return assign(sb, { s_id: type, s_magic: TMPFS_MAGIC, ...fields }, 'aSuperBlock', ['type'])
}

/** A mounted file system with an empty root directory. */
export const aSuperBlock = (maker: Maker, traits: SuperBlockTraits = {}): SuperBlock => {
  const { lsm } = maker
  const sb = bareSuperBlock(maker, traits)
  if (lsm !== null) mustAgree(lsm.sb_alloc_security.ask(sb), 'sb_alloc_security')
  const root = maker.objects.dentry(qstr('/'), sb)
  sb.s_root = root
  instantiate(maker, root, anInode(maker, { i_mode: S_IFDIR | 0o755, i_sb: sb, i_nlink: 2 }))
  if (lsm !== null) mustAgree(lsm.sb_set_mnt_opts.ask(sb, null, 0, ref(0)), 'sb_set_mnt_opts')
  return sb
}

/** The file system of objects that name no other. */
const commonSuperBlock = (maker: Maker): SuperBlock => (maker.common ??= aSuperBlock(maker))

const bareInode = (maker: Maker, fields: Fields<Inode> = {}): Inode => {
  const { i_mode = S_IFREG | 0o644, i_sb = commonSuperBlock(maker) } = fields
  return assign(maker.objects.inode(i_mode, i_sb, maker.next()), fields, 'anInode')
}

/** `anInode({ i_mode: S_IFREG | 0o600, i_uid: 1000 })`: nameless yet, so no LSM has read its attributes. */
export const anInode = (maker: Maker, fields: Fields<Inode> = {}): Inode => {
  const { lsm } = maker
  const inode = bareInode(maker, fields)
  if (lsm !== null) mustAgree(lsm.inode_alloc_security.ask(inode), 'inode_alloc_security')
  return inode
}

/** As `d_instantiate`. */
const instantiate = (maker: Maker, dentry: Dentry, inode: Inode | null): Dentry => {
  dentry.d_inode = inode
  maker.lsm?.d_instantiate.tell(dentry, inode)
  return dentry
}

const aDentry = (maker: Maker, { name = 'file', inode, ...fields }: DentryTraits = {}): Dentry => {
  const d_sb = fields.d_sb ?? inode?.i_sb ?? commonSuperBlock(maker)
  const traits = { d_parent: d_sb.s_root, ...fields }
  const dentry = assign(maker.objects.dentry(qstr(name), d_sb), traits, 'aDentry', ['name', 'inode'])
  return instantiate(maker, dentry, inode === undefined ? anInode(maker, { i_sb: d_sb }) : inode)
}

const aMount = (maker: Maker, fields: Fields<VfsMount> = {}): VfsMount => {
  const mnt_sb = fields.mnt_sb ?? fields.mnt_root?.d_sb ?? commonSuperBlock(maker)
  const mnt_root = fields.mnt_root ?? mnt_sb.s_root!
  const mount: VfsMount = {
    mnt_root, mnt_sb, mnt_flags: 0, mnt_idmap: nop_mnt_idmap, mnt_parent: null, mnt_mountpoint: null,
    mnt_devname: mnt_sb.s_id,
  }
  return assign(mount, fields, 'aMount')
}

const aPath = (maker: Maker, traits: DentryTraits = {}): Path => {
  const dentry = aDentry(maker, traits)
  return { mnt: aMount(maker, { mnt_sb: dentry.d_sb }), dentry }
}

const bareFile = (maker: Maker, { name = 'file', inode, mnt, ...fields }: FileTraits = {}): File => {
  const dentry = fields.f_path?.dentry ?? aDentry(maker, { name, ...(inode === undefined ? {} : { inode }) })
  const f_path = fields.f_path ?? { mnt: mnt ?? aMount(maker, { mnt_sb: dentry.d_sb }), dentry }
  const f_flags = fields.f_flags ?? O_RDONLY
  const f_cred = fields.f_cred ?? maker.current()?.cred ?? aCred(maker)
  const file = maker.objects.file(fields.f_mode ?? modeOf(f_flags), f_flags, f_path, inode ?? dentry.d_inode!, f_cred)
  return assign(file, fields, 'aFile', ['name', 'inode', 'mnt'])
}

/** `aFile({ name: 'secret', f_flags: O_RDWR })`: on its way to be opened; nobody has been asked to open it. */
const aFile = (maker: Maker, traits: FileTraits = {}): File => {
  const { lsm } = maker
  const file = bareFile(maker, traits)
  if (lsm !== null) mustAgree(lsm.file_alloc_security.ask(file), 'file_alloc_security')
  return file
}

export const fileBuilders = (maker: Maker) => ({
  ...bound(maker, {
    bareSuperBlock, aSuperBlock, bareInode, anInode, aDentry, aMount, aPath, bareFile, aFile, instantiate,
  }),
  qstr,
})
