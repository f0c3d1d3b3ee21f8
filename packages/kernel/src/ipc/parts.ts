/** Modes and the time, as all calls of System V IPC use them. */
import type { Machine } from '../machine.ts'

export const S_IRUGO = 0o444
export const S_IWUGO = 0o222

export const secondsNow = (machine: Machine): number => machine.now().sec
