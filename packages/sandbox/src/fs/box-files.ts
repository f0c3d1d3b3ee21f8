/**
 * `box.fs` where the kernel is. The host task follows no link by itself: one that somebody else may have made is
 * looked at first, and where it leads out of what the policy names the answer is ELOOP.
 */
import { ELOOP } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import type { LinkGuard } from '../names/link-guard.ts'
import type { Reach, Act } from '../names/reach.ts'
import { walkName } from '../names/walk-name.ts'
import { fsCalls } from './fs-calls.ts'
import type { FsMethod } from './fs-calls.ts'

/** An argument that is a path: what is done at its end, and whether a link there is followed. */
interface PathArgument {
  readonly at: number
  readonly act: Act
  readonly follows: boolean | ((args: readonly unknown[]) => boolean)
}

const path = (at: number, act: Act, follows: PathArgument['follows'] = true): PathArgument => ({ at, act, follows })
const itself = (at: number, act: Act): PathArgument => path(at, act, false)
const fourth = (args: readonly unknown[]): boolean => args[3] === true

const pathArguments: Readonly<Record<FsMethod, readonly PathArgument[]>> = {
  readFile: [path(0, 'read')],
  writeFile: [path(0, 'write')],
  createFile: [itself(0, 'write')],
  appendFile: [path(0, 'write')],
  mkdir: [path(0, 'write', ([, recursive]) => recursive === true)],
  readdir: [path(0, 'read')],
  stat: [path(0, 'read')],
  lstat: [itself(0, 'read')],
  access: [path(0, 'read')],
  readlink: [itself(0, 'read')],
  realpath: [path(0, 'read')],
  symlink: [itself(1, 'write')],
  // another name is as good as the file: guests may write what lies where they may write
  link: [itself(0, 'write'), itself(1, 'write')],
  rename: [itself(0, 'write'), itself(1, 'write')],
  unlink: [itself(0, 'write')],
  rmdir: [itself(0, 'write')],
  remove: [itself(0, 'write')],
  chmod: [path(0, 'write')],
  chown: [path(0, 'write', fourth)],
  utimes: [path(0, 'write', fourth)],
  truncate: [path(0, 'write')],
  copyFile: [path(0, 'read'), path(1, 'write')],
  copyTree: [itself(0, 'read'), path(1, 'write')],
  getxattr: [path(0, 'read')],
  setxattr: [path(0, 'write')],
  listxattr: [path(0, 'read')],
  removexattr: [path(0, 'write')],
}

type AnyCall = (...args: readonly unknown[]) => unknown

/** As a task of whoever asks, by whose rights all is done. */
export const callAs = (kernel: Pick<Kernel, 'sys'>, task: Task, method: FsMethod, args: readonly unknown[]): unknown =>
  (fsCalls(new TaskFiles(kernel, task))[method] as AnyCall)(...args)

export class BoxFiles {
  readonly #kernel: Kernel
  readonly #hostTask: Task
  readonly #guard: LinkGuard
  readonly #reach: Reach

  /** `hostTask`: a task that may do all, and follows no link. */
  constructor(kernel: Kernel, hostTask: Task, guard: LinkGuard, reach: Reach) {
    this.#kernel = kernel
    this.#hostTask = hostTask
    this.#guard = guard
    this.#reach = reach
  }

  /** Throws FileError. `follow`: links are followed wherever they lead. */
  call(method: FsMethod, args: readonly unknown[], follow: boolean): unknown {
    if (follow) return this.#guard.following(() => callAs(this.#kernel, this.#hostTask, method, args))
    let first: unknown
    try {
      first = this.#called(method, args)
      // made up of single looks at links, which are no following
      if (method !== 'realpath' || first === args[0]) return first
    } catch (error) {
      if (!(error instanceof FileError) || error.errno !== -ELOOP) throw error
      first = error
    }
    const walked = this.#walked(method, args)
    if (walked !== null) return this.#named(args, walked, () => this.#called(method, walked))
    if (first instanceof FileError) throw first
    return first
  }

  #called(method: FsMethod, args: readonly unknown[]): unknown {
    const result = callAs(this.#kernel, this.#hostTask, method, args)
    if (method === 'symlink') this.#reach.noteOwnLink(args[1] as string)
    return result
  }

  /** The arguments without a link in their paths; null where there was none. Throws for one that leads out. */
  #walked(method: FsMethod, args: readonly unknown[]): unknown[] | null {
    const files = new TaskFiles(this.#kernel, this.#hostTask)
    const walked = [...args]
    for (const { at, act, follows } of pathArguments[method]) {
      const name = args[at]
      if (typeof name !== 'string') continue
      const isFollowed = typeof follows === 'boolean' ? follows : follows(args)
      const { real, links } = walkName(files, name.startsWith('/') ? name : `/${name}`, () => isFollowed)
      const isOut = links.some((link) => this.#reach.isForeign(link.path) && !this.#reach.mayLead(real, act))
      if (isOut) throw new FileError(-ELOOP, method, name)
      if (links.length > 0) walked[at] = name.endsWith('/') ? `${real}/` : real
    }
    return walked.some((arg, at) => arg !== args[at]) ? walked : null
  }

  /** Errors name what the caller has named. */
  #named(args: readonly unknown[], walked: readonly unknown[], step: () => unknown): unknown {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      const { errno, syscall, path: from, dest } = error
      const own = (name: string | undefined): string | undefined => {
        const at = walked.indexOf(name)
        return at < 0 ? name : args[at] as string
      }
      throw new FileError(errno, syscall, own(from), own(dest))
    }
  }
}
