/** The system calls of the LSM framework (security/lsm_syscalls.c). */
import { lsm_list_modules } from '@lsmkit/core'
import type { KeyMap, Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

export const lsmSyscalls = (lsm: KeyMap, machine: Machine) => ({
  /** `size`: room in `ctx` on the way in, what is needed or was written on the way out. */
  lsm_get_self_attr: (attr: number, ctx: Uint8Array | null, size: Ref<number> | null, flags: number): number =>
    lsm.getselfattr.ask(attr, ctx, size, flags),
  lsm_set_self_attr: (attr: number, ctx: Uint8Array | null, size: number, flags: number): number =>
    lsm.setselfattr.ask(attr, ctx, size, flags),
  lsm_list_modules: (ids: Uint8Array | null, size: Ref<number> | null, flags: number): number =>
    lsm_list_modules(machine.stack.ids, ids, size, flags),
})
