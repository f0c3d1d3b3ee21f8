/** Prints system calls one by one, as strace does: the kernel's own watcher and text. */
import { strace } from '@lsmkit/kernel'

export const { callText, watchCalls } = strace
export type { CallWatcher, SystemCall } from '@lsmkit/kernel'
