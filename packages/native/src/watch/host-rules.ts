/** The model of what the host's Landlock decides: rights by hierarchies of host folders, and ports. */
import { LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET } from '@lsmkit/abi'

/** The restricted rights and the grants of a compiled policy, as Landlock's calls were given them. */
export interface HostRules {
  /** Rights of files that are refused unless a rule grants them. */
  readonly fs: number
  /** Rights of TCP ports, as well. */
  readonly net: number
  /** By path of the host, without links. */
  readonly paths: ReadonlyMap<string, number>
  readonly ports: ReadonlyMap<number, number>
  /** LANDLOCK_SCOPE_*; 0 where it is absent. */
  readonly scope?: number
}

/** Directories whose rights are remembered. */
const MOST_KNOWN = 20_000

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))

export class HostModel {
  readonly rules: HostRules
  readonly #known = new Map<string, number>()

  constructor(rules: HostRules) {
    this.rules = rules
  }

  /** Rights at a directory: those of every rule above it, and its own. */
  #atDirectory(path: string): number {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    const own = this.rules.paths.get(path) ?? 0
    const rights = path === '/' ? own : own | this.#atDirectory(parentOf(path))
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.set(path, rights)
    return rights
  }

  /** Of the rights, those that the rules do not grant at a path. */
  missing(path: string, rights: number): number {
    const restricted = rights & this.rules.fs
    if (restricted === 0) return 0
    const own = this.rules.paths.get(path) ?? 0
    if ((restricted & ~own) === 0) return 0
    return restricted & ~(own | this.#atDirectory(path === '/' ? '/' : parentOf(path)))
  }

  /** The same for several, with what is missing of each. */
  missingOf(needs: readonly { readonly path: string; readonly rights: number }[]) {
    return needs.filter(({ path, rights }) => this.missing(path, rights) !== 0)
      .map(({ path, rights }) => ({ path, rights: this.missing(path, rights) }))
  }

  /** Whether abstract UNIX sockets of other programs are out of reach. */
  get isScoped(): boolean {
    return ((this.rules.scope ?? 0) & LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET) !== 0
  }

  missingAtPort(port: number, rights: number): number {
    return rights & this.rules.net & ~(this.rules.ports.get(port) ?? 0)
  }
}
