/** `struct sock` comes and goes, and sockets are made of it (net/core/sock.c, net/socket.c). */
import { AF_INET, AF_MAX, AF_PACKET, EAFNOSUPPORT, EINVAL, SOCK_MAX, SOCK_PACKET } from '@lsmkit/abi'
import type { Sock, Socket } from '@lsmkit/core'
import { Holder } from '../state/host-memory.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { threadOf } from '../state/task/thread.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { stateOf, TCP_CLOSE } from '../state/net/proto.ts'
import type { SockState } from '../state/net/proto.ts'
import { sock_alloc, sock_release } from './sockfs.ts'

const GFP_KERNEL = 0xcc0

/** As `sk_alloc`; null when an LSM refused it or there is no memory for it. */
export const sk_alloc = (
  machine: Machine, family: number, type: number, protocol: number, sock: Socket | null,
): Sock | null => {
  const { account } = machine
  if (!account.charge(COST.sock)) return null
  const sk = machine.objects.sock(family, type, protocol)
  if (machine.lsm.sk_alloc_security.ask(sk, family, GFP_KERNEL) !== 0) {
    account.uncharge(COST.sock)
    return null
  }
  machine.cgroups.sk_alloc(sk)
  sk.sk_state = TCP_CLOSE
  sk.sk_uid = sock === null ? 0 : sock.inode.i_uid
  sk.sk_socket = sock
  if (sock !== null) sock.sk = sk
  return sk
}

/** The state that each family starts with. */
export const baseSockState = (machine: Machine, sk: Sock, net: PlainNamespace): SockState =>
  ({ sk, net, wait: new WaitQueue(), refs: 1, options: new Map(), error: 0, filter: null, memory: newMemory(machine) })

/** `sk_alloc` has charged for it. */
const newMemory = (machine: Machine): Holder => new Holder(machine.account, COST.sock)

/** As `sock_init_data`: a sock has its state, and keeps its namespace until it is freed. */
export const sock_init = (machine: Machine, sk: Sock, state: SockState): void => {
  sk.sk_user_data = state
  state.memory ??= newMemory(machine)
  state.net.users++
}

export const sock_hold = (sk: Sock): void => {
  stateOf(sk).refs++
}

/** The last reference frees it (`sk_free`). */
export const sock_put = (machine: Machine, sk: Sock): void => {
  const state = stateOf(sk)
  if (--state.refs !== 0) return
  state.filter?.release()
  machine.lsm.sk_free_security.tell(sk)
  state.memory.release()
  state.net.users--
  machine.namespaces.put_net(state.net)
}

/** As `sock_graft`: an accepted sock gets its socket. */
export const sock_graft = (machine: Machine, sk: Sock, parent: Socket): void => {
  parent.sk = sk
  sk.sk_socket = parent
  sk.sk_uid = parent.inode.i_uid
  machine.lsm.sock_graft.tell(sk, parent)
}

/** The caller's network namespace. */
export const netNs = (machine: Machine): PlainNamespace => threadOf(machine.current.task).nsproxy.net_ns

/** As `__sock_create`. For an unknown family the module loader is asked first. */
export const sock_create = (
  machine: Machine, family: number, type: number, protocol: number, kern: boolean, net = netNs(machine),
): Socket | number => {
  if (family < 0 || family >= AF_MAX) return -EAFNOSUPPORT
  if (type < 0 || type >= SOCK_MAX) return -EINVAL
  const fam = family === AF_INET && type === SOCK_PACKET ? AF_PACKET : family
  let rc = machine.lsm.socket_create.ask(fam, type, protocol, kern ? 1 : 0)
  if (rc !== 0) return rc
  const sock = sock_alloc(machine, type)
  if (typeof sock === 'number') return sock
  const create = machine.netTable.families.get(fam)
  if (create === undefined) rc = machine.requestModule(`net-pf-${fam}`) || -EAFNOSUPPORT
  else rc = create(sock, protocol, kern, net)
  if (rc === 0) rc = machine.lsm.socket_post_create.ask(sock, fam, type, protocol, kern ? 1 : 0)
  if (rc === 0) return sock
  sock_release(machine, sock)
  return rc
}

/** As `sock_create_lite`, for the kernel itself: the hooks are asked before the socket has a sock. */
export const sock_create_lite = (machine: Machine, family: number, type: number, protocol: number): Socket | number => {
  let rc = machine.lsm.socket_create.ask(family, type, protocol, 1)
  if (rc !== 0) return rc
  const sock = sock_alloc(machine, type)
  if (typeof sock === 'number') return sock
  rc = machine.lsm.socket_post_create.ask(sock, family, type, protocol, 1)
  if (rc === 0) return sock
  sock_release(machine, sock)
  return rc
}
