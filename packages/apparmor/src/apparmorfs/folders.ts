/** Folders of apparmorfs with fixed entries, and one object for each thing that has a folder. */
import type { PseudoEntry, PseudoFile, PseudoFolder } from '@lsmkit/core'

const READABLE = 0o444
const FOLDER = 0o755

/** A file that shows a text. */
export const textFile = (name: string, read: () => string | Uint8Array | number): PseudoFile =>
  ({ name, mode: READABLE, read })

export const fixedFolder = (name: string, entries: readonly PseudoEntry[], mode = FOLDER): PseudoFolder => {
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  return { kind: 'folder', name, mode, find: (entry) => byName.get(entry) ?? null, names: () => byName.keys() }
}

/** A folder with an entry for each of some objects. */
export const listFolder = (
  name: string, entries: () => Iterable<PseudoEntry>, more: Partial<PseudoFolder> = {},
): PseudoFolder => ({
  kind: 'folder',
  name,
  mode: FOLDER,
  find(wanted) {
    for (const entry of entries()) if (entry.name === wanted) return entry
    return null
  },
  *names() {
    for (const entry of entries()) yield entry.name
  },
  ...more,
})

/** The folder of each object, made once: a folder is the same for as long as its object is there. */
export class FolderOf<K extends object> {
  readonly #make: (key: K) => PseudoFolder
  readonly #made = new WeakMap<K, PseudoFolder>()

  constructor(make: (key: K) => PseudoFolder) {
    this.#make = make
  }

  get(key: K): PseudoFolder {
    let folder = this.#made.get(key)
    if (folder === undefined) this.#made.set(key, (folder = this.#make(key)))
    return folder
  }
}
