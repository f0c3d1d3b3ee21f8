/**
 * System calls that a box answers otherwise than the host: those that need a privilege, which programs of a box never
 * have, and those that reach what a box has for itself and a host shares.
 */
import { syscallTable } from '@lsmkit/abi/syscall-name'
import { hostCalls } from '@lsmkit/sandbox/policy-parts'
import type { BoxAnswer } from '@lsmkit/sandbox/policy-parts'

export interface CallRow {
  readonly kind: BoxAnswer
  /** The capability that the kernel asks for; null for none. */
  readonly capability: string | null
}

/** By name. Every other call of the table is an ordinary one. */
export const specialCalls: ReadonlyMap<string, CallRow> = new Map([...hostCalls].flatMap(
  ([name, { box: kind, capability }]) => (kind === null ? [] : [[name, { kind, capability }] as const])))

/** Names of the calls of x86-64, by their numbers. */
export const callNames = (): readonly string[] => syscallTable.entries().map(([name]) => name.slice('SYS_'.length))
