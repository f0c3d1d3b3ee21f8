/** Asynchronous I/O: `io_setup` and what goes with it. */
import { aioSyscalls } from '../../syscalls/aio.ts'
import type { Subsystem } from '../subsystem.ts'

export const aio: Subsystem = {
  name: 'aio',
  calls: [{ calls: aioSyscalls, subsystem: 'aio' }],
  setUp() {},
}
