/** What the calls of System V IPC share: modes, and the time. */
import type { Machine } from '../machine.ts'

export const S_IRUGO = 0o444
export const S_IWUGO = 0o222

export const secondsNow = (machine: Machine): number => machine.now().sec
