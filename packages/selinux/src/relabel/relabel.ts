/** Gives files of a booted kernel the labels that file_contexts has for their paths, as restorecon(8) does. */
import { EINVAL, EOPNOTSUPP, S_IFDIR, S_IFMT, XATTR_NAME_SELINUX } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { aBoolean, aFunction, anObject, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
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
}

const rules: OptionRules<RelabelOptions> = {
  paths: { is: (value) => anObject.is(value) && Symbol.iterator in (value as object), what: 'a list of paths' },
  recursive: aBoolean,
  force: aBoolean,
  task: anObject,
  dryRun: aBoolean,
  isValid: aFunction,
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
  readonly failed: readonly LabelFailure[]
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

/**
 * Throws OptionError, but never for a path or a label: failures are listed in the result. Symbolic links are labelled
 * and not followed; paths without a context, and mounts that keep no labels, are passed over.
 */
export const relabel = (
  kernel: LabelledKernel, contexts: FileContexts, options: RelabelOptions = {},
): RelabelReport => {
  checkOptions(options, rules, 'relabel')
  const { paths = ['/'], recursive = true, force = false, task = kernel.init, dryRun = false } = options
  const { isValid = () => true } = options
  const { sys } = kernel
  const reader = new TreeReader(sys, task)
  const unlabelled = unlabelledMounts(reader)
  const changed: LabelChange[] = []
  const failed: LabelFailure[] = []
  let seen = 0

  const labelOf = (path: string): string | number => {
    const value = new Uint8Array(MAX_CONTEXT)
    const n = sys.lgetxattr(task, path, XATTR_NAME_SELINUX, value)
    return n < 0 ? n : contextText(value.subarray(0, n))
  }

  const set = (path: string, to: string): number =>
    dryRun ? 0 : sys.lsetxattr(task, path, XATTR_NAME_SELINUX, new TextEncoder().encode(to), 0)

  const setLabel = (path: string, mode: number): void => {
    const wanted = contexts.lookup(path, mode)
    if (wanted === null) return
    const now = labelOf(path)
    const from = typeof now === 'number' ? null : now
    const to = force || from === null ? wanted : withType(from, wanted)
    if (to === null || to === from) return
    const rc = isValid(to) ? set(path, to) : -EINVAL
    if (rc === 0) changed.push({ path, from, to })
    else if (rc !== -EOPNOTSUPP) failed.push({ path, to, rc })
  }

  const waiting = [...paths].reverse()
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (unlabelled.has(path)) continue
    const stat = { mode: 0 }
    const rc = sys.lstat(task, path, stat)
    if (rc < 0) {
      failed.push({ path, to: null, rc })
      continue
    }
    seen++
    setLabel(path, stat.mode)
    if (!recursive || (stat.mode & S_IFMT) !== S_IFDIR) continue
    const names = reader.names(path)
    if (typeof names === 'number') failed.push({ path, to: null, rc: names })
    else for (const name of names.sort().reverse()) waiting.push(path === '/' ? `/${name}` : `${path}/${name}`)
  }
  return { seen, changed, failed }
}
