/** Sockets by family and type (net.c). */
import { addressFamilyTable, AF_UNIX } from '@lsmkit/abi'
import type { AuditObject, Sock } from '@lsmkit/core'
import { checkPerms } from '../audit/check-perms.ts'
import type { CheckRecord } from '../audit/check-perms.ts'
import { netWords } from '../audit/masks.ts'
import { AA_CLASS_NET } from '../classes.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { withModes } from '../domain/perms-math.ts'
import { forEachConfined } from '../state.ts'
import type { Apparmor } from '../state.ts'

const types: Readonly<Record<number, string>> = {
  1: 'stream', 2: 'dgram', 3: 'raw', 4: 'rdm', 5: 'seqpacket', 6: 'dccp', 10: 'packet',
}

const familyName = (family: number): string => {
  const name = addressFamilyTable.nameOf(family)
  return name === undefined ? `unknown(${family})` : name.slice('AF_'.length).toLowerCase()
}

const typeName = (type: number): string => types[type] ?? `unknown(${type})`

export interface Endpoint {
  readonly family: number
  readonly type: number
  readonly protocol: number
}

/** As `aa_af_perm`, by all profiles. */
export const familyPermission = (
  aa: Apparmor, label: Label, operation: string, request: number, end: Endpoint, object: AuditObject | null = null,
): number => forEachConfined(label, (profile) => profileFamily(aa, profile, operation, request, end, object))

/** As `aa_profile_af_perm`: family and type as two big-endian numbers. */
const profileFamily = (
  aa: Apparmor, profile: LoadedProfile, operation: string, request: number, { family, type, protocol }: Endpoint,
  object: AuditObject | null,
): number => {
  const { rules } = profile
  const start = rules.mediates(AA_CLASS_NET)
  if (start === 0) return 0
  const state = rules.matchBytes(start, Uint8Array.of(family >> 8, family & 0xff, type >> 8, type & 0xff))
  const report = endReport(operation, { family, type, protocol }, object)
  return checkPerms(aa, profile, withModes(aa.store, profile, rules.perms(state)), request, report)
}

/** As `audit_net_cb`. */
const endReport = (
  operation: string, { family, type, protocol }: Endpoint, object: AuditObject | null,
): CheckRecord => ({
  operation,
  class: 'net',
  object,
  fields: (_, asked, denied) => ` family="${familyName(family)}" sock_type="${typeName(type)}" protocol=${protocol}` +
    ` requested_mask="${netWords(asked)}"${denied === 0 ? '' : ` denied_mask="${netWords(denied)}"`}`,
})

const endOf = (sk: Sock): Endpoint => ({ family: sk.sk_family, type: sk.sk_type, protocol: sk.sk_protocol })

/** Addresses and ports, for records; local sockets have none. */
export const objectOf = (aa: Apparmor, sk: Sock): AuditObject | null =>
  sk.sk_family === AF_UNIX ? null : aa.ctx.audit.describe('net', { sk })

export const socketReport = (operation: string, sk: Sock, object: AuditObject | null): CheckRecord =>
  endReport(operation, endOf(sk), object)

/** As `aa_label_sk_perm`: the kernel's own sockets are free. */
export const socketPermission = (aa: Apparmor, label: Label, operation: string, request: number, sk: Sock): number => {
  if (aa.blobs.sock(sk).label === aa.kernelLabel || label.unconfined) return 0
  return familyPermission(aa, label, operation, request, endOf(sk), objectOf(aa, sk))
}
