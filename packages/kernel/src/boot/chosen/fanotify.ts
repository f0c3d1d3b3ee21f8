/** fanotify: events of files and mounts, and questions about them. */
import { fanotifySyscalls } from '../../syscalls/fanotifies.ts'
import type { Subsystem } from '../subsystem.ts'

export const fanotify: Subsystem = {
  name: 'fanotify',
  calls: [{ calls: fanotifySyscalls, subsystem: 'fanotify' }],
  setUp() {},
}
