/** selinuxfs: the declared files. A kernel mounts them at /sys/fs/selinux; the file of each subject has its code. */
import { SELINUX_MAGIC } from '@lsmkit/abi'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import type { Selinux } from '../state.ts'
import { classFiles } from './class-files.ts'
import { policyFiles } from './policy-files.ts'
import { questionFiles } from './question-files.ts'
import { statusFiles } from './status-files.ts'

export const selinuxfs = (selinux: Selinux): PseudoFs => {
  const fixed = [...statusFiles(selinux), ...questionFiles(selinux)]
  let made: { seqno: number; files: readonly PseudoFile[] } | null = null
  /** Booleans and classes come with a policy: the list is made anew after each load. */
  const files = (): readonly PseudoFile[] => {
    const { seqno } = selinux.server
    if (made?.seqno !== seqno) made = { seqno, files: [...fixed, ...policyFiles(selinux), ...classFiles(selinux)] }
    return made.files
  }
  return { type: 'selinuxfs', magic: SELINUX_MAGIC, mountPoint: '/sys/fs/selinux', files }
}
