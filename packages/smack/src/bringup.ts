/** Kernel log messages about access that was allowed on trial, or to an unconfined label (smk_bu_note and its kin). */
import { MAY_APPEND, MAY_WRITE } from '@lsmkit/abi'
import type { Cred, File, Inode, Task } from '@lsmkit/core'
import { SMK_INODE_IMPURE } from './blobs.ts'
import { BRINGUP, isReported, UNCONFINED_OBJECT, UNCONFINED_SUBJECT, verdictCode } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Label } from './label.ts'
import { MAY_BRINGUP, modesText } from './modes.ts'
import { currentLabel, taskLabel } from './state.ts'
import type { Smack } from './state.ts'

const headings: Readonly<Record<number, string>> = {
  [BRINGUP]: 'Bringup',
  [UNCONFINED_SUBJECT]: 'Unconfined Subject',
  [UNCONFINED_OBJECT]: 'Unconfined Object',
}

const note = (smack: Smack, decision: Decision, subject: Label, object: Label, modes: number, tail: string): void => {
  const { labels } = smack.policy
  const letters = modesText(modes & ~MAY_BRINGUP) || '-'
  const heading = headings[verdictCode(decision)]
  smack.printk(`Smack ${heading}: (${labels.text(subject)} ${labels.text(object)} ${letters}) ${tail}`)
}

/** `Smack Bringup: (A B r) UDS connect` */
export const noteLabels = (
  smack: Smack,
  text: string,
  subject: Label,
  object: Label,
  modes: number,
  decision: Decision,
): void => {
  if (isReported(decision)) note(smack, decision, subject, object, modes, text)
}

/** `… (A B r) cat statfs`: a task's cred against something that has no place. */
export const noteTaskTo = (
  smack: Smack,
  task: Task,
  subject: Label,
  text: string,
  object: Label,
  modes: number,
  decision: Decision,
): void => {
  if (isReported(decision)) note(smack, decision, subject, object, modes, `${task.comm} ${text}`)
}

export const noteCurrent = (smack: Smack, text: string, object: Label, modes: number, decision: Decision): void =>
  noteTaskTo(smack, smack.ctx.current.task, currentLabel(smack), text, object, modes, decision)

/** `… (A B w) cat to sh` */
export const noteTask = (smack: Smack, other: Task, modes: number, decision: Decision): void => {
  if (!isReported(decision)) return
  const tail = `${smack.ctx.current.task.comm} to ${other.comm}`
  note(smack, decision, currentLabel(smack), taskLabel(smack, other), modes, tail)
}

const place = ({ i_sb, i_ino }: Inode): string => `${i_sb.s_id} ${i_ino}`

/** An inode that an unconfined task has written to is told of at every use. */
const noteImpure = (smack: Smack, inode: Inode): void => {
  if ((smack.blobs.inode(inode).flags & SMK_INODE_IMPURE) === 0) return
  smack.printk(`Smack Unconfined Corruption: inode=(${place(inode)}) ${smack.ctx.current.task.comm}`)
}

/** `… (A B w) inode=(tmpfs 7) cat`; marks the inode when an unconfined task writes to it. */
export const noteInode = (smack: Smack, inode: Inode, modes: number, decision: Decision): void => {
  if (!smack.policy.bringup) return
  noteImpure(smack, inode)
  if (!isReported(decision)) return
  const state = smack.blobs.inode(inode)
  if (verdictCode(decision) === UNCONFINED_SUBJECT && (modes & (MAY_WRITE | MAY_APPEND)) !== 0) {
    state.flags |= SMK_INODE_IMPURE
    state.granted = 0
  }
  const tail = `inode=(${place(inode)}) ${smack.ctx.current.task.comm}`
  note(smack, decision, currentLabel(smack), state.label, modes, tail)
}

/** `… (A B r) file=(tmpfs 7 name) cat` of the cred a file was opened with, or of the running task. */
export const noteFile = (smack: Smack, file: File, cred: Cred, modes: number, decision: Decision): void => {
  if (!smack.policy.bringup) return
  const inode = file.f_inode
  noteImpure(smack, inode)
  if (!isReported(decision)) return
  const tail = `file=(${place(inode)} ${file.f_path.dentry.d_name.name}) ${smack.ctx.current.task.comm}`
  note(smack, decision, smack.blobs.cred(cred).label, smack.blobs.inode(inode).label, modes, tail)
}
