/** Looks one name up in one layer, and finds whether to look further down (ovl_lookup_layer of namei.c). */
import { EACCES, EINVAL, EIO, ELOOP, ENAMETOOLONG, ENODATA, ENOENT, EOPNOTSUPP, S_IFREG } from '@lsmkit/abi'
import type { Dentry, Inode, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { d_can_lookup } from '../../vfs/dcache.ts'
import { isRegDentry, ovlFs } from './node.ts'
import type { OvlFs, OvlLayer } from './node.ts'
import { getOwn, dirXattr, isWhiteout } from './real.ts'
import { metacopyOf } from './origin.ts'
import { isTrap } from './inodes.ts'

/** The state of one look-up on its way down (struct ovl_lookup_data). */
export class LookupData {
  readonly sb: SuperBlock
  layer!: OvlLayer
  /** The name, or the path that a redirect has made of it. */
  name: string
  is_dir = false
  opaque = false
  xwhiteouts = false
  stop = false
  /** The lowest layer: attributes that refer to lower layers do not matter. */
  last = false
  redirect: string | null = null
  /** Length of the attribute of a file without its bytes, 0 when it has them. */
  metacopy = 0
  absolute_redirect = false

  constructor(sb: SuperBlock, name: string) {
    this.sb = sb
    this.name = name
  }
}

/** A redirect is one name, or a path from the root without empty parts. */
const isValidRedirect = (text: string): boolean =>
  text.startsWith('/') ? text.slice(1).split('/').every((part) => part !== '') : !text.includes('/')

const decoder = new TextDecoder()

/** Text of the attribute, or null. */
export const getRedirect = (machine: Machine, ofs: OvlFs, path: Path): string | number | null => {
  // the kernel asks for the size first
  const probe = getOwn(machine, ofs, path, 'redirect')
  if (probe === -ENODATA || probe === -EOPNOTSUPP) return null
  if (typeof probe === 'number') return probe
  const value = probe.length === 0 ? probe : getOwn(machine, ofs, path, 'redirect')
  if (typeof value === 'number') return value
  const text = decoder.decode(value)
  return text !== '' && isValidRedirect(text) ? text : -EINVAL
}

/** Applies the redirect of the part after `before`, keeping `after`. */
const followRedirect = (
  machine: Machine, ofs: OvlFs, path: Path, d: LookupData, before: string, after: string,
): number => {
  d.absolute_redirect = false
  const text = getRedirect(machine, ofs, path)
  if (text === null) return 0
  if (typeof text === 'number') return text
  if (text.startsWith('/')) {
    d.absolute_redirect = true
    d.stop = false
  }
  d.name = d.redirect = (d.absolute_redirect ? text : before + text) + after
  return 0
}

/** Whether only the attributes of a file are here: its length or 0, or -errno. */
export const checkMetacopy = (machine: Machine, ofs: OvlFs, path: Path): number => {
  if ((path.dentry.d_inode as Inode).i_mode >> 12 !== S_IFREG >> 12) return 0
  const length = metacopyOf(machine, ofs, path)
  return ofs.config.userxattr && length === -EACCES ? 0 : length
}

/** Reads the marks opaque and xwhiteouts of a directory; true if the look-up ends here. */
const endsAtDir = (machine: Machine, ofs: OvlFs, path: Path, d: LookupData, isLast: boolean): boolean => {
  const value = dirXattr(machine, ofs, path, 'opaque')
  if (isLast && d.layer.idx !== 0 && value === 'x') {
    d.xwhiteouts = true
    d.layer.has_xwhiteouts = true
    return false
  }
  if (value !== 'y') return false
  d.stop = true
  if (isLast) d.opaque = true
  return true
}

/** One component: `before` and `after` are the rest of the path it belongs to. */
const lookupSingle = (
  machine: Machine, base: Dentry, d: LookupData, name: string, before: string, after: string,
): Dentry | number | null => {
  const ofs = ovlFs(d.sb)
  const isLast = after === ''
  const found = machine.vfs.lookup_one(d.layer.mnt.mnt_idmap, name, base)
  if (typeof found === 'number') return found === -ENOENT || found === -ENAMETOOLONG ? null : found
  if (found.d_inode === null) return null
  const path = { mnt: d.layer.mnt, dentry: found }
  if (isWhiteout(machine, ofs, path)) {
    d.stop = d.opaque = true
    return null
  }
  if (isLast && d.metacopy !== 0 && !isRegDentry(found)) {
    d.stop = true
    return null
  }
  if (d_can_lookup(found)) {
    if (isTrap(d.sb, found)) return -ELOOP
    if (isLast) d.is_dir = true
    if (d.last || endsAtDir(machine, ofs, path, d, isLast)) return found
  } else {
    if (d.is_dir || !isLast) {
      d.stop = true
      return null
    }
    const length = checkMetacopy(machine, ofs, path)
    if (length < 0) return length
    d.metacopy = length
    d.stop = length === 0
    if (length === 0 || d.last) return found
  }
  const rc = followRedirect(machine, ofs, path, d, before, after)
  return rc !== 0 ? rc : found
}

/** The name, or each part of the path that it has become. */
export const lookupLayer = (machine: Machine, base: Dentry, d: LookupData): Dentry | number | null => {
  if (!d.name.startsWith('/')) return lookupSingle(machine, base, d, d.name, '', '')
  let at: Dentry | null = base
  let found: Dentry | null = null
  let rest = d.name.slice(1)
  while (at !== null && d_can_lookup(at)) {
    const slash = rest.indexOf('/')
    const part = slash < 0 ? rest : rest.slice(0, slash)
    const after = slash < 0 ? '' : rest.slice(slash)
    const before = d.name.slice(0, d.name.length - rest.length)
    const next: Dentry | number | null = lookupSingle(machine, at, d, part, before, after)
    if (typeof next === 'number') return next
    at = found = next
    if (after === '') break
    rest = after.slice(1)
    if (rest.length >= d.name.length) return -EIO
  }
  return found
}
