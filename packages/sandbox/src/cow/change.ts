/** Changes of copy-on-write folders as people and programs review them, and the options of who asks for them. */
import { aBoolean, aString, listOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { ChangedType, ChangeKind, Conflict } from './differences.ts'

export interface Change {
  readonly kind: ChangeKind
  readonly type: ChangedType
  /** In the box. */
  readonly path: string
  /** Where it was, of what has been renamed. */
  readonly from: string | null
  /** Permissions before and after; null where they are the same, and for links. */
  readonly mode: { readonly before: number | null; readonly after: number | null } | null
  /** The text of a link. */
  readonly target: string | null
  /** Whether the link leads out of its folder, by its text. */
  readonly leadsOut: boolean
  /** Another name of the same file. */
  readonly sameAs: string | null
  /** Names of attributes that were set (`user.*`). A folder of the host does not get them. */
  readonly attributes: readonly string[]
  /** Names of labels that differ (`security.*`), where the folder keeps them. */
  readonly labels: readonly string[]
  /** Bytes before and after; null where there is no file. */
  readonly size: { readonly before: number | null; readonly after: number | null }
  /** A unified diff of a text; null for other files, and beyond the bounds. */
  readonly diff: string | null
  /** Why there is no diff of the contents, which differ. */
  readonly noDiff: 'binary' | 'large' | 'bounds' | 'not-asked' | null
  /**
   * The host's own change of it meanwhile: it was `changed` or `removed`, the host has `made` something there, or has
   * `replaced` a directory on the way. `apply` refuses it then.
   */
  readonly host: Conflict | null
}

export interface ChangesOptions {
  /** Whether texts are compared (default: yes). */
  readonly diffs?: boolean
  /** Most bytes of a file that is compared (default 1 MiB). */
  readonly largest?: number
  /** Most characters of all diffs together (default 4 Mi). */
  readonly room?: number
}

export interface ApplyOptions {
  /** Also undoes the changes that the host has made meanwhile (default: no, they are refused). */
  readonly overwrite?: boolean
  /** Links whose text leads out of the folder are made (default: no, they are refused). */
  readonly outsideLinks?: boolean
}

/** A change that a folder of the host cannot keep. */
export interface LeftOut {
  /** In the box. */
  readonly path: string
  /** A FIFO, socket or device; or attributes of a file, which is written without them. */
  readonly why: 'special' | 'attributes'
}

export interface Applied {
  /** Paths of the box that have been written or removed. */
  readonly applied: readonly string[]
  readonly left: readonly LeftOut[]
}

export const changesRules: OptionRules<ChangesOptions> = {
  diffs: aBoolean, largest: wholeNumber(0), room: wholeNumber(0),
}
export const applyRules: OptionRules<ApplyOptions> = { overwrite: aBoolean, outsideLinks: aBoolean }
export const patternRules = { patterns: listOf(aString) }

export const pathInBox = (target: string, path: string): string => (path === '' ? target : `${target}/${path}`)
