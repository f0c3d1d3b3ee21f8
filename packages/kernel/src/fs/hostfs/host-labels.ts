/**
 * Labels of modules in the host's extended attributes, so that they outlive the process: `security.NAME` of this kernel
 * is `user.lsmkit.NAME` on the host, or `security.NAME` where the process may write that.
 */
import { EACCES, ENODATA, ENOENT, EOPNOTSUPP, EPERM, EROFS, ESTALE, XATTR_SECURITY_PREFIX } from '@lsmkit/abi'
import type { Dentry, Inode, InitXattrs } from '@lsmkit/core'
import type { XattrHandler } from '../../state/vfs/driver.ts'
import { nodeOf } from './host-fs.ts'
import type { HostFs } from './host-fs.ts'
import type { HostNode, LabelSpace } from './host-node.ts'

/** Beginnings of names of labels on the host, in place of `security.`. */
export const prefixes: Readonly<Record<LabelSpace, string>> = { user: 'user.lsmkit.', security: XATTR_SECURITY_PREFIX }

/** Capabilities of files are not labels: like set-id bits, they are never taken from a folder of the host. */
export const CAPABILITY = 'capability'

const set = (
  own: HostFs, space: LabelSpace, inode: Inode, name: string, value: Uint8Array | null, flags: number,
): number => {
  if (name === CAPABILITY) return -EPERM
  return own.writable === null ? -EROFS : own.writable.setAttribute(nodeOf(inode), prefixes[space] + name, value, flags)
}

export const hostLabels = (own: HostFs, space: LabelSpace): readonly XattrHandler[] => [{
  prefix: XATTR_SECURITY_PREFIX,
  get: (inode, name) =>
    (name === CAPABILITY ? -EOPNOTSUPP : own.host.attribute(nodeOf(inode), prefixes[space] + name)),
  set: (inode, name, value, flags) => set(own, space, inode, name, value, flags),
}]

/**
 * 0 if the labels of a file can be read, else -EACCES: `user.` attributes need the right to read the file, and a file
 * whose label is not known must not get the one for files without a label.
 */
export const labelsOf = (own: HostFs, node: HostNode): number => {
  if (own.labels === null) return 0
  const value = own.host.attribute(node, `${prefixes[own.labels]}none`)
  return typeof value !== 'number' || WITHOUT_LABEL.has(value) ? 0 : -EACCES
}
const WITHOUT_LABEL: ReadonlySet<number> = new Set([-ENODATA, -EOPNOTSUPP, -ENOENT, -ESTALE])

/** Stores the labels of a new file. The host keeps none in `user.` for a link: its labels last as long as the inode. */
const initXattrs = (own: HostFs, space: LabelSpace): InitXattrs => (inode, xattrs) => {
  if (space === 'user' && nodeOf(inode).kind === 'link') return 0
  for (const { name, value } of xattrs) {
    const rc = set(own, space, inode, name, value, 0)
    if (rc !== 0) return rc
  }
  return 0
}

/** Gives a new inode its labels, 0 or -errno. */
export const labelNew = (own: HostFs, dir: Inode, dentry: Dentry, inode: Inode): number => {
  const { labels, machine } = own
  if (labels === null) return 0
  const rc = machine.lsm.inode_init_security.ask(inode, dir, dentry.d_name, initXattrs(own, labels), null)
  return rc === -EOPNOTSUPP ? 0 : rc
}
