/** Makes inodes of pseudo nodes, and a file-system type of a tree of them. */
import { EINVAL, EISDIR, ENOENT, ENOMEM, S_DT, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Dentry, File, FsContext, FsParameter, Inode, SuperBlock, UserNamespace } from '@lsmkit/core'
import { copyIn, copyOut } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { d_lookup, DCACHE_NEED_AUTOMOUNT } from '../../vfs/dcache.ts'
import { fileState, inodeState, superState } from '../../state/vfs/state.ts'
import { fileOperations, inodeOperations, superOperations } from '../../state/vfs/driver.ts'
import type {
  DirContext, FileOperations, FileSystem, InodeOperations, SuperOperations,
} from '../../state/vfs/driver.ts'
import type { PseudoDir, PseudoLink, PseudoNode, PseudoText, TextIo } from './nodes.ts'
import { PieceReader } from './pieces.ts'

/** What an open text file keeps: the node's state, and the contents once they have been asked for. */
class OpenText implements TextIo {
  readonly file: File
  state: unknown = null
  room = 0
  bytes: Uint8Array | null = null
  pieces: PieceReader | null = null

  constructor(file: File) {
    this.file = file
  }
}

const TYPE: Readonly<Record<PseudoNode['kind'], number>> =
  { dir: S_IFDIR, text: S_IFREG, file: S_IFREG, link: S_IFLNK, chr: S_IFCHR }
const encoder = new TextEncoder()
/** Where a directory has been read that tells positions of its own. */
const END_OF_DIR = 0x7fffffff

const openText = (file: File): OpenText => fileState(file).data as OpenText
export const nodeOf = (inode: Inode): PseudoNode => inodeState(inode).fs as PseudoNode

/** The contents of one read, from `pos` on. */
const contentsAt = (node: PseudoText, io: OpenText, pos: number): Uint8Array | number => {
  if (pos !== 0 && !node.fresh && io.bytes !== null) return io.bytes
  const made = node.text === undefined ? -EINVAL : node.text(io)
  if (typeof made === 'number') return made
  const bytes = typeof made === 'string' ? encoder.encode(made) : made
  if (!fileState(io.file).charge(bytes.length - (io.bytes?.length ?? 0))) return -ENOMEM
  io.bytes = bytes
  return bytes
}

/** What a text node can do, as bits. */
const READS = 1
const WRITES = 2
const KEEPS_POS = 4
const MAPS = 8
const SEEKS = 16
const CONTROLS = 32

const abilitiesOf = ({ text, pieces, write, writeKeepsPos, mappable, seekable = true, ioctl }: PseudoText): number =>
  (text !== undefined || pieces !== undefined ? READS : 0) |
  (write !== undefined ? WRITES : 0) |
  (writeKeepsPos === true && write !== undefined ? KEEPS_POS : 0) |
  (mappable === true ? MAPS : 0) |
  (seekable ? SEEKS : 0) |
  (ioctl !== undefined ? CONTROLS : 0)

/** Operations of every text node that can do the same; the node itself is found by the inode. */
const textOperations = (can: number): FileOperations => fileOperations({
  open(inode, file) {
    const node = nodeOf(inode) as PseudoText
    const io = new OpenText(file)
    fileState(file).data = io
    return node.open?.(io) ?? 0
  },
  read: (can & READS) === 0 ? null : (file, buf, off, len, pos) => {
    const io = openText(file)
    const { pieces } = nodeOf(file.f_inode) as PseudoText
    if (pieces !== undefined) return (io.pieces ??= new PieceReader(() => pieces(io))).read(buf, off, len, pos)
    io.room = len
    const bytes = contentsAt(nodeOf(file.f_inode) as PseudoText, io, pos)
    if (typeof bytes === 'number') return bytes
    const part = bytes.subarray(pos, pos + len)
    copyOut(part, buf, off)
    return part.length
  },
  write: (can & WRITES) === 0 ? null : (file, buf, off, len, pos) =>
    (nodeOf(file.f_inode) as PseudoText).write!(openText(file), copyIn(buf, off, len), pos),
  llseek: (can & SEEKS) === 0 ? null : (file, offset, whence) => {
    const io = openText(file)
    return generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, io.bytes?.length ?? 0)
  },
  release(inode, file) {
    const node = nodeOf(inode) as PseudoText
    const io = openText(file)
    if (io !== null) node.release?.(io)
  },
  ioctl: (can & CONTROLS) === 0 ? null : (file, cmd, arg) =>
    (nodeOf(file.f_inode) as PseudoText).ioctl!(openText(file), cmd, arg),
  mmap: (can & MAPS) === 0 ? null : () => 0,
  splice: (can & READS) !== 0,
  write_keeps_pos: (can & KEEPS_POS) !== 0,
})

export interface PseudoType {
  readonly name: string
  readonly magic: number
  readonly fs_flags?: number
  /** One super block for all mounts; otherwise each mount has its own. */
  readonly single: boolean
  /** The tree is made when it is mounted, rather than name by name when it is looked at. */
  readonly whole?: boolean
  /** Names in the root that are made when it is mounted. */
  readonly early?: readonly string[]
  /** What looking a name up that is not there is; an empty place unless said otherwise. */
  readonly missing?: 'error'
  /** Whose capabilities mounting it takes; the caller's user namespace unless said otherwise. */
  readonly owner?: () => UserNamespace
  readonly root: (sb: SuperBlock) => PseudoDir
  readonly options?: (fc: FsContext, param: FsParameter) => number
  /** Keeps what the options said with the super block. */
  readonly setup?: (sb: SuperBlock, fc: FsContext) => void
  /** After the root is there, at every mount: applies the options. */
  readonly mounted?: (fc: FsContext, isFirst: boolean) => void
  readonly superOps?: Partial<SuperOperations>
  readonly reconfigure?: (fc: FsContext) => number
}

export const pseudoEngine = (machine: Machine) => {
  const { vfs } = machine
  const byAbilities = new Map<number, FileOperations>()
  const textOps = (node: PseudoText): FileOperations => {
    const can = abilitiesOf(node)
    let made = byAbilities.get(can)
    if (made === undefined) byAbilities.set(can, (made = textOperations(can)))
    return made
  }

  /** A fresh inode for a node; -errno when the node or an LSM refuses. */
  const instantiate = (sb: SuperBlock, node: PseudoNode): Inode | number => {
    const inode = vfs.new_inode(sb, TYPE[node.kind] | node.mode, iops(node), fops(node), node)
    if (inode === null) return -ENOMEM
    if (node.kind === 'dir') inode.i_nlink = 2
    if (node.kind === 'chr') inode.i_rdev = node.rdev
    const rc = node.made?.(inode) ?? 0
    return rc !== 0 ? rc : inode
  }

  /** File systems where looking a missing name up is an error, so that nothing can be made there at all. */
  const forgetful = new WeakSet<SuperBlock>()

  const lookup = (dir: Inode, dentry: Dentry): number => {
    const node = (nodeOf(dir) as PseudoDir).find(dentry.d_name.name)
    if (typeof node === 'number') return node
    if (node === null) {
      if (forgetful.has(dir.i_sb)) return -ENOENT
      vfs.d_add(dentry, null)
      return 0
    }
    const inode = instantiate(dir.i_sb, node)
    if (typeof inode === 'number') return inode
    vfs.d_add(dentry, inode)
    if (node.kind === 'dir' && node.automount !== undefined) dentry.d_flags |= DCACHE_NEED_AUTOMOUNT
    return 0
  }

  const optional = (node: PseudoNode) => ({
    permission: node.permission ?? null,
    getattr: node.getattr ?? null,
    setattr: node.setattr ?? null,
  })
  const dirOps = (node: PseudoDir): InodeOperations => inodeOperations({ lookup, ...optional(node) })
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
  const fileOps = inodeOperations({})
  const iops = (node: PseudoNode): InodeOperations => {
    if (node.kind === 'dir') return dirOps(node)
    if (node.kind === 'link') return linkOps(node)
    const isPlain = node.permission === undefined && node.getattr === undefined && node.setattr === undefined
    return isPlain ? fileOps : inodeOperations(optional(node))
  }

  /** Emits one name, with the inode it would be looked up as: listing a directory makes its inodes, as procfs does. */
  const emitName = (file: File, ctx: DirContext, name: string): boolean => {
    const dir = file.f_path.dentry
    const cached = d_lookup(dir, name)
    const child: Dentry = cached ?? vfs.d_alloc(dir, name)
    if (cached === null && lookup(file.f_inode, child) !== 0) return true
    const inode = child.d_inode
    return inode === null || ctx.emit(name, inode.i_ino, S_DT(inode.i_mode & S_IFMT))
  }

  const dirFops = fileOperations({
    read: () => -EISDIR,
    llseek: (file, offset, whence) => generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, 0),
    iterate_shared(file, ctx) {
      const { dentry } = file.f_path
      const ino = (at: Dentry): number => at.d_inode!.i_ino
      if (ctx.pos === 0 && ctx.emit('.', ino(dentry), S_DT(S_IFDIR))) ctx.pos = 1
      if (ctx.pos === 1 && ctx.emit('..', ino(dentry.d_parent ?? dentry), S_DT(S_IFDIR))) ctx.pos = 2
      if (ctx.pos < 2) return 0
      const node = nodeOf(file.f_inode) as PseudoDir
      if (node.namesFrom === undefined) {
        const names = [...(node.names?.() ?? [])]
        while (ctx.pos - 2 < names.length && emitName(file, ctx, names[ctx.pos - 2]!)) ctx.pos++
        return 0
      }
      for (const [pos, name] of ctx.pos === END_OF_DIR ? [] : node.namesFrom(ctx.pos - 2)) {
        ctx.pos = pos + 2
        if (!emitName(file, ctx, name)) return 0
      }
      ctx.pos = END_OF_DIR
      return 0
    },
  })

  const fops = (node: PseudoNode): FileOperations => {
    switch (node.kind) {
      case 'dir':
        return dirFops
      case 'text':
        return textOps(node)
      case 'file':
        return node.fops
      case 'link':
        return fileOperations({})
      case 'chr':
        return vfs.special_fops(S_IFCHR)
    }
  }

  const s_op = (magic: number, own: Partial<SuperOperations> = {}) => superOperations({
    evict_inode: (inode) => nodeOf(inode).gone?.(inode),
    ...own,
    statfs: (dentry, buf) => {
      buf.f_type = magic
      buf.f_fsid = dentry.d_sb.s_dev
      return 0
    },
    d_automount: (path) => (nodeOf(path.dentry.d_inode!) as PseudoDir).automount?.(path) ?? 0,
    d_revalidate: (dentry, flags) => {
      const inode = dentry.d_inode
      return inode === null ? 0 : (nodeOf(inode).revalidate?.(inode, flags) ?? 1)
    },
  })

  const makeName = (dir: Dentry, name: string): Dentry | null => {
    const child = vfs.d_alloc(dir, name)
    return lookup(dir.d_inode!, child) === 0 ? child : null
  }
  /** Makes every name below `dir`; what an LSM refuses is missing. */
  const makeBelow = (dir: Dentry): void => {
    const node = nodeOf(dir.d_inode!)
    if (node.kind !== 'dir') return
    for (const name of node.names?.() ?? []) {
      const child = makeName(dir, name)
      if (child !== null) makeBelow(child)
    }
  }

  /** A type whose trees are made of nodes. */
  const pseudoType = (type: PseudoType): FileSystem => {
    let shared: SuperBlock | null = null
    const operations = s_op(type.magic, type.superOps)
    const fill = (fc: FsContext) => (sb: SuperBlock): Inode | number => {
      sb.s_magic = type.magic
      if (type.missing === 'error') forgetful.add(sb)
      superState(sb).isCache = type.whole !== true
      type.setup?.(sb, fc)
      return instantiate(sb, type.root(sb))
    }
    return {
      name: type.name,
      fs_flags: type.fs_flags ?? 0,
      ...(type.owner === undefined ? {} : { owner: type.owner }),
      parse_param: type.options ?? null,
      reconfigure: type.reconfigure ?? null,
      get_tree(fc) {
        if (type.single && shared !== null && shared.s_root !== null) {
          const rc = vfs.share_super(fc, shared)
          if (rc === 0) type.mounted?.(fc, false)
          return rc
        }
        const rc = vfs.get_tree_nodev(fc, operations, [], null, fill(fc))
        if (rc !== 0) return rc
        if (type.single) shared = fc.root!.d_sb
        if (type.whole === true) makeBelow(fc.root!)
        for (const name of type.early ?? []) makeName(fc.root!, name)
        type.mounted?.(fc, true)
        return 0
      },
    }
  }

  return { instantiate, pseudoType, s_op }
}
export type PseudoEngine = ReturnType<typeof pseudoEngine>
