/**
 * The hooks behind lsm_get_self_attr(2), lsm_set_self_attr(2), /proc/PID/attr and prctl(2): who answers is chosen
 * by id.
 */
import { EINVAL, ENOSYS } from '@lsmkit/abi'
import { lsm_get_self_attr, lsm_set_self_attr } from '../attributes.ts'
import type { Ref } from '../objects/ref.ts'
import type { Task } from '../objects/task.ts'
import { busy } from './shape.ts'
import type { Shape } from './shape.ts'
import type { Guarded } from '../dispatch/slot.ts'

/** The first LSM on the hook, whoever it is, for id 0; else the one with the id. Its word is final. */
export const chosen = (members: readonly Guarded[], lsmid: number): Guarded | undefined =>
  lsmid === 0 ? members[0] : members.find((member) => member.id === lsmid)

export const attributeShapes: Readonly<Record<string, Shape>> = {
  getselfattr: {
    walk: (members) => (attr: number, ctx: Uint8Array | null, size: Ref<number | null> | null, flags: number): number =>
      lsm_get_self_attr(members(), attr, ctx, size, flags),
    idle: busy,
  },
  setselfattr: {
    walk: (members) => (attr: number, ctx: Uint8Array | null, size: number, flags: number): number =>
      lsm_set_self_attr(members(), attr, ctx, size, flags),
    idle: busy,
  },
  getprocattr: {
    walk: (members) => (p: Task, lsmid: number, name: string, value: Ref<string | null>): number =>
      chosen(members(), lsmid)?.fn(p, name, value) ?? -EINVAL,
  },
  setprocattr: {
    walk: (members) => (lsmid: number, name: string, value: Uint8Array, size: number): number =>
      chosen(members(), lsmid)?.fn(name, value, size) ?? -EINVAL,
  },
  /** -ENOSYS is not an opinion; 0 is one, but lets the others speak; anything else is the answer. */
  task_prctl: {
    walk: (members) => (option: number, arg2: number, arg3: number, arg4: number, arg5: number): number => {
      let rc = -ENOSYS
      for (const { fn } of members()) {
        const own = fn(option, arg2, arg3, arg4, arg5)
        if (own === -ENOSYS) continue
        rc = own
        if (own !== 0) break
      }
      return rc
    },
  },
}
