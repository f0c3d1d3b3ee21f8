/** Looking a name up in all layers at once (ovl_lookup of fs/overlayfs/namei.c). */
import { EIO, ENAMETOOLONG, ENOENT, EPERM, EREMOTE } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { DCACHE_OP_REVALIDATE } from '../../vfs/dcache.ts'
import { LOOKUP_BENEATH, LOOKUP_NO_SYMLINKS, LOOKUP_NO_XDEV } from '../../state/vfs/lookup-flags.ts'
import { longerThan } from '../../state/vfs/names.ts'
import { superState } from '../../state/vfs/state.ts'
import { redirectFollow } from './config.ts'
import { LookupData, lookupLayer, getRedirect, checkMetacopy } from './lookup-layer.ts'
import {
  isDirDentry, isMetacopy, isOpaque, isRegDentry, ovlFs, ovlInode, OVL_HAS_DIGEST, OVL_UPPERDATA, parentOf,
  setInodeFlag, setOpaque, setUpperAlias, setXwhiteouts, stackOf, testInodeFlag, upperOf,
} from './node.ts'
import type { OvlFs, OvlLayer, OvlPath } from './node.ts'
import { METACOPY_MIN, originOf, hasOriginXattr, originHandle, setOrigin, verifyReal } from './origin.ts'
import { wantWrite, upperPlace, asMounter, isWhiteout } from './real.ts'
import { setImpure } from './upper-marks.ts'
import { lookupIndex } from './index-dir.ts'
import { getInode } from './inodes.ts'

/** The result in the upper layer, and how to go on from there. */
interface Upper {
  readonly dentry: Dentry | null
  readonly origin: OvlPath | null
  readonly redirect: string | null
  readonly metacopy: number
  readonly opaque: boolean
}

/** The result in the lower layers. */
interface Below {
  readonly stack: OvlPath[]
  /** The lower file to look up in the index. */
  origin: Dentry | null
  /** Length of the metacopy attribute of the topmost one, where there is no upper file. */
  metacopy: number
}

const lookupInUpper = (machine: Machine, ofs: OvlFs, upperdir: Dentry | null, d: LookupData): Upper | number => {
  if (upperdir === null) return { dentry: null, origin: null, redirect: null, metacopy: 0, opaque: false }
  d.layer = ofs.upper as OvlLayer
  const dentry = lookupLayer(machine, upperdir, d)
  if (typeof dentry === 'number') return dentry
  // an overlay cannot be the upper layer of another one
  if (dentry !== null && dentry.d_sb.s_type.name === 'overlay') return -EREMOTE
  const origin = dentry !== null && !d.is_dir ? originOf(machine, ofs, dentry) : null
  if (typeof origin === 'number') return origin
  const metacopy = dentry !== null && !d.is_dir ? d.metacopy : 0
  return { dentry, origin, redirect: d.redirect, metacopy, opaque: d.opaque }
}

/** A merged directory remembers its lower one, should it be moved away. */
const fixOrigin = (machine: Machine, ofs: OvlFs, dentry: Dentry, lower: Dentry, upper: Dentry): number => {
  if (hasOriginXattr(machine, ofs, upper)) return 0
  const fh = originHandle(machine, ofs, lower)
  if (typeof fh === 'number') return fh
  let rc = wantWrite(dentry.d_sb)
  if (rc === 0) rc = setOrigin(machine, ofs, fh, upper)
  return rc !== 0 ? rc : setImpure(machine, parentOf(dentry), upperOf(parentOf(dentry)) as Dentry)
}

/** Down the stack of the parent, or of the root once a redirect begins there. */
const lookupBelow = (machine: Machine, ofs: OvlFs, dentry: Dentry, d: LookupData, upper: Upper): Below | number => {
  const below: Below = { stack: [], origin: null, metacopy: 0 }
  const root = stackOf(dentry.d_sb.s_root as Dentry)
  let parents = upper.redirect?.startsWith('/') === true ? root : stackOf(parentOf(dentry))
  for (let i = 0; !d.stop && i < parents.length; i++) {
    const { layer, dentry: base } = parents[i] as OvlPath
    if (!redirectFollow(ofs.config)) d.last = i === parents.length - 1
    else if (d.is_dir || ofs.numdatalayer === 0) d.last = layer.idx === root.length
    d.layer = layer
    const found = lookupLayer(machine, base as Dentry, d)
    if (typeof found === 'number') return found
    if (found === null) continue
    if ((upper.metacopy !== 0 || d.metacopy !== 0) && !ofs.config.metacopy) return -EPERM
    const isFirst = upper.dentry !== null && below.stack.length === 0
    if (isFirst && !ofs.noxattr && d.is_dir) {
      const rc = fixOrigin(machine, ofs, dentry, found, upper.dentry as Dentry)
      if (rc !== 0) return rc
    }
    if (isFirst && (d.is_dir ? ofs.indexAll : ofs.config.index && upper.origin !== null)) {
      const rc = verifyReal(machine, ofs, upper.dentry as Dentry, 'origin', found, false, false)
      if (rc !== 0 && d.is_dir) break
      if (rc !== 0) return rc
      below.origin = found
    }
    if (upper.dentry === null && !d.is_dir && below.stack.length === 0) below.metacopy = d.metacopy
    // of files without their bytes only the topmost is kept
    if (d.metacopy === 0 || below.stack.length === 0) below.stack.push({ layer, dentry: found })
    if (d.redirect !== null && !redirectFollow(ofs.config)) return -EPERM
    if (d.redirect?.startsWith('/') === true && parents !== root && !d.stop) {
      parents = root
      i = layer.idx - 1
    }
  }
  return below
}

/** Checks that the file's bytes exist in some layer; a file that was copied up keeps its origin. */
const completeStack = (ofs: OvlFs, d: LookupData, upper: Upper, below: Below): number => {
  const { stack } = below
  if (d.metacopy !== 0 && stack.length > 0 && ofs.numdatalayer > 0 && d.absolute_redirect) {
    d.metacopy = 0
    stack.push({ layer: (stack[0] as OvlPath).layer, dentry: null })
  }
  if (d.metacopy !== 0 || (upper.metacopy !== 0 && stack.length === 0)) return -EIO
  if (!d.is_dir && upper.dentry !== null && stack.length === 0 && upper.origin !== null) {
    stack.push(upper.origin)
    below.origin = upper.origin.dentry
  }
  if (upper.dentry === null && stack.length > 0) below.origin = (stack[0] as OvlPath).dentry
  return 0
}

/** Layers that want to be asked whether a name still holds make the overlay be asked. */
export const initRevalidate = (dentry: Dentry, upper: Dentry | null, stack: readonly OvlPath[]): void => {
  const real = [upper, ...stack.map((path) => path.dentry)]
  dentry.d_flags &= ~DCACHE_OP_REVALIDATE
  for (const one of real) dentry.d_flags |= (one?.d_flags ?? 0) & DCACHE_OP_REVALIDATE
}

/** The inode of the name, or null. */
const inodeFor = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, d: LookupData, upper: Upper, below: Below,
): Inode | number | null => {
  const { stack, origin } = below
  let index: Dentry | number | null = null
  if (origin !== null && ofs.indexdir !== null && (!d.is_dir || ofs.indexAll)) {
    index = lookupIndex(machine, ofs, upper.dentry, origin)
    if (typeof index === 'number') return index
  }
  if (upper.opaque) setOpaque(dentry)
  if (d.xwhiteouts) setXwhiteouts(dentry)
  let { redirect, metacopy }: { redirect: string | number | null; metacopy: number } = upper
  const real = upper.dentry ?? index
  if (upper.dentry !== null) setUpperAlias(dentry)
  else if (index !== null) {
    redirect = getRedirect(machine, ofs, upperPlace(ofs, index))
    if (typeof redirect === 'number') return redirect
    metacopy = checkMetacopy(machine, ofs, upperPlace(ofs, index))
    if (metacopy < 0) return metacopy
  } else metacopy = below.metacopy
  if (real === null && stack.length === 0) {
    initRevalidate(dentry, null, [])
    return null
  }
  const lazy = stack.length > 1 && !d.is_dir && stack.at(-1)?.dentry === null
  const inode = getInode(machine, dentry.d_sb, {
    upper: real, lower: stack, index: index !== null, redirect, lowerdata_redirect: lazy ? d.redirect : null,
  })
  if (typeof inode === 'number') return inode
  if (real !== null && metacopy === 0) setInodeFlag(inode, OVL_UPPERDATA)
  if (metacopy > METACOPY_MIN) setInodeFlag(inode, OVL_HAS_DIGEST)
  initRevalidate(dentry, real, ovlInode(inode).lower)
  return inode
}

export const lookupEntry = (machine: Machine, _dir: Inode, dentry: Dentry): number => {
  const ofs = ovlFs(dentry.d_sb)
  if (longerThan(dentry.d_name.name, ofs.namelen)) return -ENAMETOOLONG
  const parent = parentOf(dentry)
  const found = asMounter(machine, dentry.d_sb, () => {
    const d = new LookupData(dentry.d_sb, dentry.d_name.name)
    d.last = redirectFollow(ofs.config) ? false : stackOf(parent).length === 0
    const upper = lookupInUpper(machine, ofs, upperOf(parent), d)
    if (typeof upper === 'number') return upper
    const below = lookupBelow(machine, ofs, dentry, d, upper)
    if (typeof below === 'number') return below
    const rc = completeStack(ofs, d, upper, below)
    return rc !== 0 ? rc : inodeFor(machine, ofs, dentry, d, upper, below)
  })
  if (typeof found === 'number') return found
  machine.vfs.d_add(dentry, found)
  return 0
}

/** Whether something of that name is in the layers below, so that a removal has to leave a whiteout. */
export const lowerPositive = (machine: Machine, dentry: Dentry): boolean => {
  if (dentry.d_inode === null) return isOpaque(dentry)
  if (upperOf(dentry) === null) return true
  const ofs = ovlFs(dentry.d_sb)
  return asMounter(machine, dentry.d_sb, () => {
    for (const { layer, dentry: base } of stackOf(parentOf(dentry))) {
      const found = machine.vfs.lookup_one(layer.mnt.mnt_idmap, dentry.d_name.name, base as Dentry)
      // something is there, we could just not get at it
      if (typeof found === 'number' && found !== -ENOENT && found !== -ENAMETOOLONG) return true
      if (typeof found === 'number' || found.d_inode === null) continue
      return !isWhiteout(machine, ofs, { mnt: layer.mnt, dentry: found })
    }
    return false
  })
}

const lookupInData = (machine: Machine, ofs: OvlFs, redirect: string): OvlPath | number => {
  let rc = -ENOENT
  for (const layer of ofs.lower.slice(ofs.numlowerlayer)) {
    const root = { mnt: layer.mnt, dentry: layer.mnt.mnt_root }
    const found = machine.vfs.filename_lookup(0, redirect, LOOKUP_BENEATH | LOOKUP_NO_SYMLINKS | LOOKUP_NO_XDEV, root)
    if (typeof found !== 'number' && isRegDentry(found.dentry)) return { layer, dentry: found.dentry }
    rc = typeof found === 'number' ? found : -ENOENT
  }
  return rc
}

/** Finds the bytes in a data layer when they are wanted for the first time. */
const findLowerdata = (machine: Machine, dentry: Dentry, inode: Inode): number => {
  const own = ovlInode(inode)
  const last = own.lower.at(-1)
  if (own.lowerdata_redirect === null || last === undefined || last.dentry !== null) return 0
  if (!own.lowerdata_redirect.startsWith('/')) return -EIO
  const ofs = ovlFs(dentry.d_sb)
  const found = asMounter(machine, dentry.d_sb, () => lookupInData(machine, ofs, own.lowerdata_redirect as string))
  if (typeof found === 'number') return found
  last.layer = found.layer
  last.dentry = found.dentry
  machine.vfs.ihold((found.dentry as Dentry).d_inode as Inode)
  return 0
}

/** No file system here has fs-verity: a digest that is claimed cannot be shown, one that is required is missing. */
const checkVerity = (dentry: Dentry, inode: Inode): number => {
  const { verity } = ovlFs(dentry.d_sb).config
  if (verity === 'off' || !isMetacopy(dentry)) return 0
  return testInodeFlag(inode, OVL_HAS_DIGEST) || verity === 'require' ? -EIO : 0
}

export const verifyLowerdata = (machine: Machine, dentry: Dentry): number => {
  const inode = dentry.d_inode as Inode
  if (isDirDentry(dentry)) return 0
  const rc = findLowerdata(machine, dentry, inode)
  return rc !== 0 ? rc : checkVerity(dentry, inode)
}

/** A layer's own answer; a name that no longer holds there is stale here. */
export const revalidateReal = (dentry: Dentry, flags: number): number => {
  if ((dentry.d_flags & DCACHE_OP_REVALIDATE) === 0) return 1
  return superState(dentry.d_sb).s_op.d_revalidate?.(dentry, flags) ?? 1
}
