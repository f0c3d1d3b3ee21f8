/** Extended attributes of sockets: the name of the protocol, and `user.*` where a release has them (net/socket.c). */
import {
  EEXIST, ENODATA, ENOMEM, ENOSPC, EOPNOTSUPP, XATTR_CREATE, XATTR_REPLACE, XATTR_USER_PREFIX,
} from '@lsmkit/abi'
import { securityNames } from '@lsmkit/core'
import type { Dentry, Inode } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import type { SocketAlloc } from '../state/net/proto.ts'
import type { XattrHandler } from '../state/vfs/driver.ts'
import { inodeState } from '../state/vfs/state.ts'

const MAX_NAMES = 128
const MAX_BYTES = 128 << 10
const PROTOCOL_NAME = 'system.sockprotoname'

/** Null for the root of the file system, which belongs to no socket. */
export const allocAt = (inode: Inode): SocketAlloc | null => inodeState(inode).fs as SocketAlloc | null

/** `system.sockprotoname`: the kernel's name of the protocol, with a NUL. */
const protocolName: XattrHandler = {
  prefix: 'system.',
  get(inode, name) {
    if (name !== 'sockprotoname') return -EOPNOTSUPP
    return new TextEncoder().encode(`${allocAt(inode)?.protocolName ?? ''}\0`)
  },
  set: () => -EOPNOTSUPP,
}

/** As `simple_xattr_limits_inc`: counts the new value beside all that are there, the old one among them. */
const hasRoom = (kept: ReadonlyMap<string, Uint8Array>, value: Uint8Array): boolean => {
  let size = value.length
  for (const { length } of kept.values()) size += length
  return kept.size < MAX_NAMES && size <= MAX_BYTES
}

const setUser = (inode: Inode, name: string, value: Uint8Array | null, flags: number): number => {
  const alloc = allocAt(inode)
  if (alloc === null) return -EOPNOTSUPP
  const kept = (alloc.xattrs ??= new Map())
  const before = kept.get(name)
  if (value !== null && !hasRoom(kept, value)) return -ENOSPC
  if (before !== undefined && (flags & XATTR_CREATE) !== 0) return -EEXIST
  if (before === undefined && (flags & XATTR_REPLACE) !== 0) return -ENODATA
  const space = (of: Uint8Array | null | undefined): number => (of ? COST.xattr + 2 * name.length + of.length : 0)
  if (!inodeState(inode).charge(space(value) - space(before))) return -ENOMEM
  if (value === null) kept.delete(name)
  else kept.set(name, value)
  return 0
}

const userNames: XattrHandler = {
  prefix: XATTR_USER_PREFIX,
  get: (inode, name) => allocAt(inode)?.xattrs?.get(XATTR_USER_PREFIX + name) ?? -ENODATA,
  set: (inode, name, value, flags) => setUser(inode, XATTR_USER_PREFIX + name, value, flags),
}

export const socketXattrs = ({ rules }: Machine): readonly XattrHandler[] =>
  rules.socketUserXattrs ? [protocolName, userNames] : [protocolName]

/**
 * As `sockfs_listxattr`: labels of LSMs, `user.*`, and the name of the protocol. Only where names are stored it asks
 * whether the caller may see `trusted.*`.
 */
export const listSocketXattrs = ({ lsm, rules, vfs }: Machine, { d_inode }: Dentry): readonly string[] | number => {
  const names = rules.socketUserXattrs
    ? vfs.simple_xattr_list(d_inode!, allocAt(d_inode!)?.xattrs?.keys() ?? [])
    : securityNames(lsm, d_inode!)
  return typeof names === 'number' ? names : [...names, PROTOCOL_NAME]
}
