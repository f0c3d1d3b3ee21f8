/** The login uid of the audit system: set once, inherited, and changed only with CAP_AUDIT_CONTROL. */
import { CAP_AUDIT_CONTROL, EPERM } from '@lsmkit/abi'
import { capable, INVALID_UID } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

/** As `audit_set_loginuid`: each login gets a session number; INVALID_UID takes both away. */
export const setLoginuid = (machine: Machine, kuid: number): number => {
  const { current, lsm } = machine
  const { task } = current
  if (task.loginuid !== INVALID_UID && !capable(lsm, current, CAP_AUDIT_CONTROL)) return -EPERM
  task.sessionid = kuid === INVALID_UID ? INVALID_UID : ++machine.lastAuditSession
  task.loginuid = kuid
  return 0
}
