/** Performance events and io_uring. */
import {
  EINVAL, PERF_SECURITY_CPU, PERF_SECURITY_KERNEL, PERF_SECURITY_OPEN, PERF_SECURITY_TRACEPOINT,
} from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { currentHas, inodeState, selfHas } from '../checks.ts'
import { AV, laterPermission, SECCLASS } from '../class-map.ts'
import { credSid, currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { perf_event: perf, io_uring } = AV
const opens = new Map([
  [PERF_SECURITY_OPEN, perf.open], [PERF_SECURITY_CPU, perf.cpu], [PERF_SECURITY_KERNEL, perf.kernel],
  [PERF_SECURITY_TRACEPOINT, perf.tracepoint],
])

export const perfHooks: HookTable<Selinux> = {
  perf_event_open(selinux, type) {
    const perm = opens.get(type)
    return perm === undefined ? -EINVAL : selfHas(selinux, SECCLASS.perf_event, perm)
  },
  perf_event_alloc(selinux, event) {
    selinux.blobs.perf_event(event).sid = currentSid(selinux)
    return 0
  },
  perf_event_read: (selinux, event) =>
    currentHas(selinux, selinux.blobs.perf_event(event).sid, SECCLASS.perf_event, perf.read),
  perf_event_write: (selinux, event) =>
    currentHas(selinux, selinux.blobs.perf_event(event).sid, SECCLASS.perf_event, perf.write),
}

const ALLOWED = laterPermission('io_uring', 'allowed')

export const uringHooks: HookTable<Selinux> = {
  uring_override_creds: (selinux, next) =>
    currentHas(selinux, credSid(selinux, next), SECCLASS.io_uring, io_uring.override_creds),
  /** Asked since 6.15. */
  uring_allowed: (selinux) => selfHas(selinux, SECCLASS.io_uring, ALLOWED),
  uring_sqpoll: (selinux) => selfHas(selinux, SECCLASS.io_uring, io_uring.sqpoll),
  uring_cmd: (selinux, { file }) =>
    selinux.avc.hasPerm(
      currentSid(selinux), inodeState(selinux, file.f_inode).sid, SECCLASS.io_uring, io_uring.cmd, 'file', file,
    ),
}
