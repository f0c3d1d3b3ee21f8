/** For tests: functions of WASI 0.2 called directly, over a memory that has no component in it. */
import type { Kernel } from '@lsmkit/kernel'
import { Callee } from '../component/callee.ts'
import { interfaces } from '../component/host/table.ts'
import { ComponentInstance } from '../component/instance.ts'
import type { Import } from '../guard.ts'
import { guestOn } from './guest.ts'
import type { GuestSetup } from './guest.ts'

/** `call` makes a call whose answer is at an address, which it hands to `read`. */
export const componentGuestOn = (kernel: Kernel, setup: GuestSetup = {}) => {
  const guest = guestOn(kernel, setup)
  const { process, room } = guest
  const callee = new Callee(process, process.memory, new ComponentInstance(), (_old, _length, align, size) =>
    Math.ceil(room(size + align) / align) * align)
  const made = new Map<string, Readonly<Record<string, Import>>>()
  const call = (from: string, name: string, ...words: readonly (number | bigint)[]): unknown => {
    const functions = made.get(from) ?? interfaces[`wasi:${from}`]!(callee)
    made.set(from, functions)
    return functions[name]!(...words) as unknown
  }
  const at = room(256)
  /** The case of a `result`, and what follows it from `align` on. */
  const result = <T>(ok: (at: number) => T, errors: readonly string[], align: number) =>
    (from: string, name: string, ...words: readonly (number | bigint)[]): T | string => {
      call(from, name, ...words, at)
      return guest.view().getUint8(at) === 0 ? ok(at + align) : errors[guest.view().getUint8(at + align)]!
    }
  return { ...guest, callee, call, result, at }
}
