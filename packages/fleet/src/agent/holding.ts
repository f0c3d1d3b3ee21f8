/**
 * The bundles of a host: the one whose policies hold, and the one whose policies are asked. INVARIANT: a policy holds
 * only after its bundle was verified, compiled and proved; and one that fails leaves the one before in force, never a
 * weaker one or none.
 */
import type { Trust } from '../bundle/keys.ts'
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import { thisHost } from '../bundle/this-host.ts'
import { isExpired, verifyBundle, verifyKept } from '../bundle/verify.ts'
import type { HostFacts, VerifyContext } from '../bundle/verify.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'
import type { Answer } from '../policy/kind.ts'
import type { CompiledKinds } from '../policy/kinds.ts'
import { getLarge } from '../store/large.ts'
import type { AttachedStack } from './attached.ts'
import type { FleetOptions } from './options.ts'
import { prepare } from './prepare.ts'
import type { Prepared } from './prepare.ts'
import type { Mode } from './records.ts'
import type { AgentState, StateFolder } from './state.ts'

const LOOK_MS = 60_000

/** Both answers to a question; null where there is no such bundle or policy. */
export interface TwoAnswers {
  readonly enforced: Answer | null
  readonly permissive: Answer | null
}

export class Holding {
  readonly facts: HostFacts
  readonly #options: FleetOptions
  readonly #folder: StateFolder
  readonly #stacks = new Set<AttachedStack>()
  #state: AgentState
  #enforced: Prepared | null = null
  #permissive: Prepared | null = null
  #clock: NodeJS.Timeout | undefined
  #isClosed = false
  /** More that stops attached stacks: the spool is full, and nothing may be lost. */
  isBlocked: () => boolean = () => false

  constructor(options: FleetOptions, folder: StateFolder, state: AgentState) {
    this.#options = options
    this.#folder = folder
    this.#state = state
    this.facts = thisHost(options.features ?? [])
  }

  get enforced(): Prepared | null {
    return this.#enforced
  }

  get permissive(): Prepared | null {
    return this.#permissive
  }

  get trust(): Trust {
    return this.#state.trust
  }

  get isExpired(): boolean {
    return this.#enforced !== null && isExpired(this.#enforced.manifest, Date.now())
  }

  policy<K extends PolicyKindName>(kind: K): CompiledKinds[K] {
    const held = this.#holding()
    const policy = held.compiled[kind]
    if (policy !== undefined) return policy as CompiledKinds[K]
    throw new FleetError('no-policy', `the bundle has no policy for ${kind}`, { place: this.#options.host })
  }

  #holding(): Prepared {
    const place = this.#options.host
    if (this.#enforced === null) throw new FleetError('no-policy', 'the host has no policy of its fleet yet', { place })
    if (this.#options.onExpired === 'deny' && this.isExpired) {
      const { name, version, expires } = this.#enforced.manifest
      throw new FleetError('expired', `the policy ${name} ${version} expired at ${String(expires)}`, { place })
    }
    return this.#enforced
  }

  ask(kind: PolicyKindName, question: unknown): TwoAnswers {
    const answer = (of: Prepared | null): Answer | null => of?.compiled[kind]?.answer(question, kind) ?? null
    return { enforced: answer(this.#enforced), permissive: answer(this.#permissive) }
  }

  /** The answer is a function that lets go of the stack. */
  attach(attached: AttachedStack): () => void {
    if (this.#enforced !== null) {
      attached.check(this.#enforced.compiled, false)
      attached.swap(this.#enforced.compiled)
    }
    attached.compare(this.#permissive?.compiled ?? null)
    this.#stacks.add(attached)
    this.guard()
    return () => {
      attached.deny(false)
      attached.compare(null)
      this.#stacks.delete(attached)
    }
  }

  /** Looks at the time, now and when the bundle expires; a clock that was set is noticed within a minute. */
  guard(): void {
    const expires = this.#enforced?.manifest.expires ?? null
    const isDenied = (this.#options.onExpired === 'deny' && this.isExpired) || this.isBlocked()
    for (const stack of this.#stacks) stack.deny(isDenied)
    clearTimeout(this.#clock)
    if (expires === null || this.#isClosed) return
    const left = Date.parse(expires) - Date.now()
    this.#clock = setTimeout(() => this.guard(), left > 0 ? Math.min(left, LOOK_MS) : LOOK_MS).unref()
  }

  #context(): VerifyContext {
    const { trust, highest } = this.#state
    return { trust, highest, tenant: this.#options.tenant ?? null, host: this.facts, now: Date.now() }
  }

  /**
   * Takes up what was on the disk: it is verified and proved again, though it may have expired. `onError` is called
   * with what goes wrong, and the digest of the bundle.
   */
  async resume(onError: (error: unknown, digest: string) => void): Promise<void> {
    const enforced = await this.#kept(this.#state.enforced, onError)
    this.#permissive = await this.#kept(this.#state.permissive, onError)
    if (enforced === null) return
    try {
      await this.#callApply(enforced, 'enforce')
      this.#enforced = enforced
    } catch (error) {
      onError(error, enforced.digest)
    }
  }

  async #kept(digest: string | null, onError: (error: unknown, digest: string) => void): Promise<Prepared | null> {
    if (digest === null) return null
    const bytes = await this.#folder.bundle(digest)
    try {
      if (bytes === null) throw new FleetError('not-there', 'the last known good bundle is gone from the disk')
      return await prepare(digest, bytes, this.#context(), verifyKept)
    } catch (error) {
      onError(error, digest)
      return null
    }
  }

  async #callApply({ manifest, compiled }: Prepared, mode: Mode): Promise<void> {
    await this.#options.apply?.({ mode, manifest, policies: compiled })
  }

  /** The bundle of a digest, verified, compiled and proved. */
  async prepared(digest: string, signal: AbortSignal): Promise<Prepared> {
    if (this.#enforced?.digest === digest) return this.#enforced
    if (this.#permissive?.digest === digest) {
      // time has passed since
      await verifyBundle(this.#permissive.bytes, this.#context())
      return this.#permissive
    }
    return prepare(digest, await getLarge(this.#options.store, digest, { signal }), this.#context())
  }

  async apply(next: Prepared, mode: Mode): Promise<void> {
    // also one that is only asked: what it would refuse when it holds, it refuses now
    this.#checkStacks(next)
    const state = this.#stateWith(next, mode)
    const commit = await this.#folder.stage(state, next.digest, next.bytes)
    if (mode === 'permissive') {
      // the policies that hold stay in force, whatever the other bundle would allow
      await this.#callApply(next, mode)
      this.#compare(next)
    } else {
      if (next.digest !== this.#enforced?.digest) await this.#enforce(next)
      this.#compare(null)
    }
    this.#state = state
    await commit()
    this.guard()
  }

  /** Every stack asks it beside its own policies, or all of them go on with the one before. */
  #compare(next: Prepared | null): void {
    try {
      for (const stack of this.#stacks) stack.compare(next?.compiled ?? null)
      this.#permissive = next
    } catch (error) {
      for (const stack of this.#stacks) stack.compare(this.#permissive?.compiled ?? null)
      throw error
    }
  }

  #checkStacks({ manifest, compiled }: Prepared): void {
    const isBack = this.#enforced !== null && manifest.epoch < this.#enforced.manifest.epoch
    for (const stack of this.#stacks) stack.check(compiled, isBack)
  }

  #stateWith({ digest, id, manifest }: Prepared, mode: Mode): AgentState {
    if (mode === 'permissive') return { ...this.#state, permissive: digest }
    const { highest, trust } = this.#state
    const isHigher = highest === null || manifest.epoch > highest.epoch
    return {
      ...this.#state, enforced: digest, permissive: null,
      // a bundle that the host is brought back to does not bring back its keys
      trust: isHigher ? manifest.keys ?? trust : trust,
      highest: isHigher ? { epoch: manifest.epoch, id, back: manifest.back } : highest,
    }
  }

  /** All or nothing: your own enforcers first, because they may take their time, and then each stack in one go. */
  async #enforce(next: Prepared): Promise<void> {
    const before = this.#enforced
    const swapped: AttachedStack[] = []
    try {
      await this.#callApply(next, 'enforce')
      for (const stack of this.#stacks) {
        stack.swap(next.compiled)
        swapped.push(stack)
      }
      this.#enforced = next
    } catch (error) {
      for (const stack of swapped) stack.swap(before?.compiled ?? {})
      if (before !== null) await this.#callApply(before, 'enforce')
      if (error instanceof FleetError) throw error
      throw new FleetError('not-applied', `\`apply\` has refused the bundle: ${reasonOf(error)}`, { cause: error })
    }
  }

  close(): void {
    this.#isClosed = true
    for (const stack of this.#stacks) stack.compare(null)
    clearTimeout(this.#clock)
  }
}
