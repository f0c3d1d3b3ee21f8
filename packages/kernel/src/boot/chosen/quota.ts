/** Quotas of file systems: `quotactl`. */
import { quotaSyscalls } from '../../syscalls/quotas.ts'
import type { Subsystem } from '../subsystem.ts'

export const quota: Subsystem = {
  name: 'quota',
  calls: [{ calls: quotaSyscalls, subsystem: 'quota' }],
  setUp() {},
}
