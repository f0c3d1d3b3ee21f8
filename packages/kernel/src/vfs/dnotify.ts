/** Old directory notification: a signal when a directory changes (F_NOTIFY, fs/notify/dnotify). */
import { IN_ACCESS, IN_ATTRIB, IN_CREATE, IN_DELETE, IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { FS_EVENT_ON_CHILD } from '../state/vfs/fsnotify.ts'
import type { Mark, NotifyGroup } from '../state/vfs/fsnotify.ts'
import { fileState } from '../state/vfs/state.ts'
import type { FileWatcher } from '../state/vfs/state.ts'
import { send_sigio } from './owner.ts'

const DN_MULTISHOT = 0x80000000
/** DN_ACCESS, DN_MODIFY, DN_CREATE, DN_DELETE, DN_RENAME, DN_ATTRIB. */
const EVENTS: readonly (readonly [dn: number, mask: number])[] = [
  [1, IN_ACCESS], [2, IN_MODIFY], [4, IN_CREATE | IN_MOVED_TO], [8, IN_DELETE | IN_MOVED_FROM],
  [0x10, IN_MOVED_FROM | IN_MOVED_TO], [0x20, IN_ATTRIB],
]

const marks = new WeakMap<File, Mark & FileWatcher>()

export const unwatchDirectory = (machine: Machine, file: File): void => {
  const mark = marks.get(file)
  if (mark === undefined) return
  marks.delete(file)
  fileState(file).rare?.watchers?.delete(mark)
  fileState(file).uncharge(COST.watch)
  machine.fsnotify.remove(mark)
}

/** Signals the owner of `file` once, or each time with DN_MULTISHOT. */
export const watchDirectory = (machine: Machine, file: File, arg: number): void => {
  unwatchDirectory(machine, file)
  const mask = EVENTS.reduce((sum, [dn, bits]) => ((arg & dn) !== 0 ? sum | bits : sum), FS_EVENT_ON_CHILD)
  const group: NotifyGroup = {
    handle() {
      send_sigio(machine, file)
      if ((arg & DN_MULTISHOT) === 0) unwatchDirectory(machine, file)
      return 0
    },
    freed: () => unwatchDirectory(machine, file),
  }
  const fileEnded = (): void => unwatchDirectory(machine, file)
  const mark: Mark & FileWatcher = { group, target: file.f_inode, mask, ignored: 0, fileEnded }
  marks.set(file, mark)
  machine.fsnotify.add(mark)
  // each file has at most one
  fileState(file).force(COST.watch)
  ;(fileState(file).makeRare().watchers ??= new Set()).add(mark)
}
