/**
 * The environment that the checks share: the registry, what is published there, the Nodes, and folders to use it in.
 */
import { join } from 'node:path'
import { nodeOf, availableNodes } from './nodes.mjs'
import { Outside } from './outside.mjs'
import { ReleaseTree } from './release-tree.mjs'

/** What packages promise to run under, newest last. */
const promised = [20, 24, 26]

export class CheckEnvironment {
  #all = null

  static async open(scratch, registry, quick) {
    const nodes = quick ? await availableNodes() : await Promise.all(promised.map(nodeOf))
    const releaseTree = await ReleaseTree.open(join(scratch, 'tree'), registry)
    return new CheckEnvironment(scratch, registry, releaseTree, nodes.filter((node) => node !== null), quick)
  }

  constructor(scratch, registry, releaseTree, nodes, quick) {
    Object.assign(this, { scratch, registry, releaseTree, nodes, quick })
  }

  /** The oldest Node that is promised, or the nearest to it at hand. */
  get oldest() {
    return this.nodes[0]
  }

  async release() {
    await this.releaseTree.releaseAll()
    this.firstOfCore = this.releaseTree.versionOf('@lsmkit/core')
    const versions = [...this.releaseTree.manifests()].map(([name, { version }]) => `${name} ${version}`)
    return versions.join(', ')
  }

  /** A fresh folder. */
  outside(name, node = this.oldest) {
    return new Outside(join(this.scratch, name), node, this.registry)
  }

  /** The same folder, under another Node. */
  under(outside, node) {
    return new Outside(outside.folder, node, this.registry)
  }

  /** A folder that has all packages; several checks share it. */
  withAll() {
    this.#all ??= (async () => {
      const outside = this.outside('all').init()
      await outside.install(...this.releaseTree.manifests().keys())
      return outside
    })()
    return this.#all
  }
}
