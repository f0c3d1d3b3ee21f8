/** Sockets, packets and addresses. */
import { AF_INET, AF_UNIX, S_IFSOCK, SOCK_STREAM, SOCKFS_MAGIC } from '@lsmkit/abi'
import type { Inode, RequestSock, SkBuff, Sock, Sockaddr, Socket, SuperBlock } from '@lsmkit/core'
import { assign, mustAgree } from './maker.ts'
import type { Fields, Maker } from './maker.ts'

export interface SocketTraits extends Fields<Socket> {
  /** Of its sock, which is made unless `sk` is given. */
  readonly family?: number
  readonly protocol?: number
}

interface Files {
  aSuperBlock(traits: { type: string; s_magic: number }): SuperBlock
  anInode(fields: Fields<Inode>): Inode
}

export const socketBuilders = (maker: Maker, { aSuperBlock, anInode }: Files) => {
  const { objects, lsm } = maker

  const bareSock = (fields: Fields<Sock> = {}): Sock => {
    const { sk_family = AF_UNIX, sk_type = SOCK_STREAM, sk_protocol = 0 } = fields
    return assign(objects.sock(sk_family, sk_type, sk_protocol), fields, 'aSock')
  }

  const aSock = (fields: Fields<Sock> = {}): Sock => {
    const sk = bareSock(fields)
    if (lsm !== null) mustAgree(lsm.sk_alloc_security.ask(sk, sk.sk_family, 0), 'sk_alloc_security')
    return sk
  }

  let sockfs: SuperBlock | null = null

  /** A socket with its sock and its inode; sock and socket know each other. */
  const aSocket = ({ family = AF_UNIX, protocol = 0, ...fields }: SocketTraits = {}): Socket => {
    const type = fields.type ?? SOCK_STREAM
    sockfs ??= aSuperBlock({ type: 'sockfs', s_magic: SOCKFS_MAGIC })
    const inode = fields.inode ?? anInode({ i_mode: S_IFSOCK | 0o777, i_sb: sockfs })
    const sk = fields.sk ?? aSock({ sk_family: family, sk_type: type, sk_protocol: protocol })
    const sock = assign(objects.socket(type, inode), { sk, ...fields }, 'aSocket', ['family', 'protocol'])
    sk.sk_socket = sock
    if (lsm !== null) {
      mustAgree(lsm.socket_post_create.ask(sock, sk.sk_family, type, protocol, 0), 'socket_post_create')
    }
    return sock
  }

  const aSockaddr = (fields: Fields<Sockaddr> = {}): Sockaddr =>
    assign({ family: AF_INET, addr: '192.0.2.1', port: 80, raw: new Uint8Array(16) }, fields, 'aSockaddr')

  /** An IPv4 packet of TCP. */
  const anSkb = (fields: Fields<SkBuff> = {}): SkBuff => assign<SkBuff>({
    sk: null, protocol: 0x0800, len: 0, data: new Uint8Array(0), secmark: 0, dev: { name: 'lo', ifindex: 1 },
    saddr: '192.0.2.1', daddr: '192.0.2.2', sport: 1024, dport: 80, ip_protocol: 6, netlabel: null, secid: 0,
  }, fields, 'anSkb')

  const aRequest = (fields: Fields<RequestSock> = {}): RequestSock =>
    assign<RequestSock>({ secid: 0, peer_secid: 0, rsk_listener: null, security: null }, fields, 'aRequest')

  return { bareSock, aSock, aSocket, aSockaddr, anSkb, aRequest }
}
