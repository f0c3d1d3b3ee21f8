/** The ids by which the audit system's rules compare labels, asked in the form that the release of a table has. */
import type { LsmTable } from '../generated/lsm-table.ts'
import { emptyProp } from '../hooks/prop.ts'
import type { LsmProp } from '../hooks/release-hook-defs.ts'
import type { Inode } from '../objects/fs.ts'
import type { KernIpcPerm } from '../objects/ipc.ts'
import { ref } from '../objects/ref.ts'
import type { Ref } from '../objects/ref.ts'
import type { Task } from '../objects/task.ts'
import { isLater } from './release-keys.ts'
import type { Keys, Later } from './release-keys.ts'

/** A security id, or `struct lsm_prop` since 6.13. */
export type AuditId = number | LsmProp

/** The id that hooks give: those of later releases by `asLater`, those of 6.12 by `asSecid`. */
const idBy = (
  lsm: Keys, asLater: (lsm: Later, prop: LsmProp) => void, asSecid: (lsm: LsmTable, secid: Ref<number>) => void,
): AuditId => {
  if (isLater(lsm)) {
    const prop = emptyProp()
    asLater(lsm, prop)
    return prop
  }
  const secid = ref(0)
  asSecid(lsm as LsmTable, secid)
  return secid.value
}

export const inodeAuditId = (keys: Keys, inode: Inode): AuditId => idBy(keys,
  (lsm, prop) => lsm.inode_getlsmprop.tell(inode, prop), (lsm, secid) => lsm.inode_getsecid.tell(inode, secid))

export const ipcAuditId = (keys: Keys, perm: KernIpcPerm): AuditId => idBy(keys,
  (lsm, prop) => lsm.ipc_getlsmprop.tell(perm, prop), (lsm, secid) => lsm.ipc_getsecid.tell(perm, secid))

export const taskAuditId = (keys: Keys, task: Task): AuditId => idBy(keys,
  (lsm, prop) => lsm.task_getlsmprop_obj.tell(task, prop), (lsm, secid) => lsm.task_getsecid_obj.tell(task, secid))

export const currentAuditId = (keys: Keys): AuditId => idBy(keys,
  (lsm, prop) => lsm.current_getlsmprop_subj.tell(prop), (lsm, secid) => lsm.current_getsecid_subj.tell(secid))

/** As `security_audit_rule_match`: 1 where the id is what the rule asks for, 0 where not, or -errno. */
export const matchesAuditRule = (lsm: Keys, id: AuditId, field: number, op: number, rule: object): number =>
  typeof id === 'number'
    ? (lsm as LsmTable).audit_rule_match.ask(id, field, op, rule)
    : (lsm as Later).audit_rule_match.ask(id, field, op, rule)
