/**
 * The image of a bundle, which agents of one process share: its compiled policies, and that its scenarios pass. Both
 * depend on the bytes of the bundle alone. INVARIANT: each host verifies the bytes by itself before it asks for the
 * image, and a host with other keys gets another image.
 */
import type { Bundle } from '../bundle/container.ts'
import { pinOf } from '../bundle/keys.ts'
import type { Trust } from '../bundle/keys.ts'
import { compileBundle } from './compiled-bundle.ts'
import type { Compiled } from './compiled-bundle.ts'
import { runScenarios } from './prove.ts'

/** A bundle that was compiled. Nothing in it is ever changed. */
export class BundleImage {
  readonly compiled: Compiled
  #scenarios: Promise<number> | null = null

  constructor(compiled: Compiled) {
    this.compiled = compiled
  }

  /** The number of its scenarios, which have all passed. They run once; those that fail run again for the next host. */
  async scenarios(bundle: Bundle): Promise<number> {
    this.#scenarios ??= runScenarios(bundle, this.compiled)
    try {
      return await this.#scenarios
    } catch (error) {
      this.#scenarios = null
      throw error
    }
  }
}

/** The images that somebody of this process has: one that nobody has any more is made anew. */
export class BundleImages {
  readonly #kept = new Map<string, WeakRef<BundleImage>>()
  readonly #made = new Map<string, Promise<BundleImage>>()

  /** `bundle` was verified by these keys. Throws FleetError `bad-policy`. */
  async of(bundle: Bundle, trust: Trust): Promise<BundleImage> {
    const key = `${bundle.id} ${pinOf(trust)}`
    const kept = this.#kept.get(key)?.deref()
    if (kept !== undefined) return kept
    let making = this.#made.get(key)
    if (making === undefined) {
      making = this.#make(key, bundle)
      this.#made.set(key, making)
    }
    return making
  }

  /** An image is found by this promise until it is kept, and hosts that asked in between get the same one. */
  async #make(key: string, bundle: Bundle): Promise<BundleImage> {
    try {
      const made = new BundleImage(await compileBundle(bundle))
      for (const [old, image] of this.#kept) if (image.deref() === undefined) this.#kept.delete(old)
      this.#kept.set(key, new WeakRef(made))
      return made
    } finally {
      this.#made.delete(key)
    }
  }
}
