/** args_get, args_sizes_get, environ_get, environ_sizes_get. */
import { WASI_ERRNO_FAULT, WASI_ERRNO_SUCCESS } from '@lsmkit/abi'
import type { Process } from '../process.ts'
import type { StringList } from '../string-list.ts'
import type { Preview1 } from './table.ts'

export const argsImports = ({ memory, argv, environ }: Process) => {
  const get = (list: StringList, pointers: number, buffer: number): number => {
    pointers >>>= 0
    buffer >>>= 0
    if (!memory.has(pointers, list.count * 4) || !memory.has(buffer, list.bytes.length)) return WASI_ERRNO_FAULT
    memory.bytes.set(list.bytes, buffer)
    list.starts.forEach((start, i) => memory.view.setUint32(pointers + i * 4, buffer + start, true))
    return WASI_ERRNO_SUCCESS
  }
  const sizes = (list: StringList, count: number, size: number): number => {
    count >>>= 0
    size >>>= 0
    if (!memory.has(count, 4) || !memory.has(size, 4)) return WASI_ERRNO_FAULT
    memory.view.setUint32(count, list.count, true)
    memory.view.setUint32(size, list.bytes.length, true)
    return WASI_ERRNO_SUCCESS
  }
  return {
    args_get: (pointers, buffer) => get(argv, pointers, buffer),
    args_sizes_get: (count, size) => sizes(argv, count, size),
    environ_get: (pointers, buffer) => get(environ, pointers, buffer),
    environ_sizes_get: (count, size) => sizes(environ, count, size),
  } satisfies Partial<Preview1>
}
