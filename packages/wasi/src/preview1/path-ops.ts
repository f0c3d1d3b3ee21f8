/** Names: path_create_directory, path_remove_directory, path_unlink_file, path_link, path_symlink, path_rename. */
import {
  AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, wasiErrno, WASI_ERRNO_NOTCAPABLE, WASI_LOOKUPFLAGS_SYMLINK_FOLLOW,
  WASI_RIGHTS_PATH_CREATE_DIRECTORY, WASI_RIGHTS_PATH_LINK_SOURCE, WASI_RIGHTS_PATH_LINK_TARGET,
  WASI_RIGHTS_PATH_REMOVE_DIRECTORY, WASI_RIGHTS_PATH_RENAME_SOURCE, WASI_RIGHTS_PATH_RENAME_TARGET,
  WASI_RIGHTS_PATH_SYMLINK, WASI_RIGHTS_PATH_UNLINK_FILE,
} from '@lsmkit/abi'
import type { Process } from '../process.ts'
import type { Place } from '../resolve.ts'
import type { Preview1 } from './table.ts'

/** What the umask is taken from. */
const NEW_DIRECTORY = 0o777

export const pathOpsImports = ({ sys, task, resolver }: Process) => {
  const done = (rc: number, place: Place): number => {
    resolver.leave(place)
    return wasiErrno(rc)
  }
  const unlink = (fd: number, right: number, path: number, path_len: number, flags: number): number => {
    const place = resolver.name(fd, right, path, path_len)
    return typeof place === 'number' ? place : done(sys.unlinkat(task, place.dfd, place.name, flags), place)
  }

  return {
    path_create_directory(fd, path, path_len) {
      const place = resolver.name(fd, WASI_RIGHTS_PATH_CREATE_DIRECTORY, path, path_len)
      return typeof place === 'number' ? place : done(sys.mkdirat(task, place.dfd, place.name, NEW_DIRECTORY), place)
    },
    path_remove_directory: (fd, path, path_len) =>
      unlink(fd, WASI_RIGHTS_PATH_REMOVE_DIRECTORY, path, path_len, AT_REMOVEDIR),
    path_unlink_file: (fd, path, path_len) => unlink(fd, WASI_RIGHTS_PATH_UNLINK_FILE, path, path_len, 0),
    path_rename(fd, old_path, old_path_len, new_fd, new_path, new_path_len) {
      const from = resolver.name(fd, WASI_RIGHTS_PATH_RENAME_SOURCE, old_path, old_path_len)
      if (typeof from === 'number') return from
      const to = resolver.name(new_fd, WASI_RIGHTS_PATH_RENAME_TARGET, new_path, new_path_len)
      if (typeof to === 'number') {
        resolver.leave(from)
        return to
      }
      const rc = sys.renameat(task, from.dfd, from.name, to.dfd, to.name)
      resolver.leave(to)
      return done(rc, from)
    },
    path_link(old_fd, old_flags, old_path, old_path_len, new_fd, new_path, new_path_len) {
      const follow = (old_flags & WASI_LOOKUPFLAGS_SYMLINK_FOLLOW) !== 0
      const from = follow
        ? resolver.target(old_fd, WASI_RIGHTS_PATH_LINK_SOURCE, old_path, old_path_len, true)
        : resolver.name(old_fd, WASI_RIGHTS_PATH_LINK_SOURCE, old_path, old_path_len)
      if (typeof from === 'number') return from
      const to = resolver.name(new_fd, WASI_RIGHTS_PATH_LINK_TARGET, new_path, new_path_len)
      if (typeof to === 'number') {
        resolver.leave(from)
        return to
      }
      const flags = (from.flags & AT_EMPTY_PATH) | (follow ? AT_SYMLINK_FOLLOW : 0)
      const rc = sys.linkat(task, from.dfd, from.name, to.dfd, to.name, flags)
      resolver.leave(to)
      return done(rc, from)
    },
    /** The text is kept as it is; one that is absolute is refused unless the program sees the whole tree anyway. */
    path_symlink(old_path, old_path_len, fd, new_path, new_path_len) {
      const text = resolver.text(old_path, old_path_len)
      if (typeof text === 'number') return text
      const place = resolver.name(fd, WASI_RIGHTS_PATH_SYMLINK, new_path, new_path_len)
      if (typeof place === 'number') return place
      if (text.startsWith('/') && !resolver.isRoot(fd)) {
        resolver.leave(place)
        return WASI_ERRNO_NOTCAPABLE
      }
      return done(sys.symlinkat(task, text, place.dfd, place.name), place)
    },
  } satisfies Partial<Preview1>
}
