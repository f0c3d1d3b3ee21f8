/** Where profile texts come from, and the files that one text includes. */
import { ProfileError } from './errors.ts'
import { Place, SourceText } from './place.ts'

/** Files as the compiler asks for them. A host reads its file system, a browser a map. */
export interface ProfileFiles {
  /** A file's bytes; null when it is not a file that can be read. */
  readonly read: (path: string) => Uint8Array | null
  /** Names in a folder; null if it is not a folder. */
  readonly list: (path: string) => readonly string[] | null
}

const MOST_NESTED = 100
/** Files that one text may include; each include in a profile counts anew. */
const MOST_FILES = 20_000
const MOST_BYTES = 64 * 1024 * 1024

/** Endings of files that package managers and editors leave behind. */
const LEFT_BEHIND = [
  '.dpkg-new', '.dpkg-old', '.dpkg-dist', '.dpkg-bak', '.dpkg-remove', '.pacsave', '.pacnew', '.rpmnew', '.rpmsave',
  '.orig',
  '.rej', '~',
]

/** Whether a folder's file is a profile or a piece of one, by its name. */
export const isProfileFile = (name: string): boolean =>
  name !== '' && !name.startsWith('.') && name !== 'README' && !LEFT_BEHIND.some((ending) => name.endsWith(ending))

const trimSlashes = (folder: string): string => folder.replace(/\/+$/u, '')

export class Sources {
  readonly #files: ProfileFiles
  readonly #folders: readonly string[]
  readonly #known = new Map<string, SourceText | null>()
  /** The files that this block has included: a file counts once in it. */
  #included = new Set<string>()
  /** Files being read, outermost first. */
  readonly #open: string[] = []
  #count = 0
  #bytes = 0

  constructor(files: ProfileFiles, folders: readonly string[]) {
    this.#files = files
    this.#folders = folders.map(trimSlashes)
  }

  /** Throws `ProfileError` when there is no such file. */
  main(path: string): SourceText {
    const source = this.#read(path)
    if (source === null) throw new ProfileError('no-such-file', `there is no file \`${path}\``, null)
    return source
  }

  /** Runs `body` with a block's own list of includes. */
  inBlock<T>(body: () => T): T {
    const outer = this.#included
    this.#included = new Set()
    try {
      return body()
    } finally {
      this.#included = outer
    }
  }

  /** Runs `body` while `source` counts as open, for includes in circles. */
  during(source: SourceText, place: Place | null, body: () => void): void {
    if (this.#open.includes(source.file)) {
      const circle = [...this.#open.slice(this.#open.indexOf(source.file)), source.file]
      throw new ProfileError('circular-include', `\`${source.file}\` includes itself: ${circle.join(' -> ')}`, place)
    }
    if (this.#open.length >= MOST_NESTED) throw new ProfileError('too-deep', 'includes are nested too deep', place)
    this.#open.push(source.file)
    try {
      body()
    } finally {
      this.#open.pop()
    }
  }

  /**
   * The files that an include stands for, in the order in which they are read. `search`: `<name>`, looked for in the
   * folders. Empty when this block has them already, or `optional` and there is none.
   */
  include(name: string, search: boolean, optional: boolean, place: Place): readonly SourceText[] {
    for (const path of search ? this.#folders.map((folder) => `${folder}/${name}`) : [name]) {
      if (this.#included.has(path)) return []
      const source = this.#read(path)
      if (source !== null) return [this.#take(path, source, place)]
      const names = this.#files.list(path)
      if (names === null) continue
      this.#included.add(path)
      return this.#folder(path, names, place)
    }
    if (optional) return []
    throw new ProfileError('no-such-file', `there is no \`${name}\` to include`, place, { hint: this.#where(search) })
  }

  /** The text of a file named by `abi`; null when this block has read it already. */
  abi(name: string, search: boolean, place: Place): SourceText | null {
    return this.include(name, search, false, place)[0] ?? null
  }

  #where(search: boolean): string | null {
    if (!search) {
      return 'a path in quotes is relative to the current folder; `<name>` is looked for in the include folders'
    }
    return this.#folders.length === 0 ? 'no include folder was named' : `looked in ${this.#folders.join(', ')}`
  }

  #folder(path: string, names: readonly string[], place: Place): readonly SourceText[] {
    const taken: SourceText[] = []
    for (const name of names.filter(isProfileFile).toSorted()) {
      const file = `${path}/${name}`
      if (this.#included.has(file)) continue
      const source = this.#read(file)
      if (source !== null) taken.push(this.#take(file, source, place))
    }
    // The last file is the first to be read.
    return taken.reverse()
  }

  #take(path: string, source: SourceText, place: Place): SourceText {
    this.#included.add(path)
    this.#count++
    this.#bytes += source.text.length
    if (this.#count > MOST_FILES || this.#bytes > MOST_BYTES) {
      throw new ProfileError('too-many-includes', 'the text includes too much', place)
    }
    return source
  }

  #read(path: string): SourceText | null {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    const bytes = this.#files.read(path)
    const source = bytes === null ? null : SourceText.of(path, bytes)
    const nul = source?.text.indexOf('\0') ?? -1
    if (nul >= 0) {
      throw new ProfileError('bad-character', 'a NUL byte: the file is not text', new Place(source!, nul), {
        hint: 'a NUL in a pattern is written `\\000`',
      })
    }
    this.#known.set(path, source)
    return source
  }
}
