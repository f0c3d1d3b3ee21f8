/** Options and control messages of AF_INET and AF_INET6. */
import {
  CAP_NET_ADMIN, CAP_NET_RAW, EINVAL, ENOMEM, EPERM, IPPROTO_IP, IP_TRANSPARENT, SCM_CREDENTIALS, SCM_RIGHTS,
  SOL_SOCKET, SO_MARK,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Socket } from '@lsmkit/core'
import { copyIn, isGuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import { setSocketPolicy } from '../xfrm/socket-policies.ts'
import type { Machine } from '../../machine.ts'
import type { KernelMsghdr } from '../../state/net/proto.ts'
import type { InetSock} from '../../state/net/inet-sock.ts'
import { V6ONLY } from '../../state/net/inet-sock.ts'
import { inetSockOf } from './socks.ts'

const IP_XFRM_POLICY = 17

const mayAdminister = (machine: Machine, sock: InetSock): boolean =>
  ns_capable(machine.lsm, machine.current, sock.net.user_ns, CAP_NET_RAW) || ns_capable(
    machine.lsm, machine.current, sock.net.user_ns, CAP_NET_ADMIN,
  )

/** As `sock_cmsg_send`: checks the control messages; 0 or -errno. */
export const sock_cmsg_send = (machine: Machine, sock: InetSock, { msg_control }: KernelMsghdr): number => {
  for (const { cmsg_level, cmsg_type, data } of msg_control ?? []) {
    if (cmsg_level !== SOL_SOCKET || cmsg_type === SCM_RIGHTS || cmsg_type === SCM_CREDENTIALS) continue
    if (cmsg_type !== SO_MARK) return -EINVAL
    if (!mayAdminister(machine, sock)) return -EPERM
    if (!isGuestBytes(data) || data.length !== 4) return -EINVAL
  }
  return 0
}

export const inet_setsockopt = (
  machine: Machine, socket: Socket, level: number, name: number, value: unknown,
): number => {
  const sock = inetSockOf(socket)
  if (level === IPPROTO_IP && name === IP_TRANSPARENT && value !== 0 && !mayAdminister(machine, sock)) return -EPERM
  if (level === IPPROTO_IP && name === IP_XFRM_POLICY) {
    if (!ns_capable(machine.lsm, machine.current, sock.net.user_ns, CAP_NET_ADMIN)) return -EPERM
    return setSocketPolicy(machine, sock, isGuestBytes(value) ? copyIn(value) : null)
  }
  if (typeof value !== 'number') return 0
  const option = level * 1000 + name
  if (option === V6ONLY && sock.bound) return -EINVAL
  if (!sock.options.has(option) && !sock.memory.charge(COST.sockOption)) return -ENOMEM
  sock.options.set(option, value)
  return 0
}

export const inet_getsockopt = (socket: Socket, level: number, name: number): number =>
  inetSockOf(socket).options.get(level * 1000 + name) ?? 0
