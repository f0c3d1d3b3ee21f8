/** How far the kernel is locked down: one of three levels for the whole machine, which only rises. */
import { EPERM, LOCKDOWN_CONFIDENTIALITY_MAX, LOCKDOWN_INTEGRITY_MAX, LOCKDOWN_NONE } from '@lsmkit/abi'
import type { LsmContext } from '@lsmkit/core'

export type LockdownLevel = 'none' | 'integrity' | 'confidentiality'

/** By name, lowest first: the highest reason that each restricts. */
export const levels: ReadonlyMap<LockdownLevel, number> = new Map([
  ['none', LOCKDOWN_NONE],
  ['integrity', LOCKDOWN_INTEGRITY_MAX],
  ['confidentiality', LOCKDOWN_CONFIDENTIALITY_MAX],
])

/** Undefined for a text that names no level. */
export const levelOf = (text: string): number | undefined => levels.get(text as LockdownLevel)

/** The state of one stack's Lockdown. */
export interface Lockdown {
  readonly ctx: LsmContext
  readonly printk: (line: string) => void
  /** Takes a line for the kernel log, as often as the log's rate limit allows. */
  readonly log: (line: string) => void
  /** A value of `levels`. */
  level: number
}

/** As `lock_kernel_down`: 0, or -EPERM for a level that is not above the one there is. */
export const lockKernelDown = (lockdown: Lockdown, where: string, level: number): number => {
  if (lockdown.level >= level) return -EPERM
  lockdown.level = level
  lockdown.printk(`Kernel is locked down from ${where}; see man kernel_lockdown.7`)
  return 0
}
