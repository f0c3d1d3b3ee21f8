/**
 * A host with objects of its own: notes in a map, no kernel, no files. Each note is an inode as far as LSMs can see, so
 * one mandatory policy covers the notes that the host keeps in memory as well.
 */
import { MAY_READ, MAY_WRITE, S_IFREG } from '@lsmkit/abi'
import type { Cred, Inode, Security, Stack, SuperBlock, Task } from '@lsmkit/core'

/** A note, with the fields of `struct inode` that modules read. The class is the host's; nothing of core made it. */
export class Note implements Inode {
  i_mode = S_IFREG | 0o600
  i_uid: number
  i_gid: number
  i_flags = 0
  i_ino: number
  i_nlink = 1
  i_rdev = 0
  i_size = 0
  i_atime_sec = 0
  i_mtime_sec = 0
  i_ctime_sec = 0
  i_atime_nsec = 0
  i_mtime_nsec = 0
  i_ctime_nsec = 0
  i_generation = 0
  i_blocks = 0
  i_writecount = 0
  i_private = null
  security: Security | null = null
  readonly i_sb: SuperBlock
  text = ''

  constructor(sb: SuperBlock, ino: number, owner: Cred) {
    this.i_sb = sb
    this.i_ino = ino
    this.i_uid = owner.fsuid
    this.i_gid = owner.fsgid
  }
}

/** Notes by title. Every call answers 0 or -errno, and is made on behalf of `task`. */
export class Notebook {
  readonly #stack: Stack
  readonly #sb: SuperBlock
  readonly #notes = new Map<string, Note>()

  constructor(stack: Stack) {
    this.#stack = stack
    this.#sb = stack.objects.super_block(0, { name: 'notebook', fs_flags: 0 }, stack.current.task.cred.user_ns)
    stack.lsm.sb_alloc_security.ask(this.#sb)
  }

  write(task: Task, title: string, text: string): number {
    this.#stack.current.task = task
    let note = this.#notes.get(title)
    if (note === undefined) {
      note = new Note(this.#sb, this.#notes.size + 1, task.cred)
      const rc = this.#stack.lsm.inode_alloc_security.ask(note)
      if (rc !== 0) return rc
    }
    const rc = this.#stack.lsm.inode_permission.ask(note, MAY_WRITE)
    if (rc !== 0) return rc
    this.#notes.set(title, note)
    note.text = text
    note.i_size = text.length
    return 0
  }

  /** The text, or -errno; `missing` is what a title without a note reads as. */
  read(task: Task, title: string, missing: number): string | number {
    this.#stack.current.task = task
    const note = this.#notes.get(title)
    if (note === undefined) return missing
    const rc = this.#stack.lsm.inode_permission.ask(note, MAY_READ)
    return rc !== 0 ? rc : note.text
  }
}
