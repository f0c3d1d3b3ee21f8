/** seccomp(2): filters on the calling thread, as bytes of `struct sock_filter`. */
import {
  EFAULT, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SECCOMP_SET_MODE_FILTER,
} from '@lsmkit/abi'
import type { System } from './system.ts'

/** One instruction of classic BPF. */
export interface FilterStep {
  readonly code: number
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** `struct sock_filter[]`: 8 bytes each. */
export const packFilter = (steps: readonly FilterStep[]): Uint8Array => {
  const bytes = new Uint8Array(8 * steps.length)
  const view = new DataView(bytes.buffer)
  steps.forEach(({ code, jt, jf, k }, i) => {
    view.setUint16(8 * i, code, true)
    view.setUint8(8 * i + 2, jt)
    view.setUint8(8 * i + 3, jf)
    view.setUint32(8 * i + 4, k >>> 0, true)
  })
  return bytes
}

/** `struct sock_fprog`: 16 bytes, a length and the address of the filter. */
export const packProgram = (length: number, address: bigint): Uint8Array => {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, length, true)
  view.setBigUint64(8, address, true)
  return bytes
}

/** Whether a filter takes the flag WAIT_KILLABLE_RECV: no filter is given, so none is put on. */
export const hasPatientListener = (system: System): boolean => {
  const flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
  return system.call('seccomp', SECCOMP_SET_MODE_FILTER, flags, null) === -EFAULT
}

/** Puts a filter on the calling thread: 0, a listener's descriptor with SECCOMP_FILTER_FLAG_NEW_LISTENER, or -errno. */
export const setFilter = (system: System, filter: Uint8Array, flags = 0): number =>
  system.call('seccomp', SECCOMP_SET_MODE_FILTER, flags, packProgram(filter.length / 8, system.address(filter)))
