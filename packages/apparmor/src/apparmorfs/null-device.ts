/** `.null`: what stands in for descriptors that were taken. Every use of it is refused, to unconfined tasks too. */
import { S_ISCHR } from '@lsmkit/abi'
import type { File, Path, PseudoDevice } from '@lsmkit/core'
import type { Apparmor } from '../state.ts'

const NAME = 'apparmor/.null'
/** MEM_MAJOR, and the null device among its minors. */
const MAJOR = 1
const MINOR = 3

export const nullDevice: PseudoDevice = { kind: 'chr', name: NAME, mode: 0o666, major: MAJOR, minor: MINOR }

/** `aa_null`. Null on a host without securityfs. */
export const nullPath = ({ ctx }: Apparmor): Path | null =>
  ctx.host.pseudo_path?.({ type: 'securityfs', path: NAME }) ?? null

/** Whether a file is that device, however it was opened. */
export const isNullDevice = (aa: Apparmor, { f_path: { dentry } }: File): boolean =>
  dentry.d_inode !== null && S_ISCHR(dentry.d_inode.i_mode) && dentry.d_name.name === '.null' &&
  nullPath(aa)?.dentry === dentry
