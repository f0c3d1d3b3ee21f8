/** Performance events: `perf_event_open`. */
import { perfEventSyscalls } from '../../syscalls/perf-events.ts'
import type { Subsystem } from '../subsystem.ts'

export const perf: Subsystem = {
  name: 'perf',
  calls: [{ calls: perfEventSyscalls, subsystem: 'perf' }],
  setUp() {},
}
