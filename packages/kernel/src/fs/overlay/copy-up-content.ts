/** Copy-up of attributes, flags and bytes of a file. */
import { EIO, EOPNOTSUPP, O_LARGEFILE, O_WRONLY, S_IFDIR, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Dentry, Inode, Path } from '@lsmkit/core'
import type { Kstat } from '../../state/vfs/kstat.ts'
import { COPY_I_FLAGS } from './inodes.ts'
import { isRegMode } from './node.ts'
import type { OvlFs } from './node.ts'
import type { Machine } from '../../machine.ts'
import { upperPlace, checkSetOwn, openReal } from './real.ts'
import { copyXattrs, copyFlags, setSize, setAttrs, syncCopy, copyData } from './copy-data.ts'
import { setOrigin } from './origin.ts'

export const NOTHING = new Uint8Array()

/** One file on its way (struct ovl_copy_up_ctx). */
export interface Copying {
  readonly ofs: OvlFs
  readonly dentry: Dentry
  readonly inode: Inode
  readonly parent: Dentry
  readonly lower: Path
  readonly stat: Kstat
  /** Of the upper directory, whose times do not change. */
  readonly pstat: Kstat
  readonly link: string | undefined
  readonly metacopy: boolean
  /** fsync=strict: once, after everything is there. */
  readonly lateSync: boolean
  workdir: Dentry
  destdir: Dentry
  destname: string
  /** Null: no origin is stored. */
  origin: Uint8Array | null
  indexed: boolean
  /** For the host, which has asked for one. */
  readonly note: Uint8Array | null
}

export const copyMetadata = (machine: Machine, c: Copying, temp: Dentry): number => {
  const { ofs, inode, stat } = c
  const upper = upperPlace(ofs, temp)
  const type = stat.mode & S_IFMT
  let rc = copyXattrs(machine, c.dentry.d_sb, c.lower, temp)
  if (rc !== 0) return rc
  if ((inode.i_flags & COPY_I_FLAGS) !== 0 && (type === S_IFREG || type === S_IFDIR)) {
    rc = copyFlags(machine, inode, c.lower, upper)
    if (rc !== 0) return rc
  }
  if (c.origin !== null) rc = setOrigin(machine, ofs, c.origin, temp)
  if (rc === 0 && c.note !== null) rc = checkSetOwn(machine, ofs, temp, 'note', c.note, 0)
  if (rc === 0 && c.metacopy) rc = setMetacopy(machine, c, temp)
  if (rc === 0 && type === S_IFREG) rc = setSize(machine, ofs, temp, stat)
  if (rc === 0) rc = setAttrs(machine, ofs, temp, stat)
  return rc === 0 && c.lateSync ? syncReal(machine, upper) : rc
}

/** Without fs-verity the attribute is empty; a digest that is required cannot be had. */
const setMetacopy = (machine: Machine, { ofs }: Copying, temp: Dentry): number =>
  ofs.config.verity === 'require' ? -EIO : checkSetOwn(machine, ofs, temp, 'metacopy', NOTHING, -EOPNOTSUPP)

const syncReal = (machine: Machine, path: Path): number => {
  const file = openReal(machine, path, O_LARGEFILE)
  if (typeof file === 'number') return file
  const rc = syncCopy(file)
  machine.vfs.fput(file)
  return rc
}

export const copyDataInto = (machine: Machine, c: Copying, path: Path): number => {
  if (!isRegMode(c.stat.mode) || c.metacopy || c.stat.size === 0) return 0
  const file = openReal(machine, path, O_LARGEFILE | O_WRONLY)
  if (typeof file === 'number') return file
  const rc = copyData(machine, c.ofs, c.dentry, file, c.stat.size, !c.lateSync)
  machine.vfs.fput(file)
  return rc
}
