/** Texts of the records beside AVC ones: a policy was loaded, a boolean or the mode changed, a context is not valid. */
import type { Task } from '@lsmkit/core'

type Session = Pick<Task, 'loginuid' | 'sessionid'>

/** Login uid and session of who did it; 4294967295 of nobody. */
const session = ({ loginuid, sessionid }: Session): string => `auid=${loginuid} ses=${sessionid}`

/** AUDIT_MAC_POLICY_LOAD. */
export const loadText = (task: Session): string => `${session(task)} lsm=selinux res=1`

/** AUDIT_MAC_STATUS. */
export const statusText = (task: Session, enforcing: boolean, before: boolean): string =>
  `enforcing=${Number(enforcing)} old_enforcing=${Number(before)} ${session(task)} enabled=1 old-enabled=1 ` +
  'lsm=selinux res=1'

/** AUDIT_MAC_CONFIG_CHANGE. */
export const booleanText = (task: Session, name: string, value: boolean, before: boolean): string =>
  `bool=${name} val=${Number(value)} old_val=${Number(before)} ${session(task)}`

/** AUDIT_SELINUX_ERR of a context that somebody wrote; `context` has been made safe. */
export const invalidContextText = (op: 'setxattr' | 'fscreate', context: string): string =>
  `op=${op} invalid_context=${context}`
