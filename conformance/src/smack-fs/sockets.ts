/** Operations of smack-fs.tsv on local sockets: descriptors that are sent to the subject, and somebody it talks to. */
import {
  AF_INET, AF_UNIX, AT_FDCWD, MSG_CTRUNC, MSG_DONTWAIT, O_RDONLY, O_WRONLY, SCM_RIGHTS, SOCK_DGRAM, SOCK_STREAM,
  SOL_SOCKET,
} from '@lsmkit/abi'
import type { Operation } from './preparations.ts'

/** A socket's path as bind and connect take it. */
const address = (path: string): Uint8Array => Uint8Array.of(AF_UNIX, 0, ...new TextEncoder().encode(`${path}\0`))

/** 127.0.0.1, port 7000. */
const LOOPBACK = Uint8Array.of(AF_INET, 0, 0x1b, 0x58, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)

const byte = (): Uint8Array => Uint8Array.of(0x2e)

/** Process 1 sends a descriptor of the object's file over a pair that it made, and the subject takes it. */
const receiving = (flags: number): Operation => (world) => {
  const { sys, init } = world.kernel
  const fd = sys.openat(init, AT_FDCWD, world.file('object'), flags, 0)
  const pair: number[] = []
  sys.socketpair(init, AF_UNIX, SOCK_STREAM, 0, pair)
  const rights = { cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [fd] }
  sys.sendmsg(init, pair[0]!, { msg_name: null, msg_iov: [byte()], msg_control: [rights], msg_flags: 0 }, 0)
  const message = { msg_name: null, msg_iov: [byte()], msg_control: [], msg_flags: 0 }
  const rc = sys.recvmsg(world.start(), pair[1]!, message, MSG_DONTWAIT)
  if (rc < 0) return [rc]
  const came = message.msg_control.length > 0 ? 'fd' : 'nofd'
  return [rc, (message.msg_flags & MSG_CTRUNC) === 0 ? came : `${came},ctrunc`]
}

export const socketOperations: Readonly<Record<string, Operation>> = {
  recv_fd_r: receiving(O_RDONLY),
  recv_fd_w: receiving(O_WRONLY),
  // the packet of who connects must be let in, and the answer to it
  tcp4_connect: (world) => {
    const { sys } = world.kernel
    const other = world.other()
    const listener = sys.socket(other, AF_INET, SOCK_STREAM, 0)
    sys.bind(other, listener, LOOPBACK, LOOPBACK.length)
    sys.listen(other, listener, 1)
    const subject = world.start()
    return [sys.connect(subject, sys.socket(subject, AF_INET, SOCK_STREAM, 0), LOOPBACK, LOOPBACK.length)]
  },
  unix_dgram_connect: (world) => {
    const { sys } = world.kernel
    const name = address('/w/socket')
    const other = world.other()
    sys.umask(other, 0)
    sys.bind(other, sys.socket(other, AF_UNIX, SOCK_DGRAM, 0), name, name.length)
    const subject = world.start()
    return [sys.connect(subject, sys.socket(subject, AF_UNIX, SOCK_DGRAM, 0), name, name.length)]
  },
}
