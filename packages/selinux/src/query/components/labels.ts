/** The labels of a policy: initial SIDs, file systems, and the network. */
import { ownValue } from '@lsmkit/abi'
import { ipText } from '../../ip-bytes.ts'
import type { Context } from '../../policydb/policydb.ts'
import type { PolicyView } from '../view.ts'
import type { Component } from './component.ts'

/** Initial SIDs by number, those too that the kernel no longer uses. */
const sidNames: readonly string[] = [
  'null', 'kernel', 'security', 'unlabeled', 'fs', 'file', 'file_labels', 'init', 'any_socket', 'port', 'netif',
  'netmsg', 'node', 'igmp_packet', 'icmp_socket', 'tcp_socket', 'sysctl_modprobe', 'sysctl', 'sysctl_fs',
  'sysctl_kernel', 'sysctl_net', 'sysctl_net_unix', 'sysctl_vm', 'sysctl_dev', 'kmod', 'policy', 'scmp_packet',
  'devnull',
]

/** By IP protocol number. */
const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp' }

const behaviors: Readonly<Record<number, string>> = { 1: 'fs_use_xattr', 2: 'fs_use_trans', 3: 'fs_use_task' }

/** As ls and policy source have them. */
const fileKinds: Readonly<Record<string, string>> = {
  file: '--', dir: '-d', lnk_file: '-l', chr_file: '-c', blk_file: '-b', sock_file: '-s', fifo_file: '-p',
}

const range = (low: number | string, high: number | string): string => low === high ? `${low}` : `${low}-${high}`
const hex = (number: number): string => `0x${number.toString(16)}`

const labelled = ({ names }: PolicyView, name: string, of: Context, end = ''): Component => {
  const context = names.context(of)
  return { name, statement: `${name} ${context}${end}`, has: { context } }
}

export const initialSids = (view: PolicyView): Component[] => view.policy.initialSids.map(({ sid, context }) =>
  labelled(view, `sid ${sidNames[sid] ?? sid}`, context))

export const fsUses = (view: PolicyView): Component[] => view.policy.fsUses.map(({ behavior, name, context }) =>
  labelled(view, `${behaviors[behavior] ?? `fs_use_${behavior}`} ${name}`, context, ';'))

export const genfscons = (view: PolicyView): Component[] => view.policy.genfs.flatMap(({ fstype, paths }) =>
  paths.map(({ path, tclass, context }) => {
    const name = view.names.classes[tclass]
    const kind = tclass === 0 ? '' : ` ${ownValue(fileKinds, name ?? '') ?? name ?? `#${tclass}`}`
    return labelled(view, `genfscon ${fstype} ${path}${kind}`, context)
  }))

export const portcons = (view: PolicyView): Component[] => view.policy.ports.map(({ protocol, low, high, context }) =>
  labelled(view, `portcon ${protocols[protocol] ?? protocol} ${range(low, high)}`, context))

/** IPv4 first. */
export const nodecons = (view: PolicyView): Component[] =>
  [...view.policy.nodes, ...view.policy.nodes6].map(({ address, mask, context }) =>
    labelled(view, `nodecon ${ipText(address)} ${ipText(mask)}`, context))

export const netifcons = ({ policy, names }: PolicyView): Component[] =>
  policy.netifs.map(({ name: netif, interface: of, packet }) => {
    const [name, context, packets] = [`netifcon ${netif}`, names.context(of), names.context(packet)]
    return { name, statement: `${name} ${context} ${packets}`, has: { context, 'packet context': packets } }
  })

export const ibpkeycons = (view: PolicyView): Component[] =>
  view.policy.ibPkeys.map(({ subnetPrefix, low, high, context }) =>
    labelled(view, `ibpkeycon ${ipText(Uint8Array.from({ length: 16 }, (_, i) => subnetPrefix[i] ?? 0))} ${
      range(hex(low), hex(high))}`, context))

export const ibendportcons = (view: PolicyView): Component[] =>
  view.policy.ibEndports.map(({ name, port, context }) => labelled(view, `ibendportcon ${name} ${port}`, context))
