/**
 * MPTCP over one subflow: a TCP sock of the kernel's own, which does all the work (net/mptcp/protocol.c, subflow.c).
 * No further subflow is ever added: there is one address on either side.
 */
import { IPPROTO_MPTCP, IPPROTO_TCP, SOCK_STREAM } from '@lsmkit/abi'
import type { RequestSock, Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { copyOptions } from '../../state/net/proto.ts'
import { InetSock } from '../../state/net/inet-sock.ts'
import { sock_create, sk_alloc, sock_init } from '../socks.ts'

const join = (msk: InetSock, first: InetSock): void => {
  msk.first = first
  first.msk = msk
  first.wait = msk.wait
  copyOptions(msk, first)
}

/** As `__mptcp_nmpc_sk`: the subflow is made when it is first needed. 0, or -errno where an LSM will not have it. */
export const makeFirstSubflow = (machine: Machine, socket: Socket): number => {
  const msk = InetSock.of(socket.sk!)
  if (msk.sk.sk_protocol !== IPPROTO_MPTCP || msk.first !== null) return 0
  const own = sock_create(machine, msk.sk.sk_family, SOCK_STREAM, IPPROTO_TCP, true, msk.net)
  if (typeof own === 'number') return own
  const rc = machine.lsm.mptcp_add_subflow.ask(msk.sk, own.sk!)
  if (rc !== 0) {
    machine.net.sock_release(own)
    return rc
  }
  join(msk, InetSock.of(own.sk!))
  // the sock is the connection's; the socket it was made with goes
  own.sk!.sk_socket = socket
  own.sk = null
  machine.vfs.iput(own.inode)
  return 0
}

/** As `mptcp_sk_clone_init`: accepts a connection as MPTCP if the client asked for MPTCP. */
export const cloneMptcp = (machine: Machine, { msk }: InetSock, child: InetSock, req: RequestSock): void => {
  if (msk === null) return
  const sk = sk_alloc(machine, msk.sk.sk_family, msk.sk.sk_type, IPPROTO_MPTCP, null)
  // it is accepted as plain TCP
  if (sk === null) return
  machine.lsm.sk_clone_security.tell(msk.sk, sk)
  machine.lsm.inet_csk_clone.tell(sk, req)
  const own = new InetSock(sk, msk.net)
  sock_init(machine, sk, own)
  join(own, child)
}
