/** Handles of files: `name_to_handle_at`, `open_by_handle_at`. */
import { fileHandleSyscalls } from '../../syscalls/file-handles.ts'
import type { Subsystem } from '../subsystem.ts'

export const fileHandles: Subsystem = {
  name: 'file-handles',
  calls: [{ calls: fileHandleSyscalls, subsystem: 'file-handles' }],
  setUp() {},
}
