/**
 * Why something was refused. The framework's record of a denial has hook, right, layer and object from the first ABI
 * on; from ABI 7 the kernel's own record goes with it (landlock_log_denial).
 */
import { AUDIT_LANDLOCK_ACCESS } from '@lsmkit/abi'
import { objectText } from '@lsmkit/core'
import type { AuditKind, AuditSources } from '@lsmkit/core'
import type { CredState } from './blobs.ts'
import type { Domain } from './domain.ts'
import { rightNames } from './rights.ts'
import type { RightKind } from './rights.ts'
import type { Landlock } from './state.ts'
import { youngest } from './refusals.ts'

/** Rights that a quiet rule may keep out of the log. */
export interface QuietRequest {
  readonly of: RightKind
  readonly missing: number
  /** The layers that have a quiet rule there, as bits; scopes need none. */
  readonly layers: number
}

/** As `is_denial_quieted`: a quiet rule of the layer, and all that it refuses is among its quiet rights. */
const isQuiet = (layer: Domain, { of, missing, layers }: QuietRequest): boolean => {
  if (of === 'scope') return (layer.quiet.scope & missing) !== 0
  return (layers & (1 << (layer.depth - 1))) !== 0 && (layer.quiet[of] & missing) === missing
}

/** One refusal. */
export interface Blocked<K extends AuditKind = AuditKind> {
  /** Errno, negative. */
  readonly rc: number
  readonly domain: Domain
  /** The layer it is put down to. */
  readonly depth: number
  /** As in audit records: `fs.read_file,fs.truncate`, `ptrace`. */
  readonly blockers: string
  /** The rights that the layer refuses, and where a rule of it is quiet; none of either for what cannot be quiet. */
  readonly quiet?: QuietRequest
  /** The kind of request. */
  readonly kind: K
  readonly object: AuditSources[K]
}

/** Counts a refusal and records it as the kernel does. */
export const logDenial = <K extends AuditKind>(
  landlock: Landlock, { domain, depth, blockers, quiet, kind, object }: Blocked<K>, by?: CredState,
): void => {
  const layer = domain.layer(depth)
  layer.log.denials++
  if (quiet !== undefined && isQuiet(layer, quiet)) return
  if (landlock.abi >= 7) tell(landlock, layer, blockers, objectText(landlock.ctx.audit.describe(kind, object)), by)
}

/** Gives the errno of a hook back, with the reason on record. */
export const refuse = <K extends AuditKind>(landlock: Landlock, blocked: Blocked<K>, by?: CredState): number => {
  logDenial(landlock, blocked, by)
  return giveReason(landlock, blocked)
}

/** The same where the kernel's records have been written already. */
export const giveReason = <K extends AuditKind>(landlock: Landlock, blocked: Blocked<K>): number => {
  const { rc, domain, depth, blockers, kind, object } = blocked
  const { audit } = landlock.ctx
  const described = audit.describe(kind, object)
  const layer = domain.layer(depth)
  const path = 'path' in described ? described.path : null
  const reason = `layer ${depth} of ${domain.depth} does not allow ${blockers}`
  const details = { blockers, layer: depth, layers: domain.depth, domain: layer.log.id }
  return audit.deny(rc, reason, path === null ? details : { ...details, path })
}

/** The record of ABI 7, and the domain's own behind the first. */
const tell = (landlock: Landlock, { log, depth }: Domain, blockers: string, object: string, by?: CredState): void => {
  const { blobs, ctx } = landlock
  const { domainExec } = by ?? blobs.cred(ctx.current.task.cred)
  const { isLogged, sameExec, newExec } = log.flags
  if (!isLogged || !((domainExec & (1 << (depth - 1))) !== 0 ? sameExec : newExec)) return
  ctx.audit.emit({
    kind: 'text', type: AUDIT_LANDLOCK_ACCESS, text: `${log.name} blockers=${blockers}${object}`,
    details: { domain: log.id, blockers },
  })
  log.introduce()
}

/** A refusal of rights, put down to the youngest layer that refuses any of them. */
export const refuseRights = <K extends AuditKind>(
  landlock: Landlock, domain: Domain, right: RightsLeft, kind: K, object: AuditSources[K], by?: CredState,
): number => refuse(landlock, blockedBy(domain, right, kind, object), by)

/** The rights that were asked for, and the layers that refuse them. */
export interface RightsLeft {
  readonly rc: number
  readonly layers: Int32Array
  readonly request: number
  /** The layers that have a quiet rule on the way. */
  readonly quiet?: number
}

export const blockedBy = <K extends AuditKind>(
  domain: Domain, { rc, layers, request, quiet = 0 }: RightsLeft, kind: K, object: AuditSources[K],
): Blocked<K> => {
  const { rights, depth } = youngest(layers, request)
  const asked = { of: 'fs', missing: rights, layers: quiet } as const
  return { rc, domain, depth, blockers: rightNames('fs', rights), quiet: asked, kind, object }
}

/** The topmost layer among these bits. */
export const topLayer = (layers: number): number => 32 - Math.clz32(layers)
