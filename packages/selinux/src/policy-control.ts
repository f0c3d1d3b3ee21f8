/** Changes of the whole: a policy is loaded, booleans are committed, enforcing is turned on or off. */
import { AUDIT_MAC_CONFIG_CHANGE, AUDIT_MAC_POLICY_LOAD, AUDIT_MAC_STATUS } from '@lsmkit/abi'
import { booleanText, loadText, statusText } from './avc/mac-text.ts'
import { setMountContexts } from './hooks/superblock.ts'
import type { LoadReport } from './server/server-types.ts'
import { resetAvc } from './state.ts'
import type { Selinux } from './state.ts'

/** Throws PolicyError, and the old policy stays in force. File systems mounted before the first load are labelled. */
export const loadPolicy = (selinux: Selinux, bytes: Uint8Array): LoadReport => {
  const report = selinux.server.load(bytes)
  resetAvc(selinux)
  notePolicy(selinux)
  for (const sb of selinux.deferred) setMountContexts(selinux, sb, null, false)
  selinux.deferred.clear()
  selinux.pending.clear()
  return report
}

/** The record of a load by a program. */
export const recordLoad = (selinux: Selinux): void =>
  selinux.ctx.audit.emit({ kind: 'text', type: AUDIT_MAC_POLICY_LOAD, text: loadText(selinux.ctx.current.task) })

export const setEnforcing = (selinux: Selinux, enforcing: boolean): void => {
  const { avc } = selinux
  if (avc.enforcing === enforcing) return
  const text = statusText(selinux.ctx.current.task, enforcing, avc.enforcing)
  selinux.ctx.audit.emit({ kind: 'text', type: AUDIT_MAC_STATUS, text })
  avc.enforcing = enforcing
  // what was let pass is no longer allowed
  if (enforcing) resetAvc(selinux)
  if (selinux.status !== null) selinux.status.sequence += 2
}

/** As `security_set_bools`, of all that are pending: 0 or -errno. */
export const commitBooleans = (selinux: Selinux): number => {
  const { server, pending } = selinux
  const changed = server.booleans().filter(({ name, value }) => (pending.get(name) ?? value) !== value)
  const rc = server.setBooleans(Object.fromEntries(pending))
  if (rc !== 0) return rc
  for (const { name, value } of changed) {
    const text = booleanText(selinux.ctx.current.task, name, !value, value)
    selinux.ctx.audit.emit({ kind: 'text', type: AUDIT_MAC_CONFIG_CHANGE, text })
  }
  resetAvc(selinux)
  notePolicy(selinux)
  return 0
}

/** As `selinux_status_update_policyload`. */
const notePolicy = ({ status, server }: Selinux): void => {
  if (status === null) return
  status.sequence += 2
  status.policyload = server.seqno
}
