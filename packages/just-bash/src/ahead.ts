/**
 * In the thread of a shell: a program that lists a directory and looks at one entry after the other gets the status of
 * many by one call. Each status is used once and soon, and no call that may change a file lies between.
 */
import type { FsStat } from 'just-bash'
import type { AskFile, FileMethod } from './file-calls.ts'

/** Entries of a directory that a program has looked at, before those that follow are fetched with the next. */
const LOOKS = 2
/** Milliseconds that a status is of use. */
const LASTS = 20
const MOST_LISTINGS = 64

const reading: ReadonlySet<FileMethod> = new Set<FileMethod>([
  'entries', 'exists', 'lstat', 'more', 'read', 'readlink', 'realpath', 'stat', 'close',
])

/** Taken before a script runs: just-bash takes it from all that a script leads to. */
const now = performance.now.bind(performance)

/** Counts what may have changed files, by whichever process of the shell. */
export class Changes {
  count = 0
}

interface Listing {
  /** Those that nobody has looked at. */
  readonly names: Set<string>
  looks: number
}

type StatMethod = 'lstat' | 'stat'
const isStat = (method: FileMethod): method is StatMethod => method === 'lstat' || method === 'stat'

export class Ahead {
  readonly #ask: (method: FileMethod, ...args: readonly unknown[]) => unknown
  readonly #changes: Changes
  #seen = 0
  #until = 0
  readonly #listings = new Map<string, Listing>()
  readonly #stats = new Map<string, FsStat>()

  constructor(ask: (method: FileMethod, ...args: readonly unknown[]) => unknown, changes: Changes) {
    this.#ask = ask
    this.#changes = changes
  }

  readonly ask: AskFile = (method, ...args) => this.#answer(method, args) as never

  #answer(method: FileMethod, args: readonly unknown[]): unknown {
    if (!reading.has(method)) this.#changes.count++
    if (this.#seen !== this.#changes.count) this.#forget()
    const [path] = args as [string]
    if (isStat(method)) return this.#stat(method, path)
    const answer = this.#ask(method, ...args)
    if (method === 'entries') this.#listed(path, answer as readonly { readonly name: string }[])
    return answer
  }

  #forget(): void {
    this.#seen = this.#changes.count
    this.#listings.clear()
    this.#stats.clear()
  }

  #listed(path: string, entries: readonly { readonly name: string }[]): void {
    if (this.#listings.size >= MOST_LISTINGS) this.#listings.clear()
    this.#listings.set(path, { names: new Set(entries.map(({ name }) => name)), looks: 0 })
  }

  #stat(method: StatMethod, path: string): FsStat {
    const known = this.#stats.get(path)
    this.#stats.delete(path)
    if (known !== undefined && now() < this.#until && (method === 'lstat' || !known.isSymbolicLink)) return known
    const slash = path.lastIndexOf('/')
    const dir = slash === 0 ? '/' : path.slice(0, slash)
    const listing = this.#listings.get(dir)
    if (listing === undefined || !listing.names.delete(path.slice(slash + 1)) || listing.looks++ < LOOKS) {
      return this.#ask(method, path) as FsStat
    }
    const [own, ...others] = this.#ask('statAhead', method, path, dir, [...listing.names]) as readonly FsStat[]
    // a module is asked there, or the next one is gone
    if (others.length === 0) this.#listings.delete(dir)
    this.#until = now() + LASTS
    const prefix = dir === '/' ? dir : `${dir}/`
    const names = listing.names.values()
    for (const stat of others) {
      const name = names.next().value!
      listing.names.delete(name)
      this.#stats.set(prefix + name, stat)
    }
    return own!
  }
}
