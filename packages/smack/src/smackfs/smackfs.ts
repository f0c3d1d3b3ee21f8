/** smackfs: the declared files. A kernel mounts them at /sys/fs/smackfs; the file of each subject has its code. */
import { SMACK_MAGIC } from '@lsmkit/abi'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import type { Smack } from '../state.ts'
import { accessFiles } from './access-files.ts'
import { cipsoFiles } from './cipso-files.ts'
import { labelFiles } from './label-files.ts'
import { listFiles } from './list-files.ts'
import { numberFiles } from './number-files.ts'
import { ruleFiles } from './rule-files.ts'

export const smackfs = (smack: Smack): PseudoFs => {
  const declared: readonly PseudoFile[] = [
    ...ruleFiles(smack), ...accessFiles(smack), ...cipsoFiles(smack), ...numberFiles(smack), ...labelFiles(smack),
    ...listFiles(smack),
  ]
  return { type: 'smackfs', magic: SMACK_MAGIC, mountPoint: '/sys/fs/smackfs', files: () => declared }
}
