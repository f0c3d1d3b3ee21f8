/**
 * Which chunks of a package become one file. Node looks for, reads, compiles and links each file of a program's start,
 * which costs as much as many lines of code do; on the other hand a start should not load what it does not use.
 */

/** A file that a program of the package may load. */
export interface BuiltFile {
  readonly name: string
  readonly bytes: number
  /** Names of the files that it imports before it runs. */
  readonly imports: readonly string[]
  /**
   * An `entry` is loaded by its name: the name stays, and nothing is added to the file. A `foreign` one is of another
   * package.
   */
  readonly kind: 'entry' | 'chunk' | 'foreign'
  /** For an entry, how often it is loaded beside the others. */
  readonly weight: number
}

/** One more file takes as long as compiling so many bytes: about 0.4 ms, beside 20 µs for a thousand bytes. */
const FILE = 20_000

/** The files that an entry loads. */
interface Start {
  readonly files: ReadonlySet<BuiltFile>
  readonly weight: number
}

/** A set of chunks that become one file. */
interface Group {
  readonly chunks: ReadonlySet<BuiltFile>
  /** All files that have to be loaded with it. */
  readonly closure: ReadonlySet<BuiltFile>
}

const union = <T>(one: Iterable<T>, other: Iterable<T>): Set<T> => new Set([...one, ...other])
const meets = <T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean => [...one].some((item) => other.has(item))

class Packing {
  readonly #files: ReadonlyMap<string, BuiltFile>
  #starts: readonly Start[]
  groups: readonly Group[]

  constructor(files: readonly BuiltFile[]) {
    this.#files = new Map(files.map((file) => [file.name, file]))
    const ofKind = (kind: BuiltFile['kind']): readonly BuiltFile[] => files.filter((file) => file.kind === kind)
    this.#starts = ofKind('entry').map((entry) => ({ files: this.#closure([entry]), weight: entry.weight }))
    this.groups = ofKind('chunk').map((chunk) => ({ chunks: new Set([chunk]), closure: this.#closure([chunk]) }))
  }

  #closure(from: Iterable<BuiltFile>): Set<BuiltFile> {
    const all = new Set(from)
    for (const file of all) for (const name of file.imports) all.add(this.#files.get(name)!)
    return all
  }

  /** The time that all starts together save when the two are one file, in bytes. */
  saved(one: Group, other: Group): number {
    const chunks = union(one.chunks, other.chunks)
    const closure = union(one.closure, other.closure)
    return this.#starts.reduce((sum, { files, weight }) => {
      const [hasOne, hasOther] = [meets(one.chunks, files), meets(other.chunks, files)]
      if (!hasOne && !hasOther) return sum
      const added = [...closure].filter((file) => !files.has(file))
        .reduce((cost, file) => cost + file.bytes + (chunks.has(file) ? 0 : FILE), 0)
      return sum + weight * ((hasOne && hasOther ? FILE : 0) - added)
    }, 0)
  }

  /** Whether a file outside lies on a way from the chunks to themselves: the two would import each other. */
  isCyclic(chunks: ReadonlySet<BuiltFile>): boolean {
    const imported = [...chunks].flatMap(({ imports }) => imports.map((name) => this.#files.get(name)!))
    return meets(chunks, this.#closure(imported.filter((file) => !chunks.has(file))))
  }

  join(one: Group, other: Group): void {
    const group = { chunks: union(one.chunks, other.chunks), closure: union(one.closure, other.closure) }
    this.groups = [...this.groups.filter((given) => given !== one && given !== other), group]
    this.#starts = this.#starts.map(({ files, weight }) =>
      ({ files: meets(group.chunks, files) ? union(files, group.closure) : files, weight }))
  }
}

/** Groups of chunks, each of at least two, with which the starts of all entries together take the least time. */
export const chunkGroups = (files: readonly BuiltFile[]): string[][] => {
  const packing = new Packing(files)
  for (;;) {
    const { groups } = packing
    const best = groups
      .flatMap((one, i) => groups.slice(i + 1).map((other) => ({ one, other, saved: packing.saved(one, other) })))
      .filter(({ saved }) => saved > 0)
      .toSorted((a, b) => b.saved - a.saved)
      .find(({ one, other }) => !packing.isCyclic(union(one.chunks, other.chunks)))
    if (best === undefined) break
    packing.join(best.one, best.other)
  }
  return packing.groups.filter(({ chunks }) => chunks.size > 1)
    .map(({ chunks }) => [...chunks].map(({ name }) => name).toSorted())
}
