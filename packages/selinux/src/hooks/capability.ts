/** Capabilities: the domain must have them too. */
import { CAP_OPT_NOAUDIT, CAP_SYS_ADMIN } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { credHasCapability, currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { credSid, taskSid } from '../state.ts'
import type { Selinux } from '../state.ts'

export const capabilityHooks: HookTable<Selinux> = {
  capget: (selinux, target) => currentHas(selinux, taskSid(selinux, target), SECCLASS.process, AV.process.getcap),

  capset: (selinux, next, old) =>
    selinux.avc.hasPerm(
      credSid(selinux, old), credSid(selinux, next), SECCLASS.process, AV.process.setcap, 'nothing', null,
    ),

  capable: (selinux, cred, ns, cap, opts) => credHasCapability(selinux, cred, cap, opts, ns.parent === null),

  /** Whether the reserve for administrators may be used; a refusal is not recorded. */
  vm_enough_memory: (selinux) =>
    credHasCapability(selinux, selinux.ctx.current.task.cred, CAP_SYS_ADMIN, CAP_OPT_NOAUDIT, true),
}
