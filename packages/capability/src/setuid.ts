/** The effect of leaving and reaching user id 0 on capabilities, as functions of values (`cap_task_fix_setuid`). */
import {
  CAP_EMPTY_SET, CAP_FS_SET, capAssign, capIntersect, capUnion, capWithout, EINVAL, LSM_SETID_FS, LSM_SETID_ID,
  LSM_SETID_RE, LSM_SETID_RES, SECBIT_KEEP_CAPS, SECBIT_NO_SETUID_FIXUP,
} from '@lsmkit/abi'
import { make_kuid } from '@lsmkit/core'
import type { Cred, HookGroup } from '@lsmkit/core'

type SetIdCred = Pick<Cred, 'uid' | 'euid' | 'suid' | 'fsuid' | 'cap_permitted' | 'cap_effective' | 'cap_ambient'>

/** As `cap_emulate_setxuid`, for setuid, setreuid and setresuid: changes `next`. `root` is the kuid of uid 0. */
export const fixSetxuid = (next: SetIdCred, old: Readonly<SetIdCred>, root: number, keepCaps: boolean): void => {
  const wasRoot = old.uid === root || old.euid === root || old.suid === root
  const isRoot = next.uid === root || next.euid === root || next.suid === root
  if (wasRoot && !isRoot) {
    if (!keepCaps) {
      capAssign(next.cap_permitted, CAP_EMPTY_SET)
      capAssign(next.cap_effective, CAP_EMPTY_SET)
    }
    capAssign(next.cap_ambient, CAP_EMPTY_SET)
  }
  if (old.euid === root && next.euid !== root) capAssign(next.cap_effective, CAP_EMPTY_SET)
  if (old.euid !== root && next.euid === root) capAssign(next.cap_effective, next.cap_permitted)
}

/** For setfsuid: the capabilities that concern files go with fsuid 0 and come back with it. */
export const fixSetfsuid = (next: SetIdCred, old: Readonly<SetIdCred>, root: number): void => {
  if (old.fsuid === root && next.fsuid !== root)
    capAssign(next.cap_effective, capWithout(next.cap_effective, CAP_FS_SET))
  if (old.fsuid !== root && next.fsuid === root)
    capAssign(next.cap_effective, capUnion(next.cap_effective, capIntersect(next.cap_permitted, CAP_FS_SET)))
}

export const setuidHooks = (): HookGroup => ({
  /** `old` is the caller's; `flags` is one of LSM_SETID_*. */
  task_fix_setuid(next: Cred, old: Cred, flags: number): number {
    const fixup = (old.securebits & SECBIT_NO_SETUID_FIXUP) === 0
    switch (flags) {
      case LSM_SETID_RE:
      case LSM_SETID_ID:
      case LSM_SETID_RES:
        if (fixup) fixSetxuid(next, old, make_kuid(old.user_ns, 0), (old.securebits & SECBIT_KEEP_CAPS) !== 0)
        return 0
      case LSM_SETID_FS:
        if (fixup) fixSetfsuid(next, old, make_kuid(old.user_ns, 0))
        return 0
      default:
        return -EINVAL
    }
  },
})
