/** The system calls of the LSM framework (security/lsm_syscalls.c). */
import { PAGE_SIZE } from '@lsmkit/abi'
import { lsm_list_modules as listModules } from '@lsmkit/core'
import type { Ref } from '@lsmkit/core'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'

/** More than all attributes of a task take: each takes a page at most. */
const ROOM_MAX = 16 * PAGE_SIZE

/** Modules fill memory of the kernel, which is then copied out: they never see what another thread writes meanwhile. */
const fillCopy = (bytes: GuestBytes | null, fill: (room: Uint8Array | null) => number): number => {
  if (bytes === null) return fill(null)
  const room = copyIn(bytes, 0, ROOM_MAX)
  const rc = fill(room)
  copyOut(room, bytes)
  return rc
}

/** `size` is the room in `ctx`; the call sets it to the bytes that it wrote or would need. */
const lsm_get_self_attr = (
  machine: Machine, attr: number, ctx: GuestBytes | null, size: Ref<number> | null, flags: number,
): number =>
  fillCopy(ctx, (room) => machine.lsm.getselfattr.ask(attr, room, size, flags))

const lsm_set_self_attr = (
  machine: Machine, attr: number, ctx: GuestBytes | null, size: number, flags: number,
): number =>
  machine.lsm.setselfattr.ask(attr, ctx === null ? null : copyIn(ctx, 0, PAGE_SIZE), size, flags)

const lsm_list_modules = (machine: Machine, ids: GuestBytes | null, size: Ref<number> | null, flags: number): number =>
  fillCopy(ids, (room) => listModules(machine.stack.ids, room, size, flags))

export const lsmSyscalls = { lsm_get_self_attr, lsm_set_self_attr, lsm_list_modules }
