/** Turns what the cache reports into records: contexts as text, the object as core describes it. */
import { AUDIT_AVC } from '@lsmkit/abi'
import type { AuditKind, AuditSources, LsmAudit } from '@lsmkit/core'
import { className, permissionNames } from '../class-map.ts'
import type { Server } from '../server-type.ts'
import type { AvcReport } from './avc.ts'
import { avcText } from './avc-text.ts'

/** A context as the record tells it: `ssid=` and the number where there is none. */
const contextText = (server: Server, sid: number): string => {
  const text = server.sidToContext(sid)
  return typeof text === 'string' ? text : `sid=${sid}`
}

/** The stored text of a SID whose context the policy does not know; null of any other. */
const rawContext = (server: Server, sid: number, audit: LsmAudit): string | null => {
  const stored = server.sidToContext(sid, true)
  return typeof stored === 'string' && stored !== server.sidToContext(sid) ? audit.untrusted(stored) : null
}

/** The report of a cache: an AVC record, and the reason of the refusal for the framework's own. */
export const avcReporter = (server: Server, audit: LsmAudit): AvcReport =>
  (ssid, tsid, tclass, audited, denied, rc, kind, source) => {
    const isDenied = denied !== 0
    const scontext = contextText(server, ssid)
    const tcontext = contextText(server, tsid)
    const tclassName = className(tclass)
    const object = kind === 'nothing'
      ? null
      : audit.describe(kind as AuditKind, source as AuditSources[AuditKind])
    const text = avcText({
      denied: isDenied, tclass, audited, common: audit.common(object), scontext, tcontext, tclassName,
      permissive: rc === 0, srawcon: rawContext(server, ssid, audit), trawcon: rawContext(server, tsid, audit),
    })
    const permissions = permissionNames(tclass, audited).join(' ')
    const details = { scontext, tcontext, tclass: tclassName, permissions }
    audit.emit({ kind: 'text', type: AUDIT_AVC, text, details: { denied: isDenied, permissive: rc === 0, ...details } })
    if (rc !== 0) audit.deny(rc, 'no rule allows it', details)
  }
