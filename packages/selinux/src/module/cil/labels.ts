/** Contexts of what no rule labels: initial SIDs, ports, networks, file systems. */
import { ownValue } from '@lsmkit/abi'
import { contextText } from './contexts.ts'
import { ipText, joined, quoted } from './text.ts'
import type { CilWriter } from './writer.ts'

/** As the kernel's list has them; those without a use are told by number. */
const sidNames = [
  'kernel', 'security', 'unlabeled', 'fs', 'file', 'file_labels', 'init', 'any_socket', 'port', 'netif', 'netmsg',
  'node', 'igmp_packet', 'icmp_socket', 'tcp_socket', 'sysctl_modprobe', 'sysctl', 'sysctl_fs', 'sysctl_kernel',
  'sysctl_net', 'sysctl_net_unix', 'sysctl_vm', 'sysctl_dev', 'kmod', 'policy', 'scmp_packet', 'devnull',
]

const fileKinds: Readonly<Record<string, string>> = {
  file: 'file', dir: 'dir', chr_file: 'char', blk_file: 'block', sock_file: 'socket', fifo_file: 'pipe',
  lnk_file: 'symlink',
}

export const writeLabels = (out: CilWriter): void => {
  const { contexts, genfs } = out.module
  const sids = contexts.initialSids.map(({ sid }) => sidNames[sid - 1] ?? `UNKNOWN${sid}`)
  const last = Math.max(0, ...contexts.initialSids.map(({ sid }) => sid))
  const order = Array.from({ length: last }, (_, i) => sidNames[i] ?? `UNKNOWN${i + 1}`)
  for (const name of order) out.say(`(sid ${name})`)
  if (order.length > 0) out.say(`(sidorder ${joined(order)})`)
  for (const [i, { context }] of contexts.initialSids.entries()) {
    out.say(`(sidcontext ${sids[i]} ${contextText(out, context)})`)
  }
  const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp' }
  for (const { protocol, low, high, context } of contexts.ports) {
    const ports = low === high ? String(low) : `(${low} ${high})`
    out.say(`(portcon ${protocols[protocol] ?? protocol} ${ports} ${contextText(out, context)})`)
  }
  for (const { name, interface: own, packet } of contexts.netifs) {
    out.say(`(netifcon ${name} ${contextText(out, own)} ${contextText(out, packet)})`)
  }
  for (const { address, mask, context } of [...contexts.nodes, ...contexts.nodes6]) {
    out.say(`(nodecon (${ipText(address)}) (${ipText(mask)}) ${contextText(out, context)})`)
  }
  const uses = ['', 'xattr', 'trans', 'task']
  for (const { behavior, name, context } of contexts.fsUses) {
    out.say(`(fsuse ${uses[behavior]} ${name} ${contextText(out, context)})`)
  }
  for (const { subnetPrefix, low, high, context } of contexts.ibPkeys) {
    const prefix = new Uint8Array(16)
    prefix.set(subnetPrefix)
    out.say(`(ibpkeycon ${ipText(prefix)} (${low} ${high}) ${contextText(out, context)})`)
  }
  for (const { name, port, context } of contexts.ibEndports) {
    out.say(`(ibendportcon ${name} ${port} ${contextText(out, context)})`)
  }
  for (const { fstype, paths } of genfs) {
    for (const { path, tclass, context } of paths) {
      const kind = tclass === 0 ? '' : ` ${ownValue(fileKinds, out.nameOf('classes', tclass)) ?? 'any'}`
      out.say(`(genfscon ${fstype} ${quoted(path)}${kind} ${contextText(out, context)})`)
    }
  }
}
