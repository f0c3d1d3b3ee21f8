/** Mapping files with a label for those who map them (SMACK64MMAP). */
import { EACCES } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { SMK_SB_UNTRUSTED } from '../blobs.ts'
import { coversRules } from '../mmap-access.ts'
import { currentState } from '../state.ts'
import type { Smack } from '../state.ts'
import { isPrivate } from './file.ts'

export const mmapHooks: HookTable<Smack> = {
  /** No privilege helps, and nothing is recorded. */
  mmap_file(smack, file) {
    if (file === null || isPrivate(file.f_inode)) return 0
    const { mmap } = smack.blobs.inode(file.f_inode)
    if (mmap === 0) return 0
    const sb = smack.blobs.superblock(file.f_inode.i_sb)
    if ((sb.flags & SMK_SB_UNTRUSTED) !== 0 && mmap !== sb.root) return -EACCES
    if (coversRules(smack.policy, currentState(smack), mmap)) return 0
    return smack.ctx.audit.deny(-EACCES, 'the mmap label lacks a rule', { mmap: smack.policy.labels.text(mmap) })
  },
}
