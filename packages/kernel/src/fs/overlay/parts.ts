/** The parts of overlayfs, put together in the order they need one another. */
import type { KeyMap } from '@lsmkit/core'
import { inodeOperations } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import { overlayAcls } from './acl.ts'
import { overlayAttributes } from './attr.ts'
import { backingFiles } from './backing.ts'
import { fileCopies } from './copy-data.ts'
import { copyUps } from './copy-up.ts'
import { creations } from './create.ts'
import { mergedDirs } from './dir-cache.ts'
import { dirFiles } from './dir-file.ts'
import { exportedHandles } from './export.ts'
import { overlayFiles } from './file.ts'
import { indexDirectory } from './index-dir.ts'
import { overlayInodes } from './inodes.ts'
import type { InodeTables } from './inodes.ts'
import { overlayLayers } from './layers.ts'
import { lookups as nameLookups } from './lookup.ts'
import { layerLookups } from './lookup-layer.ts'
import { linkCounts } from './nlink.ts'
import { origins } from './origin.ts'
import { realFlags } from './real-flags.ts'
import { realOperations } from './real.ts'
import { redirects } from './redirect.ts'
import { removals } from './remove.ts'
import { renames } from './rename.ts'
import { upperMarks } from './upper-marks.ts'
import { whiteouts } from './whiteout.ts'
import { workDirectory } from './workdir.ts'
import { overlayXattrs } from './xattr.ts'

export const overlayParts = (lsm: KeyMap, machine: Machine) => {
  const real = realOperations(machine)
  const origin = origins(lsm, machine, real)
  const index = indexDirectory(machine, real, origin)
  const inodes = overlayInodes(machine, real, index, () => tables)
  const marks = upperMarks(real)
  const lookups = nameLookups(
    machine, real, origin, index, inodes, layerLookups(machine, real, origin, inodes), marks,
  )
  const flags = realFlags(machine, real)
  const copies = fileCopies(machine, real, flags)
  const copyUp = copyUps({ machine, real, origins: origin, index, inodes, lookups, marks, copies })
  const merged = mergedDirs(machine, real)
  const whiteout = whiteouts(machine, real, merged, index, copies, marks)
  const counts = linkCounts(real, index, copyUp, whiteout)
  const redirect = redirects(real)
  const backing = backingFiles(machine)
  const removed = removals(machine, real, lookups, copyUp, counts, whiteout, marks)
  const created = creations(machine, real, inodes, lookups, copyUp, counts, redirect, marks, backing)
  const layers = overlayLayers(machine, origin, inodes)
  const workdir = workDirectory(machine, real, origin, layers, whiteout)
  const xattrs = overlayXattrs(machine, real, copyUp)
  const { permission, setattr, getattr, get_link, update_time, fileattr_get, fileattr_set } = overlayAttributes(
    machine, real, copyUp, flags,
  )
  const acls = overlayAcls(machine, real, copyUp, setattr)

  const all = { setattr, getattr, listxattr: xattrs.listxattr, update_time }
  const checked = { ...all, permission, ...acls }
  const flagged = { ...checked, fileattr_get, fileattr_set }
  const rename = renames(real, lookups, copyUp, counts, whiteout, removed, redirect, marks)
  const { unlink, rmdir } = removed
  const tables: InodeTables = {
    dir: [
      inodeOperations({ ...flagged, lookup: lookups.lookup, unlink, rmdir, rename, ...created }),
      dirFiles(machine, real, merged),
    ],
    file: [inodeOperations(flagged), overlayFiles(machine, real, lookups, copyUp, backing)],
    link: inodeOperations({ ...all, get_link }),
    special: inodeOperations(checked),
  }

  return { real, inodes, lookups, layers, workdir, xattrs, handles: exportedHandles(origin, copyUp) }
}
