/** Sockets as files: the file system they live on, and reading and writing them (net/socket.c). */
import {
  AF_UNIX, ENFILE, EOPNOTSUPP, ESPIPE, FIONREAD, FMODE_ATOMIC_POS, FMODE_LSEEK, FMODE_PREAD, FMODE_PWRITE,
  FMODE_STREAM, MSG_DONTWAIT, O_CLOEXEC, O_NONBLOCK, O_RDWR, SIOCOUTQ, SOCKET_URING_OP_SIOCINQ,
  SOCKET_URING_OP_SIOCOUTQ, SOCKFS_MAGIC, S_IFSOCK,
} from '@lsmkit/abi'
import type { File, Inode, Ref, Socket } from '@lsmkit/core'
import { partOf } from '../state/guest-bytes.ts'
import { fasync_helper, fileOperations, inodeOperations } from '../state/vfs/driver.ts'
import { noDevice } from '../state/vfs/no-device.ts'
import { pseudoSuper } from '../vfs/internal.ts'
import type { Machine } from '../machine.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'
import { fileState, inodeState, superState } from '../state/vfs/state.ts'
import { hasOps, opsOf, SocketAlloc, SS_UNCONNECTED } from '../state/net/proto.ts'
import type { SockState, KernelMsghdr } from '../state/net/proto.ts'
import { protocolNameOf } from './protocol-name.ts'
import { allocAt, listSocketXattrs, socketXattrs } from './socket-xattrs.ts'
import { sock_recvmsg, sock_sendmsg } from './messages.ts'

const emptyMessage = (): KernelMsghdr => ({ msg_name: null, msg_control: null, msg_flags: 0 })

const socketOf = (file: File): Socket => fileState(file).data as Socket

const stateOf = (sock: Socket): SockState => sock.sk!.sk_user_data as SockState

const waitFlags = (file: File): number => ((file.f_flags & O_NONBLOCK) !== 0 ? MSG_DONTWAIT : 0)

export const socketFileOps = (machine: Machine) => fileOperations({
  read(file, buf, off, len, pos) {
    if (pos !== 0) return -ESPIPE
    const part = partOf(buf, off, len)
    return len === 0 ? 0 : sock_recvmsg(machine, socketOf(file), emptyMessage(), part, waitFlags(file))
  },
  write(file, buf, off, len, pos) {
    if (pos !== 0) return -ESPIPE
    const part = partOf(buf, off, len)
    return sock_sendmsg(machine, socketOf(file), emptyMessage(), part, waitFlags(file))
  },
  fasync: fasync_helper,
  poll: (file) => opsOf(socketOf(file)).poll(socketOf(file)),
  poll_queue: (file) => stateOf(socketOf(file)).wait,
  ioctl(file, cmd, arg) {
    const sock = socketOf(file)
    if (cmd !== FIONREAD) return opsOf(sock).ioctl(sock, cmd, arg)
    const bytes = opsOf(sock).inq(sock)
    if (bytes < 0) return bytes
    ;(arg as Ref<number>).value = bytes
    return 0
  },
  uring_cmd({ file, cmd_op }) {
    const sock = socketOf(file)
    // sockets of AF_UNIX have no such commands of their protocol
    if (opsOf(sock).family === AF_UNIX) return -EOPNOTSUPP
    if (cmd_op === SOCKET_URING_OP_SIOCINQ) return opsOf(sock).inq(sock)
    const waiting: Ref<number> = { value: 0 }
    const rc = cmd_op === SOCKET_URING_OP_SIOCOUTQ ? opsOf(sock).ioctl(sock, SIOCOUTQ, waiting) : -EOPNOTSUPP
    return rc < 0 ? rc : waiting.value
  },
  release(_inode, file) {
    releaseOps(socketOf(file))
  },
  splice: true,
})

export const socketInodeOps = (machine: Machine) => inodeOperations({
  listxattr: (dentry) => listSocketXattrs(machine, dentry),
})

/** Once, at boot. */
export const setUpSockfs = (machine: Machine): void => {
  machine.sock_mnt = pseudoSuper(machine, 'sockfs', SOCKFS_MAGIC, {}, socketXattrs(machine))
  superState(machine.sock_mnt.mnt_sb).d_dname = (dentry) => `socket:[${dentry.d_inode?.i_ino ?? 0}]`
}

/** As `sock_alloc`: a socket on a new inode, which no path leads to; or -ENFILE. */
export const sock_alloc = (machine: Machine, type: number): Socket | number => {
  const { vfs } = machine
  const alloc = new SocketAlloc()
  const inode = vfs.new_inode(
    machine.sock_mnt.mnt_sb, S_IFSOCK | 0o777, machine.netTable.operations.inode, noDevice, alloc,
  )
  if (inode === null) return -ENFILE
  const { cred } = machine.current.task
  inode.i_uid = cred.fsuid
  inode.i_gid = cred.fsgid
  inode.i_nlink = 1
  const sock = machine.objects.socket(type, inode)
  alloc.socket = sock
  sock.state = SS_UNCONNECTED
  // held until the socket is released, or its file
  vfs.ihold(inode)
  return sock
}

const releaseOps = (sock: Socket): void => {
  if (hasOps(sock) && sock.sk !== null) opsOf(sock).release(sock)
}

/** As `sock_release`, of a socket that has no file. */
export const sock_release = (machine: Machine, sock: Socket): void => {
  releaseOps(sock)
  machine.vfs.iput(sock.inode)
}

/** As `sock_alloc_file`: the file owns the socket from now on. Without a file, the socket is released. */
export const sock_alloc_file = (machine: Machine, sock: Socket, flags: number): File | number => {
  const { vfs } = machine
  const file = vfs.alloc_file_pseudo(
    sock.inode, machine.sock_mnt, '', O_RDWR | (flags & O_NONBLOCK), machine.netTable.operations.file,
  )
  if (typeof file === 'number') {
    sock_release(machine, sock)
    return file
  }
  vfs.iput(sock.inode)
  file.f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS)
  file.f_mode |= FMODE_STREAM
  fileState(file).data = sock
  sock.file = file
  if (sock.sk !== null) allocAt(sock.inode)!.protocolName = protocolNameOf(sock.sk)
  return file
}

/** As `sock_map_fd`: a descriptor, or the socket is gone. */
export const sock_map_fd = (machine: Machine, sock: Socket, flags: number): number => {
  const { task } = machine.current
  const fd = get_unused_fd(task, (flags & O_CLOEXEC) !== 0)
  if (fd < 0) {
    sock_release(machine, sock)
    return fd
  }
  const file = sock_alloc_file(machine, sock, flags)
  if (typeof file === 'number') {
    fdTable(task).free(fd)
    return file
  }
  fdTable(task).install(fd, file)
  return fd
}

/** As `SOCKET_I`; null for an inode of any other file system. */
export const SOCKET_I = (inode: Inode): Socket | null => {
  const alloc = inodeState(inode).fs
  return alloc instanceof SocketAlloc ? alloc.socket : null
}

/** The socket behind an open file; null for any other file. */
export const sock_from_file = (machine: Machine, file: File): Socket | null =>
  fileState(file).f_op === machine.netTable.operations.file ? socketOf(file) : null
