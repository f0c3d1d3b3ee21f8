/** clock_res_get, clock_time_get. */
import {
  WASI_CLOCKID_MONOTONIC, WASI_CLOCKID_PROCESS_CPUTIME_ID, WASI_CLOCKID_REALTIME, WASI_CLOCKID_THREAD_CPUTIME_ID,
  WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS,
} from '@lsmkit/abi'
import type { Process } from '../process.ts'
import { setTimestamp, setU64 } from '../u64.ts'
import type { Preview1 } from './table.ts'

/** Nanoseconds; finer than most hosts' clocks really are. */
const RESOLUTION = 1000

/** Milliseconds of a preview 1 clock, null for one that is not there. A program's processor time is its time so far. */
export const readClock = ({ host, started }: Process, id: number): number | null => {
  switch (id) {
    case WASI_CLOCKID_REALTIME: return host.wallClock()
    case WASI_CLOCKID_MONOTONIC: return host.now()
    case WASI_CLOCKID_PROCESS_CPUTIME_ID: case WASI_CLOCKID_THREAD_CPUTIME_ID: return host.now() - started
    default: return null
  }
}

export const clockImports = (process: Process) => {
  const { memory } = process
  return {
    clock_res_get(id, resolution) {
      resolution >>>= 0
      if (id >>> 0 > WASI_CLOCKID_THREAD_CPUTIME_ID) return WASI_ERRNO_INVAL
      if (!memory.has(resolution, 8)) return WASI_ERRNO_FAULT
      setU64(memory.view, resolution, RESOLUTION)
      return WASI_ERRNO_SUCCESS
    },
    clock_time_get(id, _precision, time) {
      time >>>= 0
      const ms = readClock(process, id)
      if (ms === null) return WASI_ERRNO_INVAL
      if (!memory.has(time, 8)) return WASI_ERRNO_FAULT
      const sec = Math.floor(ms / 1000)
      setTimestamp(memory.view, time, sec, Math.floor((ms - sec * 1000) * 1e6))
      return WASI_ERRNO_SUCCESS
    },
  } satisfies Partial<Preview1>
}
