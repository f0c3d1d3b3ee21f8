/** Labels of tasks and files, as init reads them. */
import { XATTR_NAME_SELINUX } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'
import { readText } from './boot-log.ts'

/** The text of /proc/PID/attr/current; null if init may not read it, or no LSM has labels. */
export const labelOfTask = (kernel: Kernel, pid: number): string | null =>
  readText(kernel, `/proc/${pid}/attr/current`).replace(/[\0\n]+$/, '') || null

/** SELinux's; null where init may not read it. */
export const labelOfFile = ({ sys, init }: Kernel, path: string): string | null => {
  const bytes = new Uint8Array(4096)
  const length = sys.getxattr(init, path, XATTR_NAME_SELINUX, bytes)
  return length < 0 ? null : new TextDecoder().decode(bytes.subarray(0, length)).replace(/\0+$/, '')
}
