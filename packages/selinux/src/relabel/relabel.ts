/** Gives files of a booted kernel the labels that file_contexts has for their paths, as restorecon(8) does. */
import { EINVAL, EOPNOTSUPP, S_IFDIR, S_IFMT, XATTR_NAME_SELINUX } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { aBoolean, aFunction, anObject, aString, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { contextText } from '../context-text.ts'
import type { FileContexts } from '../server/file-contexts/file-contexts.ts'
import { TreeReader } from './tree-reader.ts'
import type { LabelCalls } from './tree-reader.ts'

/** A kernel that has been booted, as `bootKernel` gives it. */
export interface LabelledKernel {
  readonly init: Task
  readonly sys: LabelCalls
}

export interface RelabelOptions {
  /** Absolute paths to begin with (default the root). */
  readonly paths?: Iterable<string>
  /** Includes everything below them (default). */
  readonly recursive?: boolean
  /** The whole context is set; else the type alone, and nothing where that is right (`restorecon -F`). */
  readonly force?: boolean
  /** The task that relabels, and whose permissions count (default process 1). */
  readonly task?: Task
  /** Lists the changes without making them. */
  readonly dryRun?: boolean
  /** Whether the policy knows a context: others are not set (default: all are tried). */
  readonly isValid?: (context: string) => boolean
  /** Types that administrators set by hand: files with one keep it without `force` (customizable_types). */
  readonly customizableTypes?: Iterable<string>
  /** Absolute paths that are passed over with everything below them (`restorecon -e`). */
  readonly exclude?: Iterable<string>
  /** The path that stands for the root in look-ups (`setfiles -r`). */
  readonly root?: string
  /** Leaves out what lies on another file system than the path it began with (`restorecon -x`). */
  readonly oneFileSystem?: boolean
}

const aListOf = (what: string): OptionRule => ({
  is: (value) => anObject.is(value) && Symbol.iterator in (value as object), what: `a list of ${what}`,
})

const rules: OptionRules<RelabelOptions> = {
  paths: aListOf('paths'),
  recursive: aBoolean,
  force: aBoolean,
  task: anObject,
  dryRun: aBoolean,
  isValid: aFunction,
  customizableTypes: aListOf('types'),
  exclude: aListOf('paths'),
  root: aString,
  oneFileSystem: aBoolean,
}

/** A label that was set, or would be; `from` is null where there was none. */
export interface LabelChange {
  readonly path: string
  readonly from: string | null
  readonly to: string
}

/** A failure: `rc` is the reason, `to` is null if it did not get that far. */
export interface LabelFailure {
  readonly path: string
  readonly to: string | null
  readonly rc: number
}

export interface RelabelReport {
  /** Files that were looked at. */
  readonly seen: number
  readonly changed: readonly LabelChange[]
  /** Files with a customizable type, which keep it. */
  readonly kept: readonly LabelChange[]
  readonly failed: readonly LabelFailure[]
}

/** A tree of files whose labels can be read and set. Numbers below zero are -errno. */
export interface LabelTree {
  /** Is it a mountpoint of a file system that keeps no labels? */
  isUnlabelled(path: string): boolean
  stat(path: string, stat: { mode: number; device: number }): number
  names(path: string): string[] | number
  label(path: string): string | number
  setLabel(path: string, context: string): number
}

const MAX_CONTEXT = 4096

/** A mountpoint as /proc/mounts writes it. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))

/** Mounts of file systems that keep no labels: what lies on them is left alone. */
const unlabelledMounts = (reader: TreeReader): ReadonlySet<string> => {
  const text = reader.text('/proc/self/mounts')
  const mounts = new Map<string, boolean>()
  for (const line of typeof text === 'number' ? [] : text.split('\n')) {
    const [, mountpoint, , options] = line.split(' ')
    // of mounts on one place the last is seen
    if (options !== undefined) mounts.set(unescaped(mountpoint!), options.split(',').includes('seclabel'))
  }
  return new Set([...mounts].filter(([, labelled]) => !labelled).map(([mountpoint]) => mountpoint))
}

/** `u:r:old:s0` with the type of `u:r:new:s0`; null when it has it already. */
const withType = (old: string, wanted: string): string | null => {
  const parts = old.split(':')
  const type = wanted.split(':')[2]
  if (type === undefined || parts.length < 3) return wanted
  if (parts[2] === type) return null
  parts[2] = type
  return parts.join(':')
}

/** The type of a context, of whatever shape it is. */
const typeOf = (context: string): string => context.split(':')[2] ?? ''

/** The path as file_contexts has it. */
const lookedUp = (path: string, root: string): string =>
  root === '/' || !(path === root || path.startsWith(`${root}/`)) ? path : path.slice(root.length) || '/'

/** One run over a tree: what is to be done, and what came of it. */
class Relabelling {
  readonly changed: LabelChange[] = []
  readonly kept: LabelChange[] = []
  readonly failed: LabelFailure[] = []
  seen = 0
  readonly #tree: LabelTree
  readonly #contexts: FileContexts
  readonly #options: RelabelOptions
  readonly #customizable: ReadonlySet<string>
  readonly #excluded: ReadonlySet<string>

  constructor(tree: LabelTree, contexts: FileContexts, options: RelabelOptions) {
    this.#tree = tree
    this.#contexts = contexts
    this.#options = options
    this.#customizable = new Set(options.customizableTypes ?? [])
    this.#excluded = new Set(options.exclude ?? [])
  }

  /** All that lies below `start`, in the order of names; it included. */
  walk(start: string): void {
    const { recursive = true, oneFileSystem = false } = this.#options
    const waiting = [start]
    let device: number | undefined
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (this.#excluded.has(path) || this.#tree.isUnlabelled(path)) continue
      const stat = { mode: 0, device: 0 }
      const rc = this.#tree.stat(path, stat)
      if (rc < 0) {
        this.failed.push({ path, to: null, rc })
        continue
      }
      device ??= stat.device
      if (oneFileSystem && stat.device !== device) continue
      this.seen++
      this.#setLabel(path, stat.mode)
      if (recursive && (stat.mode & S_IFMT) === S_IFDIR) waiting.push(...this.#below(path))
    }
  }

  #below(path: string): string[] {
    const names = this.#tree.names(path)
    if (typeof names !== 'number') {
      return names.sort().reverse().map((name) => path === '/' ? `/${name}` : `${path}/${name}`)
    }
    this.failed.push({ path, to: null, rc: names })
    return []
  }

  #setLabel(path: string, mode: number): void {
    const { force = false, dryRun = false, root = '/', isValid = () => true } = this.#options
    const wanted = this.#contexts.lookup(lookedUp(path, root), mode)
    if (wanted === null) return
    const now = this.#tree.label(path)
    const from = typeof now === 'number' ? null : now
    if (!force && from !== null && from !== wanted && this.#customizable.has(typeOf(from))) {
      return void this.kept.push({ path, from, to: wanted })
    }
    const to = force || from === null ? wanted : withType(from, wanted)
    if (to === null || to === from) return
    const rc = !isValid(to) ? -EINVAL : dryRun ? 0 : this.#tree.setLabel(path, to)
    if (rc === 0) this.changed.push({ path, from, to })
    else if (rc !== -EOPNOTSUPP) this.failed.push({ path, to, rc })
  }
}

/**
 * Labels any tree that can be walked. Throws OptionError, but never for a path or a label: failures are listed in the
 * result. Symbolic links are labelled and not followed; paths without a context, and mounts that keep no labels, are
 * passed over. `task` does not count here.
 */
export const relabelTree = (tree: LabelTree, contexts: FileContexts, options: RelabelOptions = {}): RelabelReport => {
  checkOptions(options, rules, 'relabelTree')
  const run = new Relabelling(tree, contexts, options)
  for (const path of options.paths ?? ['/']) run.walk(path)
  const { seen, changed, kept, failed } = run
  return { seen, changed, kept, failed }
}

/** A booted kernel as a tree, by the system calls of a task. */
class KernelTree implements LabelTree {
  readonly #sys: LabelCalls
  readonly #task: Task
  readonly #reader: TreeReader
  readonly #unlabelled: ReadonlySet<string>

  constructor(sys: LabelCalls, task: Task) {
    this.#sys = sys
    this.#task = task
    this.#reader = new TreeReader(sys, task)
    this.#unlabelled = unlabelledMounts(this.#reader)
  }

  isUnlabelled(path: string): boolean {
    return this.#unlabelled.has(path)
  }

  stat(path: string, stat: { mode: number; device: number }): number {
    const found = { mode: 0, dev: 0 }
    const rc = this.#sys.lstat(this.#task, path, found)
    Object.assign(stat, { mode: found.mode, device: found.dev })
    return rc
  }

  names(path: string): string[] | number {
    return this.#reader.names(path)
  }

  label(path: string): string | number {
    const value = new Uint8Array(MAX_CONTEXT)
    const n = this.#sys.lgetxattr(this.#task, path, XATTR_NAME_SELINUX, value)
    return n < 0 ? n : contextText(value.subarray(0, n))
  }

  setLabel(path: string, context: string): number {
    return this.#sys.lsetxattr(this.#task, path, XATTR_NAME_SELINUX, new TextEncoder().encode(context), 0)
  }
}

/**
 * Labels the tree of a booted kernel. Throws OptionError, but never for a path or a label: failures are listed in the
 * result. Symbolic links are labelled and not followed; paths without a context, and mounts that keep no labels, are
 * passed over.
 */
export const relabel = (
  kernel: LabelledKernel, contexts: FileContexts, options: RelabelOptions = {},
): RelabelReport => {
  checkOptions(options, rules, 'relabel')
  return relabelTree(new KernelTree(kernel.sys, options.task ?? kernel.init), contexts, options)
}
