/** Watching files: dnotify, inotify, fanotify. */
import {
  EINVAL, FAN_ACCESS, FAN_ACCESS_PERM, FAN_CLOSE_NOWRITE, FAN_OPEN_EXEC_PERM, FAN_OPEN_PERM,
} from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { pathHas, superblockHas } from '../checks.ts'
import { AV, laterPermission } from '../class-map.ts'
import type { Selinux } from '../state.ts'

/** What the mark is put on (`enum fsnotify_obj_type`). */
const FSNOTIFY_OBJ_TYPE_INODE = 0
const FSNOTIFY_OBJ_TYPE_VFSMOUNT = 1
const FSNOTIFY_OBJ_TYPE_SB = 2
/** Since 6.15. */
const FSNOTIFY_OBJ_TYPE_MNTNS = 3

/** Events that wait for an answer, and events that tell of reading. */
const PERM_EVENTS = FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM
const READ_EVENTS = FAN_ACCESS | FAN_ACCESS_PERM | FAN_CLOSE_NOWRITE

const { file: fileAv } = AV
const marks = new Map([
  [FSNOTIFY_OBJ_TYPE_INODE, fileAv.watch], [FSNOTIFY_OBJ_TYPE_VFSMOUNT, fileAv.watch_mount],
  [FSNOTIFY_OBJ_TYPE_SB, fileAv.watch_sb], [FSNOTIFY_OBJ_TYPE_MNTNS, laterPermission('file', 'watch_mountns')],
])

export const notifyHooks: HookTable<Selinux> = {
  path_notify(selinux, path, mask, type) {
    let perms = marks.get(type)
    if (perms === undefined || (type === FSNOTIFY_OBJ_TYPE_MNTNS && !selinux.release.watchesNamespaces)) return -EINVAL
    if (type === FSNOTIFY_OBJ_TYPE_SB) {
      const rc = superblockHas(selinux, path.dentry.d_sb, AV.filesystem.watch, 'path', path)
      if (rc !== 0) return rc
    }
    if ((mask & PERM_EVENTS) !== 0) perms |= fileAv.watch_with_perm
    if ((mask & READ_EVENTS) !== 0) perms |= fileAv.watch_reads
    return pathHas(selinux, path, perms)
  },
}
