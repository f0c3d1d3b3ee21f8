/** Tracing: reading another task is reading its files, everything else is process ptrace. */
import { PTRACE_MODE_READ } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { currentSid, taskSid } from '../state.ts'
import type { Selinux } from '../state.ts'

export const ptraceHooks: HookTable<Selinux> = {
  ptrace_access_check(selinux, child, mode) {
    const sid = taskSid(selinux, child)
    if ((mode & PTRACE_MODE_READ) !== 0) return currentHas(selinux, sid, SECCLASS.file, AV.file.read)
    return currentHas(selinux, sid, SECCLASS.process, AV.process.ptrace)
  },

  ptrace_traceme: (selinux, parent) =>
    selinux.avc.hasPerm(
      taskSid(selinux, parent), currentSid(selinux), SECCLASS.process, AV.process.ptrace, 'nothing', null,
    ),
}
