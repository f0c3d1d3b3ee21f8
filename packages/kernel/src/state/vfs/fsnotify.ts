/** Notification of changes to files: marks on inodes, mounts and file systems, and the groups they belong to. */
import {
  FAN_RENAME, FMODE_NONOTIFY, FMODE_WRITE, IN_ACCESS, IN_CLOSE_NOWRITE, IN_CLOSE_WRITE, IN_DELETE_SELF, IN_ISDIR,
  IN_UNMOUNT, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import type { Dentry, File, Inode, Path } from '@lsmkit/core'

/** An event of a mark is one of a child of the marked directory. */
export const FS_EVENT_ON_CHILD = 0x08000000

/** One event. Masks are IN_* and FAN_*, which are the same numbers. */
export interface NotifyEvent {
  readonly mask: number
  readonly inode: Inode | null
  /** Where it was opened, for events of open files. */
  readonly path: Path | null
  /** Directory and name, if the event is about a name or is reported to the parent. */
  readonly dir: Inode | null
  readonly name: string
  /** The directory and name of the file, for groups that report them with each event. */
  readonly parent: Inode | null
  readonly entry: string
  /** For FAN_RENAME: the new directory and name, and which of the two directories the group watches. */
  readonly to?: { readonly dir: Inode; readonly name: string; readonly tellsOld: boolean; readonly tellsNew: boolean }
  /** The two halves of a rename have one number. */
  readonly cookie: number
}

/** An inotify or fanotify instance, or directory notification of old. */
export interface NotifyGroup {
  /** Takes an event of `mark`; -errno refuses a permission event, -ERESTARTSYS waits for its answer. */
  handle(event: NotifyEvent, mark: Mark): number
  /** The object of `mark` is gone, and so is the mark. */
  freed(mark: Mark): void
}

export interface Mark {
  readonly group: NotifyGroup
  /** An Inode, VfsMount or SuperBlock. */
  readonly target: object
  mask: number
  /** Events that are not reported even if the mask has them. */
  ignored: number
}

export class Fsnotify {
  readonly #marks = new WeakMap<object, Set<Mark>>()
  /** The number of marks. While it is 0, no event is looked at. */
  #count = 0
  #cookie = 0
  /** Inodes whose removal was reported. */
  readonly #reported = new WeakSet<Inode>()

  add(mark: Mark): void {
    const marks = this.#marks.get(mark.target) ?? new Set()
    this.#marks.set(mark.target, marks.add(mark))
    this.#count++
  }

  remove(mark: Mark): void {
    if (this.#marks.get(mark.target)?.delete(mark) === true) this.#count--
  }

  isWatched(target: object): boolean {
    return this.#count !== 0 && (this.#marks.get(target)?.size ?? 0) > 0
  }
  marksOf(target: object): Iterable<Mark> {
    return this.#marks.get(target) ?? []
  }

  #notify(target: object | null, event: NotifyEvent, needed: number): number {
    if (target === null) return 0
    for (const mark of [...(this.#marks.get(target) ?? [])]) {
      if ((mark.mask & event.mask & ~IN_ISDIR) === 0 || (mark.mask & needed) !== needed) continue
      if ((mark.ignored & event.mask) !== 0) continue
      const rc = mark.group.handle(event, mark)
      if (rc !== 0) return rc
    }
    return 0
  }

  #dirBit(inode: Inode | null): number {
    return inode !== null && (inode.i_mode & S_IFMT) === S_IFDIR ? IN_ISDIR : 0
  }

  /** Reports an event to the marks of an inode, and to those of its directory that watch children. */
  #notifyAll(mask: number, inode: Inode, dentry: Dentry | null, path: Path | null): number {
    const parent = dentry?.d_parent?.d_inode ?? null
    const full = mask | this.#dirBit(inode)
    const entry = dentry?.d_name.name ?? ''
    const event: NotifyEvent = { mask: full, inode, path, dir: null, name: '', parent, entry, cookie: 0 }
    const atParent: NotifyEvent = { ...event, dir: parent, name: entry }
    return (
      this.#notify(parent, atParent, FS_EVENT_ON_CHILD) ||
      this.#notify(inode, event, 0) ||
      this.#notify(path?.mnt ?? null, event, 0) ||
      this.#notify(inode.i_sb, event, 0)
    )
  }

  /** Reports an event of an open file; -errno if a permission event refuses it. */
  file(mask: number, file: File): number {
    if (this.#count === 0 || (file.f_mode & FMODE_NONOTIFY) !== 0) return 0
    return this.#notifyAll(mask, file.f_inode, file.f_path.dentry, file.f_path)
  }
  access(file: File): void {
    this.file(IN_ACCESS, file)
  }
  close(file: File): void {
    this.file((file.f_mode & FMODE_WRITE) !== 0 ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE, file)
  }

  /** Attributes of an inode changed. */
  dentry(mask: number, dentry: Dentry): void {
    if (this.#count !== 0 && dentry.d_inode !== null) this.#notifyAll(mask, dentry.d_inode, dentry, null)
  }

  /** As `fsnotify_inode`: the links or the place of an inode changed. Its directory is not notified. */
  inode(mask: number, inode: Inode): void {
    if (this.#count === 0) return
    const nowhere = { path: null, dir: null, name: '', parent: null, entry: '', cookie: 0 }
    const event: NotifyEvent = { mask: mask | this.#dirBit(inode), inode, ...nowhere }
    if (this.#notify(inode, event, 0) === 0) this.#notify(inode.i_sb, event, 0)
  }

  /** An inode has no name left and no program has it open: reports this once, and removes the marks. */
  removed(inode: Inode): void {
    if (this.#count === 0 || this.#reported.has(inode)) return
    this.#reported.add(inode)
    this.inode(IN_DELETE_SELF, inode)
    this.#freeMarks(inode)
  }

  #freeMarks(inode: Inode): void {
    for (const mark of [...this.marksOf(inode)]) {
      this.remove(mark)
      mark.group.freed(mark)
    }
  }

  /** A name came or went in `dir`. */
  name(mask: number, dir: Inode, inode: Inode | null, name: string, cookie = 0): void {
    if (this.#count === 0) return
    const event: NotifyEvent = {
      mask: mask | this.#dirBit(inode), inode, path: null, dir, name, parent: dir, entry: name, cookie,
    }
    if (this.#notify(dir, event, 0) === 0) this.#notify(dir.i_sb, event, 0)
  }

  /** Both ends of a move in one event, once a group. */
  renamed(old_dir: Inode, new_dir: Inode, inode: Inode | null, from: string, to: string): void {
    if (this.#count === 0) return
    const groups = new Map<NotifyGroup, Mark[]>()
    for (const target of new Set<object>([old_dir, new_dir, old_dir.i_sb])) {
      for (const mark of this.marksOf(target)) {
        if ((mark.mask & FAN_RENAME) === 0 || (mark.ignored & FAN_RENAME) !== 0) continue
        groups.set(mark.group, [...(groups.get(mark.group) ?? []), mark])
      }
    }
    for (const [group, marks] of groups) {
      const watches = (dir: Inode): boolean => marks.some(({ target }) => target === dir || target === dir.i_sb)
      group.handle({
        mask: FAN_RENAME | this.#dirBit(inode), inode, path: null, dir: old_dir, name: from, parent: old_dir,
        entry: from, cookie: 0,
        to: { dir: new_dir, name: to, tellsOld: watches(old_dir), tellsNew: watches(new_dir) },
      }, marks[0]!)
    }
  }

  /** The inode itself went, alone or with its whole file system; its marks go with it. */
  gone(inode: Inode, unmounted: boolean): void {
    if (this.#count === 0) return
    if (unmounted) this.inode(IN_UNMOUNT, inode)
    else if (inode.i_nlink === 0) this.removed(inode)
    this.#freeMarks(inode)
  }

  nextCookie(): number {
    return ++this.#cookie
  }
}
