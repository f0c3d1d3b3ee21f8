/** Stands in for sockets in a kernel that is built without them: nobody can make one, and no file is one. */
import { EAFNOSUPPORT, ENOSYS, ENOTSOCK } from '@lsmkit/abi'
import type { Net } from '../interfaces/net.ts'
import type { Machine } from '../machine.ts'
import { EmptyNamespaces } from '../state/task/empty-namespaces.ts'
import { threadOf } from '../state/task/thread.ts'

const nothing = (): void => {}
const none = (): null => null
const noFamily = (): number => -EAFNOSUPPORT

export const noNet = (machine: Machine): Net => {
  const namespaces = new EmptyNamespaces((ns) => machine.callRcu(() => machine.namespaces.endPlainNs(ns)))
  return {
    setUp: nothing,
    unix: { peerCreds: none },
    // as the functions of include/net/netlabel.h where CONFIG_NETLABEL is off
    labels: { netlbl_sock_setattr: () => -ENOSYS, netlbl_req_setattr: () => -ENOSYS, netlbl_skbuff_err: nothing },
    programOptions: { set: noFamily, get: noFamily },
    SOCKET_I: none,
    attachNetlink: () => -ENOTSOCK,
    makeDeviceNodes: () => 0,
    setup_net(net) {
      namespaces.begin(net)
      return 0
    },
    cleanup_net: (net) => namespaces.end(net),
    controlSocketsOf: () => [],
    sock_sendmsg: noFamily, sock_recvmsg: noFamily, sock_create: noFamily, sock_alloc: noFamily,
    sock_alloc_file: noFamily, sock_map_fd: noFamily,
    sk_alloc: none, sock_from_file: none,
    sock_init: nothing, sock_put: nothing, sock_release: nothing,
    baseState: () => { throw new Error('this kernel is built without sockets') },
    netNs: () => threadOf(machine.current.task).nsproxy.net_ns,
  }
}
