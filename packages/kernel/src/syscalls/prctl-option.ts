/** Types of the options of prctl(2). */
import { EFAULT } from '@lsmkit/abi'
import type { Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { SockFprog } from './classic-filter.ts'

/** Parts of a program that PR_SET_MM moves. */
export type Place =
  | 'start_code'
  | 'end_code'
  | 'start_data'
  | 'end_data'
  | 'start_stack'
  | 'start_brk'
  | 'brk'
  | 'arg_start'
  | 'arg_end'
  | 'env_start'
  | 'env_end'

/** `struct prctl_mm_map`: every place, bytes of an auxiliary vector, and the file that is the program. */
export interface PrctlMmMap extends Readonly<Record<Place, number>> {
  readonly auxv: GuestBytes | null
  /** 0xffffffff: no change. */
  readonly exe_fd: number
}
/** An argument: a number, text, or where an answer goes. */
export type PrctlArg =
  number | string | Ref<number> | Ref<string> | Ref<Uint8Array> | GuestBytes | SockFprog | PrctlMmMap | null | undefined

/** `raw`: the arguments as the caller gives them, without the option. */
export type Option = (
  machine: Machine, task: Task, arg2: number, arg3: number, arg4: number, arg5: number, raw: readonly PrctlArg[],
) => number

export const put = <T extends number | string | Uint8Array>(arg: PrctlArg, value: T): number => {
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  ;(arg as Ref<T>).value = value
  return 0
}
