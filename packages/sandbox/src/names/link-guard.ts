/**
 * Links in the tree of a box. The box's own tasks follow no link: whatever the box does for itself ends where its name
 * says. For everybody else it is noted which links a system call has followed.
 */
import { ELOOP } from '@lsmkit/abi'
import type { Current, Inode, Link, Stack, Task } from '@lsmkit/core'

/** An inode, by the numbers that stat(2) shows. */
export interface InodeNumbers {
  readonly dev: number
  readonly ino: number
}

export class LinkGuard {
  readonly #own = new WeakSet<Task>()
  readonly #current: Current
  #isFollowing = false
  #followed: InodeNumbers[] = []

  constructor(stack: Pick<Stack, 'modifyReturn' | 'current'>) {
    this.#current = stack.current
    // a magic link, as those in /proc/self/fd, asks the hook too
    const link: Link = stack.modifyReturn('inode_follow_link', (_dentry, inode) => this.#ask(inode))
    void link
  }

  /** From now on the task follows no link. */
  own(task: Task): void {
    this.#own.add(task)
  }

  /** The box's own tasks follow links meanwhile: for people who say that they mean it. */
  following<T>(step: () => T): T {
    const before = this.#isFollowing
    this.#isFollowing = true
    try {
      return step()
    } finally {
      this.#isFollowing = before
    }
  }

  /** A system call begins. */
  begin(): void {
    if (this.#followed.length > 0) this.#followed = []
  }

  /** Links that have been followed since the system call began. */
  get followed(): readonly InodeNumbers[] {
    return this.#followed
  }

  #ask(inode: Inode): number {
    if (this.#own.has(this.#current.task)) return this.#isFollowing ? 0 : -ELOOP
    this.#followed.push({ dev: inode.i_sb.s_dev, ino: inode.i_ino })
    return 0
  }
}
