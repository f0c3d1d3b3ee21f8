/** Operations of one task on another: every check is a letter, and the subject is the running task. */
import { MAY_APPEND, MAY_READ, MAY_WRITE } from '@lsmkit/abi'
import type { HookTable, Inode, Task } from '@lsmkit/core'
import { SMK_INODE_INSTANT } from '../blobs.ts'
import { noteLabels, noteTask } from '../bringup.ts'
import { currentCheck, errnoOf, rawCheck } from '../checks.ts'
import { currentLabel, taskLabel } from '../state.ts'
import type { Smack } from '../state.ts'

/** As `smk_curacc_on_task`. */
const onTask = (smack: Smack, target: Task, request: number, fn: string): number => {
  const object = taskLabel(smack, target)
  const decision = currentCheck(smack, object, request, fn, 'task', target)
  noteTask(smack, target, request, decision)
  return errnoOf(smack, decision, currentLabel(smack), object, request)
}

export const taskHooks: HookTable<Smack> = {
  task_setpgid: (smack, p) => onTask(smack, p, MAY_WRITE, 'smack_task_setpgid'),
  task_getpgid: (smack, p) => onTask(smack, p, MAY_READ, 'smack_task_getpgid'),
  task_getsid: (smack, p) => onTask(smack, p, MAY_READ, 'smack_task_getsid'),
  task_setnice: (smack, p) => onTask(smack, p, MAY_WRITE, 'smack_task_setnice'),
  task_setioprio: (smack, p) => onTask(smack, p, MAY_WRITE, 'smack_task_setioprio'),
  task_getioprio: (smack, p) => onTask(smack, p, MAY_READ, 'smack_task_getioprio'),
  task_setscheduler: (smack, p) => onTask(smack, p, MAY_WRITE, 'smack_task_setscheduler'),
  task_getscheduler: (smack, p) => onTask(smack, p, MAY_READ, 'smack_task_getscheduler'),
  task_movememory: (smack, p) => onTask(smack, p, MAY_WRITE, 'smack_task_movememory'),

  /** Signal 0 only asks whether the task is there. With a cred (USB) no privilege counts. */
  task_kill(smack, p, _info, sig, cred) {
    if (sig === 0) return 0
    const request = deliver(smack)
    if (cred === null) return onTask(smack, p, request, 'smack_task_kill')
    const subject = smack.blobs.cred(cred).label
    const object = taskLabel(smack, p)
    const decision = rawCheck(smack, subject, object, request, 'smack_task_kill', 'task', p)
    noteLabels(smack, 'USB signal', subject, object, request, decision)
    return errnoOf(smack, decision, subject, object, request)
  },

  /** /proc/PID is labelled as its task. */
  task_to_inode(smack, p: Task, inode: Inode) {
    const state = smack.blobs.inode(inode)
    state.label = taskLabel(smack, p)
    state.flags |= SMK_INODE_INSTANT
  },
}

/** MAY_DELIVER: what a signal needs. */
export const deliver = ({ build }: Smack): number => (build.appendSignals ? MAY_APPEND : MAY_WRITE)
