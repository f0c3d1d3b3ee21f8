/** File-system types whose trees are made of pseudo nodes. */
import type { Dentry, FsContext, FsParameter, Inode, SuperBlock, UserNamespace } from '@lsmkit/core'
import { superState } from '../../state/vfs/state.ts'
import { superOperations } from '../../state/vfs/driver.ts'
import type { FileSystem, SuperOperations } from '../../state/vfs/driver.ts'
import type { PseudoDir } from './nodes.ts'
import { nodeOf } from './nodes.ts'
import type { PseudoEngine } from './engine.ts'
import { lookup, instantiate } from './engine.ts'

export interface PseudoType {
  readonly name: string
  readonly magic: number
  readonly fs_flags?: number
  /** One super block for all mounts; otherwise each mount has its own. */
  readonly single: boolean
  /** The tree is made when it is mounted; by default names are made when they are looked up. */
  readonly whole?: boolean
  /** Names in the root that are made when it is mounted. */
  readonly early?: readonly string[]
  /** Looking up a missing name is an error; by default it gives a negative dentry. */
  readonly missing?: 'error'
  /** User namespace in which mounting takes CAP_SYS_ADMIN; by default the caller's. */
  readonly owner?: () => UserNamespace
  readonly root: (sb: SuperBlock) => PseudoDir
  readonly options?: (fc: FsContext, param: FsParameter) => number
  /** Stores the options in the super block. */
  readonly setup?: (sb: SuperBlock, fc: FsContext) => void
  /** After the root is there, at every mount: applies the options. */
  readonly mounted?: (fc: FsContext, isFirst: boolean) => void
  readonly superOps?: Partial<SuperOperations>
  readonly reconfigure?: (fc: FsContext) => number
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

const makeName = (engine: PseudoEngine, dir: Dentry, name: string): Dentry | null => {
  const child = engine.machine.vfs.d_alloc(dir, name)
  return lookup(engine, dir.d_inode!, child) === 0 ? child : null
}

/** Makes every name below `dir`, but those that an LSM refuses. */
const makeBelow = (engine: PseudoEngine, dir: Dentry): void => {
  const node = nodeOf(dir.d_inode!)
  if (node.kind !== 'dir') return
  for (const name of node.names?.() ?? []) {
    const child = makeName(engine, dir, name)
    if (child !== null) makeBelow(engine, child)
  }
}

/** A type whose trees are made of nodes. */
export const pseudoType = (engine: PseudoEngine, type: PseudoType): FileSystem => {
  let shared: SuperBlock | null = null
  const operations = s_op(type.magic, type.superOps)
  const fill = (fc: FsContext) => (sb: SuperBlock): Inode | number => {
    sb.s_magic = type.magic
    if (type.missing === 'error') engine.strict.add(sb)
    superState(sb).isCache = type.whole !== true
    type.setup?.(sb, fc)
    return instantiate(engine, sb, type.root(sb))
  }
  return {
    name: type.name,
    fs_flags: type.fs_flags ?? 0,
    ...(type.owner === undefined ? {} : { owner: type.owner }),
    parse_param: type.options ?? null,
    reconfigure: type.reconfigure ?? null,
    get_tree(fc) {
      if (type.single && shared !== null && shared.s_root !== null) {
        const rc = engine.machine.vfs.share_super(fc, shared)
        if (rc === 0) type.mounted?.(fc, false)
        return rc
      }
      const rc = engine.machine.vfs.get_tree_nodev(fc, operations, [], null, fill(fc))
      if (rc !== 0) return rc
      if (type.single) shared = fc.root!.d_sb
      if (type.whole === true) makeBelow(engine, fc.root!)
      for (const name of type.early ?? []) makeName(engine, fc.root!, name)
      type.mounted?.(fc, true)
      return 0
    },
  }
}
