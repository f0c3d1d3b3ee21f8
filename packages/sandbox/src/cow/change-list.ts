/** Makes changes out of differences: with text diffs, within bounds. */
import { XATTR_SECURITY_PREFIX } from '@lsmkit/abi'
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { pathInBox } from './change.ts'
import type { Change, ChangesOptions } from './change.ts'
import { hostBytes, upperBytes } from './contents.ts'
import type { CowFolder } from './cow-folder.ts'
import type { Difference } from './differences.ts'

const LARGEST = 2 ** 20
const ROOM = 2 ** 22
/** Insertions and deletions that one diff may have, and milliseconds. */
const MOST_EDITS = 20_000
const MOST_TIME = 2000
/** Milliseconds that all diffs of a list may take. */
const ALL_TIME = 10_000

/** By the text alone: absolute, or with more `..` than directories above it. */
export const linkLeadsOut = (path: string, text: string): boolean => {
  if (text.startsWith('/')) return true
  let depth = path.split('/').length - 1
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue
    depth += part === '..' ? -1 : 1
    if (depth < 0) return true
  }
  return false
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Null for bytes that are no text. */
const textOf = (bytes: Uint8Array): string | null => {
  if (bytes.includes(0)) return null
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

export const changedPaths = (target: string, differences: readonly Difference[]): string[] =>
  differences.map(({ path }) => pathInBox(target, path))

/** Makes the changes of folders, within one room. */
export class ChangeList {
  readonly #options: Required<ChangesOptions>
  #room: number
  readonly #end = Date.now() + ALL_TIME

  constructor({ diffs = true, largest = LARGEST, room = ROOM }: ChangesOptions) {
    this.#options = { diffs, largest, room }
    this.#room = room
  }

  of(folder: CowFolder, difference: Difference): Change {
    const { kind, type, path, lower, base, mode, text, sameAs, attributes, labels, conflict } = difference
    const before = base !== null && base.kind !== 'link' ? base.mode : null
    const isFile = type === 'file' && kind !== 'removed'
    return {
      kind, type, path: pathInBox(folder.target, path),
      from: kind === 'renamed' ? pathInBox(folder.target, lower!) : null,
      mode: before === mode || type === 'link' ? null : { before, after: mode },
      target: text, leadsOut: text !== null && linkLeadsOut(path, text),
      sameAs: sameAs === null ? null : pathInBox(folder.target, sameAs), attributes,
      labels: labels.map(({ name }) => XATTR_SECURITY_PREFIX + name),
      size: {
        before: base?.kind === 'file' ? base.size : null,
        after: isFile ? folder.upper.stat(path)?.size ?? null : null,
      },
      ...this.#diff(folder, difference), host: conflict,
    }
  }

  #diff(
    folder: CowFolder, { kind, type, path, lower, base, hasNewContents }: Difference,
  ): Pick<Change, 'diff' | 'noDiff'> {
    const isCompared = type === 'file' && (kind === 'removed' || hasNewContents)
    if (!isCompared) return { diff: null, noDiff: null }
    if (!this.#options.diffs) return { diff: null, noDiff: 'not-asked' }
    const { largest } = this.#options
    if (this.#room <= 0 || this.#time <= 0) return { diff: null, noDiff: 'bounds' }
    const none = new Uint8Array()
    const before = base?.kind === 'file' ? hostBytes(folder.tree, lower!, largest) : none
    const after = kind === 'removed' ? none : upperBytes(folder.upper, path, largest)
    if (before === null || after === null) return { diff: null, noDiff: 'large' }
    const [old, now] = [textOf(before), textOf(after)]
    if (old === null || now === null) return { diff: null, noDiff: 'binary' }
    return this.#unified(base === null ? null : lower, kind === 'removed' ? null : path, old, now)
  }

  /** Milliseconds for the next diff. */
  get #time(): number {
    return Math.min(MOST_TIME, this.#end - Date.now())
  }

  #unified(from: string | null, to: string | null, old: string, now: string): Pick<Change, 'diff' | 'noDiff'> {
    const diff: string | undefined = createTwoFilesPatch(
      from === null ? '/dev/null' : `a/${from}`, to === null ? '/dev/null' : `b/${to}`, old, now, undefined, undefined,
      { context: 3, headerOptions: FILE_HEADERS_ONLY, maxEditLength: MOST_EDITS, timeout: this.#time },
    )
    if (diff === undefined) return { diff: null, noDiff: 'large' }
    if (diff.length > this.#room) return { diff: null, noDiff: 'bounds' }
    this.#room -= diff.length
    return { diff, noDiff: null }
  }
}
