/** The subject of an access: the current task as a value. */
import type { Task } from '../objects/task.ts'
import type { Subject } from './record.ts'

/** Ids are those it acts with (`cred`), `label` what an LSM calls it. */
export const subjectOf = ({ pid, tgid, comm, cred, loginuid, sessionid }: Task, label: string | null): Subject => ({
  pid: tgid,
  tid: pid,
  comm,
  uid: cred.uid,
  gid: cred.gid,
  euid: cred.euid,
  egid: cred.egid,
  fsuid: cred.fsuid,
  fsgid: cred.fsgid,
  auid: loginuid,
  ses: sessionid,
  label,
})
