/**
 * Domains: what a task has restricted itself to. Each call adds a layer on top of the last, at most 16; a domain is its
 * top layer and never changes. Its identity counts for tracing and for scopes: a domain that descends from another one
 * has it among its parents.
 */
import { LANDLOCK_ACCESS_FS_REFER } from '@lsmkit/abi'
import type { LandlockMemory } from '@lsmkit/core'
import type { DomainLog } from './domain-log.ts'
import type { NamedInode } from './named-inodes.ts'
import { FS_RIGHTS } from './rights.ts'
import { Refusals } from './refusals.ts'
import type { RuleTable } from './rule-table.ts'
import type { Handled, Ruleset } from './ruleset.ts'

export const MAX_LAYERS = 16
/** Bytes of the host's heap. */
export const DOMAIN_BYTES = 768

export class Domain {
  readonly parent: Domain | null
  /** 1 for the lowest layer. */
  readonly depth: number
  /** Of the top layer alone. */
  readonly handled: Handled
  readonly rules: RuleTable
  /** The rights whose refusals quiet rules of the top layer keep out of the log. */
  readonly quiet: Handled
  /** Of all layers together; REFER is not among `fs` unless somebody asked for it. */
  readonly all: Handled
  /** The refusals of the layers where no rule applies. */
  readonly initial: Refusals
  readonly log: DomainLog
  readonly #memory: LandlockMemory
  #users = 1

  /** Takes over the caller's hold on `rules`; holds its parent. `memory` has been charged. */
  constructor(
    parent: Domain | null, { handled, quiet }: Pick<Ruleset, 'handled' | 'quiet'>, rules: RuleTable,
    memory: LandlockMemory, log: DomainLog,
  ) {
    this.parent = parent?.get() ?? null
    this.depth = (parent?.depth ?? 0) + 1
    this.handled = handled
    this.quiet = quiet
    this.rules = rules
    this.#memory = memory
    this.log = log
    const { fs, net, scope } = parent?.all ?? { fs: 0, net: 0, scope: 0 }
    this.all = { fs: fs | handled.fs, net: net | handled.net, scope: scope | handled.scope }
    const layers = parent === null ? new Int32Array(FS_RIGHTS) : parent.initial.layers.slice()
    // every layer refuses to let files change their directory, whether it was asked to or not
    mark(layers, handled.fs | LANDLOCK_ACCESS_FS_REFER, 1 << (this.depth - 1))
    this.initial = new Refusals(layers)
  }

  /** Whether a rule of some layer names the inode. */
  names(state: NamedInode): boolean {
    if (state.tables === 0) return false
    for (let at: Domain | null = this; at !== null; at = at.parent) if (at.rules.inodes.has(state)) return true
    return false
  }

  /** Takes out of `layers` what rules on the inode grant, of the rights in `mask`. */
  grantInto(layers: Int32Array, state: NamedInode, mask: number): void {
    for (let at: Domain | null = this; at !== null; at = at.parent) {
      const access = (at.rules.inodes.get(state) ?? 0) & mask
      if (access !== 0) unmark(layers, access, 1 << (at.depth - 1))
    }
  }

  /** The rest of the refusals above an inode: the same object if no rule names it. */
  refine(above: Refusals, state: NamedInode): Refusals {
    if (!this.names(state)) return above
    const layers = above.layers.slice()
    this.grantInto(layers, state, -1)
    return new Refusals(layers, above.quiet | this.quietLayers(state))
  }

  /** The layers that have a quiet rule on the inode or the port, as bits. */
  quietLayers(on: NamedInode | number): number {
    let layers = 0
    for (let at: Domain | null = this; at !== null; at = at.parent) {
      if (at.rules.quiet.has(on)) layers |= 1 << (at.depth - 1)
    }
    return layers
  }

  /** The layers that ask about the network right, as bits. */
  layersWith(right: number): number {
    let layers = 0
    for (let at: Domain | null = this; at !== null; at = at.parent) {
      if ((at.handled.net & right) !== 0) layers |= 1 << (at.depth - 1)
    }
    return layers
  }

  /** The layers that refuse the network right at the port, as bits. */
  refusalsAt(port: number, right: number): number {
    let layers = 0
    for (let at: Domain | null = this; at !== null; at = at.parent) {
      const granted = at.rules.ports.get(port) ?? 0
      if ((at.handled.net & right & ~granted) !== 0) layers |= 1 << (at.depth - 1)
    }
    return layers
  }

  /** The layer of that depth. */
  layer(depth: number): Domain {
    let at: Domain = this
    while (at.depth > depth) at = at.parent!
    return at
  }

  get(): this {
    this.#users++
    return this
  }

  put(): void {
    for (let at: Domain | null = this; at !== null && --at.#users === 0; at = at.parent) {
      at.rules.put()
      at.#memory.release()
      at.log.end()
    }
  }
}

const mark = (layers: Int32Array, rights: number, layer: number): void => {
  for (let bit = 0; bit < FS_RIGHTS; bit++) if ((rights & (1 << bit)) !== 0) layers[bit]! |= layer
}
const unmark = (layers: Int32Array, rights: number, layer: number): void => {
  for (let bit = 0; bit < FS_RIGHTS; bit++) if ((rights & (1 << bit)) !== 0) layers[bit]! &= ~layer
}
