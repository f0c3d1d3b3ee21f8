/** Filters as `struct sock_filter` in a file, as bwrap's `--seccomp` and libseccomp's export have them. */
import { checkFilter } from '@lsmkit/kernel'
import type { SockFilter } from '@lsmkit/kernel'
import { badFile } from '../emit-error.ts'

const SIZE = 8

export const filterBytes = (filter: readonly SockFilter[]): Uint8Array => {
  const bytes = new Uint8Array(filter.length * SIZE)
  const view = new DataView(bytes.buffer)
  for (const [at, { code, jt, jf, k }] of filter.entries()) {
    view.setUint16(at * SIZE, code, true)
    view.setUint8(at * SIZE + 2, jt)
    view.setUint8(at * SIZE + 3, jf)
    view.setUint32(at * SIZE + 4, k >>> 0, true)
  }
  return bytes
}

/** Throws EmitError for what the kernel would not take. */
export const filterOf = (bytes: Uint8Array): SockFilter[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const filter = Array.from({ length: Math.floor(bytes.length / SIZE) }, (_, at) => ({
    code: view.getUint16(at * SIZE, true), jt: view.getUint8(at * SIZE + 2), jf: view.getUint8(at * SIZE + 3),
    k: view.getUint32(at * SIZE + 4, true),
  }))
  if (bytes.length % SIZE !== 0 || checkFilter(filter) !== 0) {
    throw badFile('filter', 'it is not a filter that the kernel takes')
  }
  return filter
}
