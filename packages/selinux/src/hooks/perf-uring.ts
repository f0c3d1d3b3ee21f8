/** Performance events and io_uring. */
import {
  EINVAL, PERF_SECURITY_CPU, PERF_SECURITY_KERNEL, PERF_SECURITY_OPEN, PERF_SECURITY_TRACEPOINT,
} from '@lsmkit/abi'
import type { HookGroup } from '@lsmkit/core'
import { currentHas, inodeState, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { credSid, currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { perf_event: perf, io_uring } = AV
const opens = new Map([
  [PERF_SECURITY_OPEN, perf.open], [PERF_SECURITY_CPU, perf.cpu], [PERF_SECURITY_KERNEL, perf.kernel],
  [PERF_SECURITY_TRACEPOINT, perf.tracepoint],
])

export const perfHooks = (selinux: Selinux): HookGroup => {
  const { perf_event: stateOf } = selinux.blobs
  return {
    perf_event_open(type) {
      const perm = opens.get(type)
      return perm === undefined ? -EINVAL : selfHas(selinux, SECCLASS.perf_event, perm)
    },
    perf_event_alloc(event) {
      stateOf(event).sid = currentSid(selinux)
      return 0
    },
    perf_event_read: (event) => currentHas(selinux, stateOf(event).sid, SECCLASS.perf_event, perf.read),
    perf_event_write: (event) => currentHas(selinux, stateOf(event).sid, SECCLASS.perf_event, perf.write),
  }
}

export const uringHooks = (selinux: Selinux): HookGroup => ({
  uring_override_creds: (next) =>
    currentHas(selinux, credSid(selinux, next), SECCLASS.io_uring, io_uring.override_creds),
  uring_sqpoll: () => selfHas(selinux, SECCLASS.io_uring, io_uring.sqpoll),
  uring_cmd: ({ file }) =>
    selinux.avc.hasPerm(
      currentSid(selinux), inodeState(selinux, file.f_inode).sid, SECCLASS.io_uring, io_uring.cmd, 'file', file,
    ),
})
