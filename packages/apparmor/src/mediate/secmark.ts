/** Packets by their secmark (net.c): a rule names the label whose number a packet has. */
import type { Sock } from '@lsmkit/core'
import { checkPerms } from '../audit/check-perms.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { parseLabel } from '../domain/parse-label.ts'
import { noPerms } from '../domain/perm-table.ts'
import { withModes } from '../domain/perms-math.ts'
import type { Secmark } from '../policydb/policy.ts'
import { forEachConfined } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { objectOf, socketReport } from './net.ts'

/** ALL_PERMS_MASK. */
const ALL = 0xffff_ffff

/** A rule for packets of every label. */
const isWildcard = ({ label }: Secmark): boolean => label.startsWith('*')

export interface PacketQuestion {
  readonly operation: string
  readonly request: number
  readonly secmark: number
}

/** As `apparmor_secmark_check`. */
export const packetPermission = (aa: Apparmor, label: Label, question: PacketQuestion, sk: Sock): number =>
  forEachConfined(label, (profile) => profilePacket(aa, profile, question, sk))

/** As `aa_secmark_perm`: the rules that name the number, all together; a name that is no label fails all of them. */
const profilePacket = (
  aa: Apparmor, profile: LoadedProfile, { operation, request, secmark }: PacketQuestion, sk: Sock,
): number => {
  if (profile.secmark.length === 0) return 0
  const perms = { ...noPerms }
  for (const rule of profile.secmark) {
    const found = matches(aa, rule, secmark)
    if (typeof found === 'number') return found
    if (!found) continue
    if (rule.deny) perms.deny = ALL
    else perms.allow = ALL
    if (rule.audit) perms.audit = ALL
  }
  const report = socketReport(operation, sk, objectOf(aa, sk))
  return checkPerms(aa, profile, withModes(aa.store, profile, perms), request, report)
}

const matches = (aa: Apparmor, rule: Secmark, secmark: number): boolean | number => {
  if (isWildcard(rule)) return true
  const label = parseLabel(aa.store.root.unconfined.label, rule.label, { create: false })
  return typeof label === 'number' ? label : aa.secids.numberOf(label) === secmark
}
