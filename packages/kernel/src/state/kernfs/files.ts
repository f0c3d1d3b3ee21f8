/**
 * Files that a directory gets as one batch: those of a control group. Until the directory is read they are only numbers
 * and a charge, and their change counts are kept. Then each becomes a node.
 */
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import type { KernfsIattrs, KernfsNode, KernfsOps } from './node.ts'

export interface FileSpec {
  readonly name: string
  readonly mode: number
  readonly ops: KernfsOps
}

/** Makes the nodes: the root of the tree. */
export interface FileMaker {
  /** The node of a file that was charged, and given its number, when its batch was made. */
  born(batch: KernfsFiles, spec: FileSpec, id: number): KernfsNode
  /** The files of the batch are nodes now, or will never be. */
  seen(batch: KernfsFiles): void
  remove(kn: KernfsNode): void
  /** As `kernfs_notify`. */
  notify(kn: KernfsNode): void
}

export class KernfsFiles extends Holder {
  readonly dir: KernfsNode
  readonly specs: readonly FileSpec[]
  /** The number of the first file; the others follow. */
  readonly firstId: number
  /** Attributes of all files; null for the default. */
  readonly iattr: Readonly<KernfsIattrs> | null
  readonly #maker: FileMaker
  #nodes: Map<string, KernfsNode> | null = null
  /** Change counts of files without a node. */
  #changes: Map<string, number> | null = null

  /** The caller has charged `account` with `held`. `made`: the files have nodes, which carry their own charge. */
  constructor(
    account: MemoryAccount, held: number, maker: FileMaker, dir: KernfsNode, specs: readonly FileSpec[],
    firstId: number, iattr: Readonly<KernfsIattrs> | null, made: readonly KernfsNode[] | null = null,
  ) {
    super(account, held)
    this.#maker = maker
    this.dir = dir
    this.specs = specs
    this.firstId = firstId
    this.iattr = iattr
    if (made !== null) this.#nodes = new Map(made.map((kn) => [kn.name, kn]))
  }

  /** Each becomes a node: the directory is looked into. */
  make(): void {
    const { specs, firstId } = this
    const changes = this.#changes
    const nodes = (this.#nodes = new Map<string, KernfsNode>())
    for (const [i, spec] of specs.entries()) {
      const kn = this.#maker.born(this, spec, firstId + i)
      kn.event = changes?.get(spec.name) ?? 0
      nodes.set(spec.name, kn)
    }
    // what they hold is theirs now
    this.held = 0
    this.#changes = null
    this.#maker.seen(this)
  }

  /** A file of these by its name. */
  node(name: string): KernfsNode {
    void this.dir.children
    return this.#nodes!.get(name)!
  }

  /** As `kernfs_notify`, of a file of these; the root group has fewer than others. */
  notify(name: string): void {
    const kn = this.#nodes?.get(name)
    if (kn !== undefined) this.#maker.notify(kn)
    else if (this.#nodes === null) (this.#changes ??= new Map()).set(name, (this.#changes.get(name) ?? 0) + 1)
  }

  remove(): void {
    if (this.#nodes === null) {
      this.dir.dropFiles(this)
      this.#maker.seen(this)
      this.release()
    } else for (const kn of this.#nodes.values()) this.#maker.remove(kn)
  }
}
