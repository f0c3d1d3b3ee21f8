/** Inodes of pseudo nodes: made when a name is looked up or listed. */
import { EINVAL, EISDIR, ENOENT, ENOMEM, S_DT, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Dentry, File, Inode, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { d_invalidate, d_lookup, DCACHE_NEED_AUTOMOUNT } from '../../vfs/dcache.ts'
import { revalidate } from '../../vfs/path/walk.ts'
import { fileOperations, inodeOperations } from '../../state/vfs/driver.ts'
import type { DirContext, FileOperations, InodeOperations } from '../../state/vfs/driver.ts'
import type { PseudoDir, PseudoLink, PseudoNode } from './nodes.ts'
import { nodeOf } from './nodes.ts'
import { textOps } from './text.ts'

const TYPE: Readonly<Record<PseudoNode['kind'], number>> =
  { dir: S_IFDIR, text: S_IFREG, file: S_IFREG, link: S_IFLNK, chr: S_IFCHR }
/** The position after the last name, in a directory whose names have positions of their own. */
const END_OF_DIR = 0x7fffffff
const plainOps = inodeOperations({})

/** All pseudo file systems of one machine. */
export class PseudoEngine {
  readonly machine: Machine
  /** File systems where looking up a missing name is an error, so that nothing can be made there. */
  readonly strict = new WeakSet<SuperBlock>()
  readonly lookup: (dir: Inode, dentry: Dentry) => number
  readonly dirFops: FileOperations

  constructor(machine: Machine) {
    this.machine = machine
    this.lookup = (dir, dentry) => lookup(this, dir, dentry)
    this.dirFops = fileOperations({
      read: () => -EISDIR,
      llseek: (file, offset, whence) => generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, 0),
      iterate_shared: (file, ctx) => iterate_shared(this, file, ctx),
    })
  }
}

/** A new inode for a node; -errno if the node or an LSM refuses it. */
export const instantiate = (engine: PseudoEngine, sb: SuperBlock, node: PseudoNode): Inode | number => {
  const mode = TYPE[node.kind] | node.mode
  const inode = engine.machine.vfs.new_inode(sb, mode, iops(engine, node), fops(engine, node), node)
  if (inode === null) return -ENOMEM
  if (node.kind === 'dir') inode.i_nlink = 2
  if (node.kind === 'chr') inode.i_rdev = node.rdev
  const rc = node.made?.(inode) ?? 0
  return rc !== 0 ? rc : inode
}

export const lookup = (engine: PseudoEngine, dir: Inode, dentry: Dentry): number => {
  const node = (nodeOf(dir) as PseudoDir).find(dentry.d_name.name)
  if (typeof node === 'number') return node
  if (node === null) {
    if (engine.strict.has(dir.i_sb)) return -ENOENT
    engine.machine.vfs.d_add(dentry, null)
    return 0
  }
  const inode = instantiate(engine, dir.i_sb, node)
  if (typeof inode === 'number') return inode
  engine.machine.vfs.d_add(dentry, inode)
  if (node.kind === 'dir' && node.automount !== undefined) dentry.d_flags |= DCACHE_NEED_AUTOMOUNT
  return 0
}

const mkdir = (engine: PseudoEngine, dir: Inode, dentry: Dentry, mode: number): number =>
  (nodeOf(dir) as PseudoDir).mkdir!(dentry.d_name.name, mode) || lookup(engine, dir, dentry)

const rmdir = (dir: Inode, dentry: Dentry): number => (nodeOf(dir) as PseudoDir).rmdir!(dentry.d_name.name)

const dirOps = (engine: PseudoEngine, node: PseudoDir): InodeOperations => inodeOperations({
  lookup: engine.lookup,
  ...(node.mkdir === undefined ? {} : { mkdir: (_idmap, dir, dentry, mode) => mkdir(engine, dir, dentry, mode) }),
  ...(node.rmdir === undefined ? {} : { rmdir }),
  ...optional(node),
})

const optional = (node: PseudoNode) => ({
  permission: node.permission ?? null,
  getattr: node.getattr ?? null,
  setattr: node.setattr ?? null,
})

const linkOps = (node: PseudoLink): InodeOperations => inodeOperations({
  get_link: (_dentry, inode) => (nodeOf(inode) as PseudoLink).target(),
  readlink: (dentry) => {
    const link = nodeOf(dentry.d_inode!) as PseudoLink
    if (link.text !== undefined) return link.text()
    const to = link.target()
    return typeof to === 'object' ? -EINVAL : to
  },
  ...optional(node),
})

const iops = (engine: PseudoEngine, node: PseudoNode): InodeOperations => {
  if (node.kind === 'dir') return dirOps(engine, node)
  if (node.kind === 'link') return linkOps(node)
  const isPlain = node.permission === undefined && node.getattr === undefined && node.setattr === undefined
  return isPlain ? plainOps : inodeOperations(optional(node))
}

/** Emits one name with its inode. As in procfs, listing a directory makes the inodes of its names. */
const emitName = (engine: PseudoEngine, file: File, ctx: DirContext, name: string): boolean => {
  const dir = file.f_path.dentry
  const known = d_lookup(dir, name)
  const isStale = known !== null && known.d_inode !== null && revalidate(known, 0) === 0
  if (isStale) d_invalidate(engine.machine, known)
  const cached = isStale ? null : known
  const child: Dentry = cached ?? engine.machine.vfs.d_alloc(dir, name)
  if (cached === null && lookup(engine, file.f_inode, child) !== 0) return true
  const inode = child.d_inode
  return inode === null || ctx.emit(name, inode.i_ino, S_DT(inode.i_mode & S_IFMT))
}

const iterate_shared = (engine: PseudoEngine, file: File, ctx: DirContext): number => {
  const { dentry } = file.f_path
  const ino = (at: Dentry): number => at.d_inode!.i_ino
  if (ctx.pos === 0 && ctx.emit('.', ino(dentry), S_DT(S_IFDIR))) ctx.pos = 1
  if (ctx.pos === 1 && ctx.emit('..', ino(dentry.d_parent ?? dentry), S_DT(S_IFDIR))) ctx.pos = 2
  if (ctx.pos < 2) return 0
  const node = nodeOf(file.f_inode) as PseudoDir
  if (node.namesFrom === undefined) {
    const names = [...(node.names?.() ?? [])]
    while (ctx.pos - 2 < names.length && emitName(engine, file, ctx, names[ctx.pos - 2]!)) ctx.pos++
    return 0
  }
  for (const [pos, name] of ctx.pos === END_OF_DIR ? [] : node.namesFrom(ctx.pos - 2)) {
    ctx.pos = pos + 2
    if (!emitName(engine, file, ctx, name)) return 0
  }
  ctx.pos = END_OF_DIR
  return 0
}

const fops = (engine: PseudoEngine, node: PseudoNode): FileOperations => {
  switch (node.kind) {
    case 'dir':
      return engine.dirFops
    case 'text':
      return textOps(node)
    case 'file':
      return node.fops
    case 'link':
      return fileOperations({})
    case 'chr':
      return engine.machine.vfs.special_fops(S_IFCHR)
  }
}
