/**
 * INVARIANT: a name of a policy is a place (a mount and an inode), looked up once, without following a link. A guest,
 * or the owner of a host folder, may have made any part of the name. All that is decided by a name (what is mounted
 * writable, rules of Landlock, permits, restoring) asks here for the place, never for the name again.
 *
 * A task of the box that does nothing else keeps the places open: they stay what they were, whatever becomes of names.
 */
import {
  AT_EMPTY_PATH, AT_FDCWD, EEXIST, ELOOP, ENOENT, errnoName, O_CLOEXEC, O_PATH, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS,
  RLIMIT_NOFILE,
} from '@lsmkit/abi'
import { describeObject, noHost } from '@lsmkit/core'
import type { Path, Task } from '@lsmkit/core'
import { fdTable, Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { SandboxError } from '../sandbox-error.ts'
import { forked, must } from '../subject.ts'
import type { Ids } from '../subject.ts'
import type { LinkGuard, InodeNumbers } from './link-guard.ts'
import { walkName } from './walk-name.ts'

/** Names that one policy may have: each keeps a descriptor. */
const MOST_NAMES = 65536

/** How a name is looked up. */
export interface NameChoice {
  /** Where it is from: `allow: write`. */
  readonly from: string
  /** Links are followed, once: the policy says `resolve: true`. */
  readonly resolve: boolean
}

const strict = { flags: O_PATH | O_CLOEXEC, mode: 0, resolve: RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH }

/** From the root, where the box's own tasks stand. */
const fromRoot = (name: string): string => name.replace(/^\/+/, '') || '.'

/** A descriptor of what `name` is, or -errno; ELOOP where a part is a link. */
export const openStrictly = ({ sys }: Pick<Kernel, 'sys'>, task: Task, name: string): number =>
  sys.openat2(task, AT_FDCWD, fromRoot(name), strict)

export class NamedPlaces {
  /** Keeps the places open. Its children have them open too. */
  readonly holder: Task
  readonly #kernel: Kernel
  readonly #guard: LinkGuard
  readonly #descriptors = new Map<string, number>()

  constructor(kernel: Kernel, guard: LinkGuard) {
    this.#kernel = kernel
    this.#guard = guard
    this.holder = forked(kernel, kernel.init)
    guard.own(this.holder)
    const room = { rlim_cur: MOST_NAMES, rlim_max: MOST_NAMES }
    must(kernel.sys.prlimit64(this.holder, 0, RLIMIT_NOFILE, room, null), 'room for names')
  }

  /** By name; of the holder and its children. */
  get descriptors(): ReadonlyMap<string, number> {
    return this.#descriptors
  }

  /** Looks a name up, unless that is done; whether it is there. `at`: where it lies by now. Throws SandboxError. */
  addIfThere(name: string, choice: NameChoice, at = name): boolean {
    if (this.#descriptors.has(name)) return true
    const fd = this.#open(at, choice)
    if (fd === -ENOENT) return false
    this.#descriptors.set(name, this.#opened(fd, name, choice))
    return true
  }

  /** The same; a missing name becomes a directory, owned by `ids` if given. */
  add(name: string, choice: NameChoice, ids: Ids | null): void {
    if (!this.#descriptors.has(name)) this.#descriptors.set(name, this.#found(name, choice, ids))
  }

  /** Where a name leads now, without a link, for names that mean nothing later. It is made as by `add`. */
  lookUp(name: string, choice: NameChoice, ids: Ids | null): string {
    const fd = this.#found(name, choice, ids)
    const real = pathText(this.holder, fdTable(this.holder).get(fd)!.f_path)
    this.#kernel.sys.close(this.holder, fd)
    return real
  }

  /** From now on the name means what lies at `path`, where no link leads. Throws SandboxError where nothing does. */
  move(name: string, path: string, choice: NameChoice): void {
    const fd = openStrictly(this.#kernel, this.holder, path)
    if (fd < 0) throw gone(name, choice.from)
    const old = this.#descriptors.get(name)
    if (old !== undefined) this.#kernel.sys.close(this.holder, old)
    this.#descriptors.set(name, fd)
  }

  /** The name means nothing from now on. */
  forget(name: string): void {
    const fd = this.#descriptors.get(name)
    if (fd === undefined) return
    this.#kernel.sys.close(this.holder, fd)
    this.#descriptors.delete(name)
  }

  /** A descriptor for a moment, of a directory that is made where it is not there. Throws SandboxError. */
  openDirectory(path: string, from: string): number {
    return this.#found(path, { from, resolve: false }, null)
  }

  /** The path that is open for a name. */
  pathOf(name: string): Path {
    return fdTable(this.holder).get(this.#descriptors.get(name)!)!.f_path
  }

  /** Where the place is by now, without a link. */
  realOf(name: string): string {
    return pathText(this.holder, this.pathOf(name))
  }

  /** Whether nothing leads to the place any more. */
  isGone(name: string): boolean {
    const { dev, ino } = this.numbersOf(name)
    const stat = new Kstat()
    const fd = openStrictly(this.#kernel, this.holder, this.realOf(name))
    if (fd < 0) return true
    const rc = this.#kernel.sys.newfstatat(this.holder, fd, '', stat, AT_EMPTY_PATH)
    this.#kernel.sys.close(this.holder, fd)
    return rc !== 0 || stat.dev !== dev || stat.ino !== ino
  }

  numbersOf(name: string): InodeNumbers {
    const stat = new Kstat()
    const fd = this.#descriptors.get(name)!
    must(this.#kernel.sys.newfstatat(this.holder, fd, '', stat, AT_EMPTY_PATH), name)
    return { dev: stat.dev, ino: stat.ino }
  }

  #found(name: string, choice: NameChoice, ids: Ids | null): number {
    const fd = this.#open(name, choice)
    if (fd !== -ENOENT) return this.#opened(fd, name, choice)
    this.#make(name, choice, ids)
    return this.#opened(this.#open(name, choice), name, choice)
  }

  #open(name: string, { resolve }: NameChoice): number {
    const { sys } = this.#kernel
    if (!resolve) return openStrictly(this.#kernel, this.holder, name)
    return this.#guard.following(() => sys.openat(this.holder, AT_FDCWD, name, O_PATH | O_CLOEXEC, 0))
  }

  /** The descriptor. Throws SandboxError for an errno. */
  #opened(fd: number, name: string, { from }: NameChoice): number {
    if (fd >= 0) return fd
    if (fd !== -ELOOP) throw new SandboxError('bad-tree', `\`${name}\`: ${errnoName(fd)}`, { place: from })
    throw this.linkError(name, from)
  }

  /** Names the first link of a name and where it leads. */
  linkError(name: string, from: string): SandboxError {
    const files = new TaskFiles(this.#kernel, this.holder)
    let real: string | null
    let [path, text] = [name, '']
    try {
      const walked = walkName(files, name, () => true)
      real = walked.real
      ;({ path, text } = walked.links[0] ?? { path, text })
    } catch {
      real = null
    }
    const leads = real === null ? 'and leads nowhere' : `so \`${name}\` would be \`${real}\``
    const hint = real === null ? 'name what is not a link' :
      `name \`${real}\`, or say \`resolve: true\` in the policy if you trust whoever made the link`
    return new SandboxError('link', `\`${path}\` is a link to \`${text}\`, ${leads}`, { place: from, hint })
  }

  /** Makes a directory and those above it. */
  #make(name: string, choice: NameChoice, ids: Ids | null): void {
    makeDirectories(this.#kernel, this.holder, name, (at) => this.#opened(this.#open(at, choice), at, choice), ids)
  }
}

/** That a name has lost its place. */
export const gone = (name: string, from: string): SandboxError =>
  new SandboxError('not-there', `what \`${name}\` named is not there any more`, {
    place: from, hint: 'names of a policy stay with the file or directory that they named at first',
  })

/**
 * Makes a directory and those above it, each below a descriptor of its parent that `open` gives. The last one belongs
 * to `ids` where it was made.
 */
export const makeDirectories = (
  { sys }: Kernel, task: Task, name: string, open: (path: string) => number, ids: Ids | null,
): void => {
  let at = ''
  let made = false
  for (const part of name.split('/').filter((one) => one !== '' && one !== '.')) {
    const next = `${at}/${part}`
    const parent = open(at === '' ? '/' : at)
    const rc = part === '..' ? -EEXIST : sys.mkdirat(task, parent, part, 0o755)
    sys.close(task, parent)
    if (rc !== -EEXIST) must(rc, next)
    made = rc === 0
    at = next
  }
  if (!made || ids === null) return
  const fd = open(at)
  must(sys.fchownat(task, fd, '', ids.uid, ids.gid, AT_EMPTY_PATH), at)
  sys.close(task, fd)
}

/** Of an open file, or of a place, as `task` sees it. */
export const pathText = (task: Task, path: Path): string => {
  const described = describeObject('path', path, noHost, task)
  return described !== null && 'path' in described && described.path !== null ? described.path : '/'
}
