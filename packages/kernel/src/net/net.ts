/** Sockets of one machine: the parts put together in the order they need one another. */
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_XDP } from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import type { Net } from '../interfaces/net.ts'
import type { Machine } from '../machine.ts'
import { inetFamily } from './inet/inet.ts'
import { netlabels } from './inet/netlabel.ts'
import { socketMessages } from './messages.ts'
import { netNamespaces } from './net-ns.ts'
import { netlinkFamily } from './netlink.ts'
import { packetFamily } from './packet.ts'
import { scmParts } from './scm.ts'
import { sockfs } from './sockfs.ts'
import { socks } from './socks.ts'
import { netSysfs } from './sysfs-nodes.ts'
import { unixFamily } from './unix/unix.ts'
import { socketWaits } from './waits.ts'

export const createNet = (lsm: KeyMap, machine: Machine): Net => {
  const messages = socketMessages(lsm, machine)
  const files = sockfs(lsm, machine, () => messages)
  const sockets = socks(lsm, machine, files)
  const waits = socketWaits(machine)
  const scm = scmParts(lsm, machine)
  const unix = unixFamily(lsm, machine, sockets, waits, scm)
  sockets.families.set(AF_UNIX, unix.create)
  const labels = netlabels()
  const inet = inetFamily(lsm, machine, sockets, waits, labels)
  for (const family of [AF_INET, AF_INET6]) sockets.families.set(family, inet.create(family))
  if (!machine.without.has('packet')) {
    const packet = packetFamily(lsm, machine, sockets, waits)
    for (const family of [AF_PACKET, AF_XDP]) sockets.families.set(family, packet.create(family))
  }
  const netlink = netlinkFamily(lsm, machine, sockets, waits, files, scm)
  sockets.families.set(AF_NETLINK, netlink.create)
  const nodes = netSysfs(lsm)
  return {
    ...files, ...sockets, ...messages, ...netNamespaces(machine, files, sockets, netlink, nodes), ...nodes,
    unix, labels, attachNetlink: netlink.attach,
  }
}
