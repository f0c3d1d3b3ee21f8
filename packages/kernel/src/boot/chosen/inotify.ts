/** inotify: events of files and directories. */
import { inotifySyscalls } from '../../syscalls/inotifies.ts'
import type { Subsystem } from '../subsystem.ts'

export const inotify: Subsystem = {
  name: 'inotify',
  calls: [{ calls: inotifySyscalls, subsystem: 'inotify' }],
  setUp() {},
}
