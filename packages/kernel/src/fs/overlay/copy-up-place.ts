/** How a copy comes to its place in the upper layer: by way of the work directory, or of a file without a name. */
import { EEXIST, EIO, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Cred, Dentry, File } from '@lsmkit/core'
import { d_ancestor } from '../../vfs/dcache.ts'
import { copyDataInto, copyMetadata } from './copy-up-content.ts'
import type { Copying } from './copy-up-content.ts'
import { OVL_HAS_DIGEST, OVL_UPPERDATA, OVL_WHITEOUTS, clearInodeFlag, lowerOf, ovlFs, setInodeFlag } from './node.ts'
import type { Machine } from '../../machine.ts'
import { updateUpper } from './inodes.ts'
import { createTemp, upperPlace, cleanupReal, lookupUpper, renameReal, tmpfileReal, linkReal } from './real.ts'
import { createDirIndex, indexName } from './index-dir.ts'
import { copyData } from './copy-data.ts'
import { originHandle } from './origin.ts'
import { setImpure } from './upper-marks.ts'

/** Lower files of several names have an entry in the index; with nfs_export all have. */
export const needsIndex = (dentry: Dentry): boolean => {
  const ofs = ovlFs(dentry.d_sb)
  const inode = lowerOf(dentry)?.d_inode ?? null
  if (inode === null || ofs.indexdir === null) return false
  return ofs.indexAll || ((inode.i_mode & S_IFMT) !== S_IFDIR && inode.i_nlink > 1)
}

/** Makes something with the credentials that an LSM wants it made with. */
const asLsmSays = <T>(machine: Machine, dentry: Dentry, run: () => T): T | number => {
  const { creds } = machine
  const next = ref<Cred | null>(null)
  const rc = machine.lsm.inode_copy_up.ask(dentry, next)
  if (rc < 0) return rc
  if (next.value === null) return run()
  const old = creds.override_creds(next.value)
  try {
    return run()
  } finally {
    creds.revert_creds(old)
    creds.put_cred(next.value)
  }
}

/** The upper file is in its place: from now on the inode is that one. */
const installed = (machine: Machine, { inode, metacopy }: Copying, upper: Dentry): number => {
  clearInodeFlag(inode, OVL_HAS_DIGEST)
  if (!metacopy) setInodeFlag(inode, OVL_UPPERDATA)
  if ((inode.i_mode & S_IFMT) === S_IFDIR) setInodeFlag(inode, OVL_WHITEOUTS)
  updateUpper(machine, inode, upper)
  return 0
}

/** By way of a name in the work directory that is moved at the end. */
export const throughWorkdir = (machine: Machine, c: Copying): number => {
  const { ofs, stat, workdir } = c
  const file = { mode: stat.mode & S_IFMT, rdev: stat.rdev, ...(c.link !== undefined && { link: c.link }) }
  const temp = asLsmSays(machine, c.dentry, () => createTemp(machine, ofs, workdir, file))
  if (typeof temp === 'number') return temp
  let rc = copyDataInto(machine, c, upperPlace(ofs, temp))
  const trapped = workdir !== c.destdir &&
    (d_ancestor(workdir, c.destdir) !== null || d_ancestor(c.destdir, workdir) !== null)
  if (trapped || temp.d_parent !== workdir) return -EIO
  if (rc === 0) rc = copyMetadata(machine, c, temp)
  const isDir = (stat.mode & S_IFMT) === S_IFDIR
  if (rc === 0 && isDir && c.indexed) rc = createDirIndex(machine, ofs, c.origin as Uint8Array, temp)
  if (rc === 0) rc = moveInto(machine, c, temp)
  if (rc === 0) return installed(machine, c, temp)
  cleanupReal(machine, ofs, workdir, temp)
  return rc
}

const moveInto = (machine: Machine, { ofs, workdir, destdir, destname }: Copying, temp: Dentry): number => {
  const upper = lookupUpper(machine, ofs, destname, destdir)
  if (typeof upper === 'number') return upper
  return upper.d_inode !== null ? -EEXIST : renameReal(machine, ofs, workdir, temp, destdir, upper, 0)
}

/** By way of a file without a name that gets one at the end. */
export const throughTmpfile = (machine: Machine, c: Copying): number => {
  const file = asLsmSays(machine, c.dentry, () => tmpfileReal(machine, c.ofs, c.workdir, c.stat.mode))
  if (typeof file === 'number') return file
  const rc = fillTmpfile(machine, c, file)
  machine.vfs.fput(file)
  return rc
}

const fillTmpfile = (machine: Machine, c: Copying, file: File): number => {
  const { ofs, stat, destdir } = c
  const temp = file.f_path.dentry
  let rc = 0
  if (!c.metacopy && stat.size > 0) rc = copyData(machine, ofs, c.dentry, file, stat.size, !c.lateSync)
  if (rc === 0) rc = copyMetadata(machine, c, temp)
  if (rc !== 0) return rc
  const upper = lookupUpper(machine, ofs, c.destname, destdir)
  if (typeof upper === 'number') return upper
  rc = linkReal(machine, ofs, temp, destdir, upper)
  return rc !== 0 ? rc : installed(machine, c, upper)
}

/** Where it goes: to its name, or into the index from where it gets one. */
export const chooseDestination = (machine: Machine, c: Copying): number => {
  const { ofs, stat } = c
  const isDir = (stat.mode & S_IFMT) === S_IFDIR
  c.indexed = needsIndex(c.dentry)
  const toIndex = c.indexed && !isDir
  if (c.indexed && isDir) c.workdir = ofs.indexdir as Dentry
  if (isDir || stat.nlink === 1 || toIndex) {
    const fh = originHandle(machine, ofs, c.lower.dentry)
    if (typeof fh === 'number') return fh
    c.origin = fh
  }
  if (!toIndex) return setImpure(machine, c.parent, c.destdir)
  const name = indexName(ofs, c.lower.dentry)
  if (typeof name === 'number') return name
  c.destdir = ofs.indexdir as Dentry
  c.destname = name
  return 0
}
