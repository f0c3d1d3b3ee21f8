/** Memory policies of processors with memory of their own. */
import { numaSyscalls } from '../../syscalls/numa.ts'
import type { Subsystem } from '../subsystem.ts'

export const numa: Subsystem = {
  name: 'numa',
  calls: [{ calls: numaSyscalls, subsystem: 'numa' }],
  setUp() {},
}
