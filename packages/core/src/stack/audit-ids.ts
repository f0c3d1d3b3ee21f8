/** The ids by which the audit system's rules compare labels, asked in the form that the release of a table has. */
import type { LsmTable } from '../generated/lsm-table.ts'
import type { Linux618Table } from '../generated/linux618-table.ts'
import type { Linux73Table } from '../generated/linux73-table.ts'
import { emptyProp } from '../hooks/prop.ts'
import type { LsmProp } from '../hooks/release-hook-defs.ts'
import type { AnyKeyMap } from '../hooks/release-maps.ts'
import type { Inode } from '../objects/fs.ts'
import type { KernIpcPerm } from '../objects/ipc.ts'
import { ref } from '../objects/ref.ts'
import type { Task } from '../objects/task.ts'

type Keys = AnyKeyMap | LsmTable | Linux618Table | Linux73Table
type Later = Linux618Table | Linux73Table

/** A security id, or `struct lsm_prop` since 6.13. */
export type AuditId = number | LsmProp

const isLater = (lsm: Keys): lsm is Later => 'current_getlsmprop_subj' in lsm

export const inodeAuditId = (lsm: Keys, inode: Inode): AuditId => {
  if (isLater(lsm)) {
    const prop = emptyProp()
    lsm.inode_getlsmprop.tell(inode, prop)
    return prop
  }
  const secid = ref(0)
  ;(lsm as LsmTable).inode_getsecid.tell(inode, secid)
  return secid.value
}

export const ipcAuditId = (lsm: Keys, perm: KernIpcPerm): AuditId => {
  if (isLater(lsm)) {
    const prop = emptyProp()
    lsm.ipc_getlsmprop.tell(perm, prop)
    return prop
  }
  const secid = ref(0)
  ;(lsm as LsmTable).ipc_getsecid.tell(perm, secid)
  return secid.value
}

export const taskAuditId = (lsm: Keys, task: Task): AuditId => {
  if (isLater(lsm)) {
    const prop = emptyProp()
    lsm.task_getlsmprop_obj.tell(task, prop)
    return prop
  }
  const secid = ref(0)
  ;(lsm as LsmTable).task_getsecid_obj.tell(task, secid)
  return secid.value
}

export const currentAuditId = (lsm: Keys): AuditId => {
  if (isLater(lsm)) {
    const prop = emptyProp()
    lsm.current_getlsmprop_subj.tell(prop)
    return prop
  }
  const secid = ref(0)
  ;(lsm as LsmTable).current_getsecid_subj.tell(secid)
  return secid.value
}

/** As `security_audit_rule_match`: 1 where the id is what the rule asks for, 0 where not, or -errno. */
export const matchesAuditRule = (lsm: Keys, id: AuditId, field: number, op: number, rule: object): number =>
  typeof id === 'number'
    ? (lsm as LsmTable).audit_rule_match.ask(id, field, op, rule)
    : (lsm as Later).audit_rule_match.ask(id, field, op, rule)
