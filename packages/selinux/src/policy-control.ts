/** What changes the whole: a policy is loaded, booleans are committed, enforcing is turned on or off. */
import { AUDIT_MAC_CONFIG_CHANGE, AUDIT_MAC_POLICY_LOAD, AUDIT_MAC_STATUS } from '@lsmkit/abi'
import { setMountContexts } from './hooks/superblock.ts'
import type { LoadReport } from './server/security-server.ts'
import { resetAvc } from './state.ts'
import type { Selinux } from './state.ts'

/** `auid=… ses=…` of the running task. */
const session = ({ ctx }: Selinux): string => {
  const { loginuid, sessionid } = ctx.current.task
  return `auid=${loginuid} ses=${sessionid}`
}

/** Throws PolicyError, and the old policy stays in force. File systems mounted before the first load are labelled. */
export const loadPolicy = (selinux: Selinux, bytes: Uint8Array): LoadReport => {
  const report = selinux.server.load(bytes)
  resetAvc(selinux)
  const { status } = selinux
  status.sequence += 2
  status.policyload++
  for (const sb of selinux.deferred) setMountContexts(selinux, sb, null, false)
  selinux.deferred.clear()
  selinux.pending.clear()
  return report
}

/** The record of a load by a program. */
export const recordLoad = (selinux: Selinux): void =>
  selinux.ctx.audit.emit({
    kind: 'text', type: AUDIT_MAC_POLICY_LOAD, text: `${session(selinux)} lsm=selinux res=1`,
  })

export const setEnforcing = (selinux: Selinux, enforcing: boolean): void => {
  const { avc } = selinux
  if (avc.enforcing === enforcing) return
  const modes = `enforcing=${Number(enforcing)} old_enforcing=${Number(avc.enforcing)}`
  const text = `${modes} ${session(selinux)} enabled=1 old-enabled=1 lsm=selinux res=1`
  selinux.ctx.audit.emit({ kind: 'text', type: AUDIT_MAC_STATUS, text })
  avc.enforcing = enforcing
  // what was let pass is no longer allowed
  if (enforcing) resetAvc(selinux)
  selinux.status.sequence += 2
}

/** As `security_set_bools`, of all that are pending: 0 or -errno. */
export const commitBooleans = (selinux: Selinux): number => {
  const { server, pending } = selinux
  const changed = server.booleans().filter(({ name, value }) => (pending.get(name) ?? value) !== value)
  const rc = server.setBooleans(Object.fromEntries(pending))
  if (rc !== 0) return rc
  for (const { name, value } of changed) {
    const text = `bool=${name} val=${Number(!value)} old_val=${Number(value)} ${session(selinux)}`
    selinux.ctx.audit.emit({ kind: 'text', type: AUDIT_MAC_CONFIG_CHANGE, text })
  }
  resetAvc(selinux)
  selinux.status.sequence += 2
  selinux.status.policyload++
  return 0
}
