/** io_uring: rings of requests that the kernel answers in its own time. */
import { ioUringSyscalls } from '../../syscalls/uring/io-uring.ts'
import type { Subsystem } from '../subsystem.ts'

export const ioUring: Subsystem = {
  name: 'io-uring',
  calls: [{ calls: ioUringSyscalls, subsystem: 'io-uring' }],
  setUp() {},
}
