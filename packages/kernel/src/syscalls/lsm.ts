/** The system calls of the LSM framework (security/lsm_syscalls.c). */
import { PAGE_SIZE } from '@lsmkit/abi'
import { lsm_list_modules } from '@lsmkit/core'
import type { KeyMap, Ref } from '@lsmkit/core'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'

/** More than all attributes of a task take, each of which is a page at most. */
const ROOM_MAX = 16 * PAGE_SIZE

/** Modules fill memory of the kernel, which is then the caller's: they cannot be shown what another thread writes. */
const filling = (bytes: GuestBytes | null, fill: (room: Uint8Array | null) => number): number => {
  if (bytes === null) return fill(null)
  const room = copyIn(bytes, 0, ROOM_MAX)
  const rc = fill(room)
  copyOut(room, bytes)
  return rc
}

export const lsmSyscalls = (lsm: KeyMap, machine: Machine) => ({
  /** `size`: room in `ctx` on the way in, what is needed or was written on the way out. */
  lsm_get_self_attr: (attr: number, ctx: GuestBytes | null, size: Ref<number> | null, flags: number): number =>
    filling(ctx, (room) => lsm.getselfattr.ask(attr, room, size, flags)),
  lsm_set_self_attr: (attr: number, ctx: GuestBytes | null, size: number, flags: number): number =>
    lsm.setselfattr.ask(attr, ctx === null ? null : copyIn(ctx, 0, PAGE_SIZE), size, flags),
  lsm_list_modules: (ids: GuestBytes | null, size: Ref<number> | null, flags: number): number =>
    filling(ids, (room) => lsm_list_modules(machine.stack.ids, room, size, flags)),
})
