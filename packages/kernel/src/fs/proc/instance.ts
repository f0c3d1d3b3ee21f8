/** One mount of procfs: its pid namespace, and its options (fs/proc/root.c). */
import { EINVAL, ENOPARAM, PTRACE_MODE_READ_FSCREDS, ownValue } from '@lsmkit/abi'
import { gid_valid, in_group, make_kgid } from '@lsmkit/core'
import type { FsContext, FsParameter, Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { Pid, PidNamespace } from '../../state/task/pid.ts'

export const HIDEPID_OFF = 0
export const HIDEPID_NO_ACCESS = 1
export const HIDEPID_INVISIBLE = 2
export const HIDEPID_NOT_PTRACEABLE = 4
const HIDEPID_NAMES: Readonly<Record<string, number>> = {
  off: HIDEPID_OFF, noaccess: HIDEPID_NO_ACCESS, invisible: HIDEPID_INVISIBLE, ptraceable: HIDEPID_NOT_PTRACEABLE,
}

export interface ProcInstance {
  readonly ns: PidNamespace
  hidepid: number
  /** Members of this group (kgid) see all processes. */
  gid: number
  /** `subset=pid`: only processes. */
  pidonly: boolean
}

interface ProcOptions {
  hidepid?: number
  gid?: number
  pidonly?: boolean
}

/** Mount options: hidepid (number or word), gid, subset=pid. */
export const parseOption = (fc: FsContext, param: FsParameter): number => {
  const options = (fc.fs_private ??= {}) as ProcOptions
  const text = param.string ?? ''
  switch (param.key) {
    case 'hidepid': {
      const level = ownValue(HIDEPID_NAMES, text) ?? (/^[0124]$/.test(text) ? Number(text) : -1)
      if (level < 0) return -EINVAL
      options.hidepid = level
      return 0
    }
    case 'gid': {
      const gid = /^\d{1,10}$/.test(text) ? make_kgid(fc.user_ns, Number(text)) : -1
      if (gid < 0 || !gid_valid(gid)) return -EINVAL
      options.gid = gid
      return 0
    }
    case 'subset':
      if (text !== 'pid') return -EINVAL
      options.pidonly = true
      return 0
    default:
      return -ENOPARAM
  }
}

/** Applies given options; others do not change. */
export const applyOptions = (instance: ProcInstance, fc: FsContext): void => {
  const { hidepid, gid, pidonly } = (fc.fs_private ?? {}) as ProcOptions
  if (hidepid !== undefined) instance.hidepid = hidepid
  if (gid !== undefined) instance.gid = gid
  if (pidonly !== undefined) instance.pidonly = pidonly
}

/** As `has_pid_permissions`: whether the caller may know of the process where hidepid is at least `level`. */
export const mayKnow = (machine: Machine, { hidepid, gid }: ProcInstance, task: Task, level: number): boolean => {
  if (hidepid !== HIDEPID_NOT_PTRACEABLE) {
    if (hidepid < level) return true
    if (in_group(machine.current.task.cred, gid)) return true
  }
  return machine.ptrace.may_access(task, PTRACE_MODE_READ_FSCREDS)
}

/** The context of a node of one process. */
export interface PidContext {
  readonly machine: Machine
  readonly instance: ProcInstance
  readonly pid: Pid
}
