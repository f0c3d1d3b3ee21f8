/** Labels on the wire: cipso and cipso2, and hosts with one label: netlabel, ipv6host. */
import type { PseudoFile } from '@lsmkit/core'
import { ipv4Text, ipv6Text } from '../ip-address.ts'
import { SMK_LABELLEN, SMK_LONGLABEL } from '../label.ts'
import type { Label } from '../label.ts'
import { writeCipsoRule } from '../parse/cipso-rule.ts'
import { writeIpv4Host } from '../parse/ipv4-host.ts'
import { writeIpv6Host } from '../parse/ipv6-host.ts'
import type { Policy } from '../policy.ts'
import type { Smack } from '../state.ts'
import { ADMIN_FILE, admin, atStart, fromText } from './file.ts'

/** `label 250/2,8` for each label that fits a field of `width` bytes, newest first. */
const cipsoText = ({ labels, cipso }: Policy, width: number): string => {
  const lines: string[] = []
  for (const label of labels.newestFirst()) {
    const text = labels.text(label)
    if (text.length >= width) continue
    const categories = cipso.categories(label)
    const tail = categories.length === 0 ? '' : `/${categories.join(',')}`
    lines.push(`${text} ${String(cipso.level(label)).padStart(3)}${tail}\n`)
  }
  return lines.join('')
}

const ipv4HostsText = ({ labels, ipv4Hosts }: Policy): string => {
  const text = (label: Label): string => (label === 0 ? '-CIPSO' : labels.text(label))
  return ipv4Hosts.entries
    .map(({ address, prefix, label }) => `${ipv4Text(address)}/${prefix} ${text(label)}\n`)
    .join('')
}

const ipv6HostsText = ({ labels, ipv6Hosts }: Policy): string =>
  ipv6Hosts.entries
    .filter(({ label }) => label !== 0)
    .map(({ address, prefix, label }) => `${ipv6Text(address)}/${prefix} ${labels.text(label)}\n`)
    .join('')

export const cipsoFiles = (smack: Smack): PseudoFile[] => {
  const { policy } = smack
  const file = (name: string, read: () => string, write: (policy: Policy, text: string) => number): PseudoFile => ({
    name,
    mode: ADMIN_FILE,
    read,
    write: admin(smack, atStart(fromText((text) => write(policy, text)))),
  })
  return [
    file('cipso', () => cipsoText(policy, SMK_LABELLEN), (to, text) => writeCipsoRule(to, text, true)),
    file('cipso2', () => cipsoText(policy, SMK_LONGLABEL), (to, text) => writeCipsoRule(to, text, false)),
    file('netlabel', () => ipv4HostsText(policy), writeIpv4Host),
    file('ipv6host', () => ipv6HostsText(policy), writeIpv6Host),
  ]
}
