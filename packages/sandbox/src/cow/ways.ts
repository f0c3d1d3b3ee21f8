/** The names in a copy-on-write folder that belong to mounts: where they lie, and the directories that lead there. */

export class Ways {
  readonly #mounts: ReadonlySet<string>
  readonly #above: ReadonlySet<string>

  /** Paths of mounts, relative to the folder. */
  constructor(mounts: readonly string[]) {
    this.#mounts = new Set(mounts)
    this.#above = new Set(mounts.flatMap((path) => this.leadingTo(path).slice(0, -1)))
  }

  /** The directories above a mount, the outermost first, and its own place. */
  leadingTo(path: string): string[] {
    const names = path.split('/')
    return names.map((_, i) => names.slice(0, i + 1).join('/'))
  }

  /** Whether another file system is mounted there: nothing of it belongs to the folder. */
  isMount(path: string): boolean {
    return this.#mounts.has(path)
  }

  /** Whether the directory leads to a mount. */
  isAbove(path: string): boolean {
    return this.#above.has(path)
  }

  has(path: string): boolean {
    return this.isMount(path) || this.isAbove(path)
  }
}
