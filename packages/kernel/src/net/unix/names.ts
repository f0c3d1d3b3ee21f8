/** Names of AF_UNIX sockets: files, abstract names of a network namespace (unix_find_other, unix_bind of af_unix.c). */
import {
  AF_UNIX, AT_FDCWD, EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, EPROTOTYPE, MAY_WRITE, S_IFMT, S_IFSOCK,
} from '@lsmkit/abi'
import type { Path, Sock } from '@lsmkit/core'
import { ChurnMap } from '../../state/churn-map.ts'
import type { Machine } from '../../machine.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import { LOOKUP_FOLLOW } from '../../state/vfs/lookup-flags.ts'
import { decodeName } from '../../state/vfs/names.ts'
import { FAMILY_SIZE, SOCKADDR_UN_SIZE, unixName } from '../../state/net/sockaddr.ts'
import type { UnixSock } from '../../state/net/unix-sock.ts'

/** As `unix_validate_addr`: 0 or -EINVAL. */
export const validateUnix = (addr: Uint8Array): number => {
  if (addr.length <= FAMILY_SIZE || addr.length > SOCKADDR_UN_SIZE) return -EINVAL
  return (addr[0]! | (addr[1]! << 8)) === AF_UNIX ? 0 : -EINVAL
}
const isAbstract = (addr: Uint8Array): boolean => addr[FAMILY_SIZE] === 0
/** Sockets of each type have abstract names of their own. */
const keyOf = (type: number, name: Uint8Array): string => String.fromCharCode(type, ...name)

const tableOf = (machine: Machine, net: PlainNamespace): Map<string, UnixSock> => {
  let table = machine.netTable.abstractNames.get(net)
  if (table === undefined) machine.netTable.abstractNames.set(net, (table = new ChurnMap()))
  return table
}

const bindAbstract = (machine: Machine, sock: UnixSock, name: Uint8Array): number => {
  if (sock.name.length > 0) return -EINVAL
  const table = tableOf(machine, sock.net)
  const key = keyOf(sock.sk.sk_type, name)
  if (table.has(key)) return -EADDRINUSE
  table.set(key, sock)
  sock.name = name.slice()
  return 0
}

/** As `unix_autobind`: an unused name of five hexadecimal digits. */
export const autobindUnix = (machine: Machine, sock: UnixSock): number => {
  if (sock.name.length > 0) return 0
  const table = tableOf(machine, sock.net)
  for (let tries = 0; tries < 0x100000; tries++) {
    machine.netTable.lastAutoName = (machine.netTable.lastAutoName + 1) & 0xfffff
    const name = new TextEncoder().encode(`\0${machine.netTable.lastAutoName.toString(16).padStart(5, '0')}`)
    if (!table.has(keyOf(sock.sk.sk_type, name))) return bindAbstract(machine, sock, name)
  }
  return -EADDRINUSE
}

/** As `unix_bind_bsd`: makes a file of type socket. */
const bindPath = (machine: Machine, sock: UnixSock, addr: Uint8Array): number => {
  const { vfs } = machine
  const path = unixName(addr)
  const at = vfs.filename_create(AT_FDCWD, decodeName(path), 0)
  if (typeof at === 'number') return at === -EEXIST ? -EADDRINUSE : at
  const mode = S_IFSOCK | (sock.sk.sk_socket!.inode.i_mode & 0o777 & ~machine.current.task.fs!.umask)
  const dir = at.parent.dentry.d_inode!
  let rc = machine.lsm.path_mknod.ask(at.parent, at.dentry, mode, 0)
  if (rc === 0) rc = vfs.vfs_mknod(at.parent.mnt.mnt_idmap, dir, at.dentry, mode, 0)
  if (rc !== 0) return rc === -EEXIST ? -EADDRINUSE : rc
  if (sock.name.length > 0) {
    vfs.vfs_unlink(at.parent.mnt.mnt_idmap, dir, at.dentry)
    return -EINVAL
  }
  const inode = at.dentry.d_inode!
  vfs.ihold(inode)
  sock.inode = inode
  sock.name = new Uint8Array([...path, 0])
  machine.netTable.unixByInode.set(inode, sock)
  return 0
}

export const bindUnixName = (machine: Machine, sock: UnixSock, addr: Uint8Array): number => {
  const isFamilyAlone = addr.length === FAMILY_SIZE && (addr[0]! | (addr[1]! << 8)) === AF_UNIX
  if (isFamilyAlone) return autobindUnix(machine, sock)
  const rc = validateUnix(addr)
  if (rc !== 0) return rc
  return isAbstract(addr) ? bindAbstract(machine, sock, unixName(addr)) : bindPath(machine, sock, addr)
}

/** A hook since 7.1; in older kernels a Landlock that knows the right is asked all the same. */
const unixFind = (machine: Machine, path: Path, sk: Sock): number =>
  machine.lsm.unix_find?.ask(path, sk, 0) ?? machine.landlock?.unixFind(path, sk) ?? 0

/** As `unix_find_bsd`: a caller that may write to the file may connect to its socket. */
const findPath = (machine: Machine, addr: Uint8Array, type: number): UnixSock | number => {
  const { vfs } = machine
  const path = vfs.user_path_at(AT_FDCWD, decodeName(unixName(addr)), LOOKUP_FOLLOW)
  if (typeof path === 'number') return path
  const inode = path.dentry.d_inode!
  const rc = vfs.inode_permission(path.mnt.mnt_idmap, inode, MAY_WRITE)
  if (rc !== 0) return rc
  const found = (inode.i_mode & S_IFMT) === S_IFSOCK ? machine.netTable.unixByInode.get(inode) : undefined
  if (found === undefined || found.dead) return -ECONNREFUSED
  if (found.sk.sk_type !== type) return -EPROTOTYPE
  const answer = unixFind(machine, path, found.sk)
  if (answer !== 0) return answer
  vfs.touch_atime(path.mnt, inode)
  return found
}

/** As `unix_find_other`. */
export const findUnix = (machine: Machine, net: PlainNamespace, addr: Uint8Array, type: number): UnixSock | number => {
  if (!isAbstract(addr)) return findPath(machine, addr, type)
  return tableOf(machine, net).get(keyOf(type, unixName(addr))) ?? -ECONNREFUSED
}

/** Frees the name, unless it is the name of the listener that accepted the connection. A file stays. */
export const releaseUnixName = (machine: Machine, sock: UnixSock): void => {
  if (sock.inode !== null) {
    machine.vfs.iput(sock.inode)
    sock.inode = null
    return
  }
  const [table, key] = [tableOf(machine, sock.net), keyOf(sock.sk.sk_type, sock.name)]
  if (table.get(key) === sock) table.delete(key)
}
