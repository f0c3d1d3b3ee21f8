/**
 * The agent of one host. INVARIANT: a policy holds only after its bundle was verified, compiled and proved; it is
 * reported only after it holds; and one that fails leaves the one before in force, never a weaker one or none.
 */
import { randomUUID } from 'node:crypto'
import type { Stack } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { checkTrust } from '../bundle/keys.ts'
import type { Trust } from '../bundle/keys.ts'
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import { thisHost } from '../bundle/this-host.ts'
import { isExpired, verifyBundle, verifyKept } from '../bundle/verify.ts'
import type { HostFacts, VerifyContext } from '../bundle/verify.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'
import type { Answer } from '../policy/kind.ts'
import type { CompiledKinds } from '../policy/kinds.ts'
import { checkKey } from '../store/keys.ts'
import { getLarge } from '../store/large.ts'
import type { Entry } from '../store/store.ts'
import { pause } from '../store/waiting.ts'
import { AttachedStack, handleRules } from './attached.ts'
import type { StackHandles } from './attached.ts'
import { DecisionCounts } from './counts.ts'
import type { Counters } from './counts.ts'
import { fleetRules } from './options.ts'
import type { FleetOptions } from './options.ts'
import { heldOf, prepare } from './prepare.ts'
import type { Prepared } from './prepare.ts'
import { parseWant, recordBytes } from './records.ts'
import type { Have, HaveError, Held, Mode } from './records.ts'
import { StateFolder } from './state.ts'
import type { AgentState } from './state.ts'

const WATCH_AGAIN_MS = 1000
/** Errors of the store, after which the same bundle may well be had. */
const TEMPORARY = new Set(['unreachable', 'stale', 'not-there', 'closed'])
const LONGEST_RETRY_MS = 30_000
const LOOK_MS = 60_000

/** Both answers to a question; null where there is no such bundle or policy. */
export interface TwoAnswers {
  readonly enforced: Answer | null
  readonly permissive: Answer | null
}

/** A host of a fleet, from `joinFleet`. It lasts until `close`. */
export class FleetAgent {
  readonly host: string
  /** Another one after each start. */
  readonly boot = randomUUID()
  readonly #options: FleetOptions
  readonly #facts: HostFacts
  readonly #folder: StateFolder
  readonly #closing = new AbortController()
  readonly #stacks = new Set<AttachedStack>()
  readonly #counts = new DecisionCounts()
  #state: AgentState
  #enforced: Prepared | null = null
  #permissive: Prepared | null = null
  #error: HaveError | null = null
  #want = 0
  #work: Promise<void> = Promise.resolve()
  #reports: Promise<void> = Promise.resolve()
  #reportsDue = 0
  #beats: NodeJS.Timeout | undefined
  #clock: NodeJS.Timeout | undefined

  /** @internal */
  constructor(options: FleetOptions, folder: StateFolder, state: AgentState) {
    this.host = options.host
    this.#options = options
    this.#folder = folder
    this.#state = state
    this.#facts = thisHost(options.features ?? [])
  }

  /** The bundle whose policies hold. */
  get enforced(): Held | null {
    return this.#enforced === null ? null : heldOf(this.#enforced)
  }

  /** The bundle whose policies are only asked. */
  get permissive(): Held | null {
    return this.#permissive === null ? null : heldOf(this.#permissive)
  }

  /** Why the last `want` was not applied; null where it was. */
  get error(): HaveError | null {
    return this.#error
  }

  get isExpired(): boolean {
    return this.#enforced !== null && isExpired(this.#enforced.bundle.manifest, Date.now())
  }

  /** The keys that bundles have to be signed by now. */
  get trust(): Trust {
    return this.#state.trust
  }

  /** The policy of one kind that holds. Throws FleetError `no-policy`, and `expired` with `onExpired: 'deny'`. */
  policy<K extends PolicyKindName>(kind: K): CompiledKinds[K] {
    const held = this.#holding()
    const policy = held.compiled[kind]
    if (policy !== undefined) return policy as CompiledKinds[K]
    throw new FleetError('no-policy', `the bundle has no policy for ${kind}`, { place: this.host })
  }

  #holding(): Prepared {
    if (this.#enforced === null) {
      throw new FleetError('no-policy', 'the host has no policy of its fleet yet', { place: this.host })
    }
    if (this.#options.onExpired === 'deny' && this.isExpired) {
      const { name, version, expires } = this.#enforced.bundle.manifest
      throw new FleetError('expired', `the policy ${name} ${version} expired at ${String(expires)}`, {
        place: this.host,
      })
    }
    return this.#enforced
  }

  /** For `createSandbox({ fleet: agent })`. Throws as `policy` does. */
  sandboxPolicy(): Policy {
    return this.policy('sandbox').policy
  }

  /** Asks both bundles: how would the permissive one have decided? Throws FleetError `bad-policy`. */
  ask(kind: PolicyKindName, question: unknown): TwoAnswers {
    const answer = (of: Prepared | null): Answer | null => of?.compiled[kind]?.answer(question, kind) ?? null
    return { enforced: answer(this.#enforced), permissive: answer(this.#permissive) }
  }

  /**
   * Counts decisions of your program for the next reports, by the bundles that it has now: a rollout compares their
   * rates. Throws OptionError.
   */
  report(counters: Counters): void {
    this.#counts.add(counters, this.#enforced?.digest ?? null, this.#permissive?.digest ?? null)
  }

  /**
   * Puts a stack under the policies that hold now, and under each later one. Throws OptionError, and FleetError `needs`
   * or `not-applied`. The answer is a function that lets go of the stack, whose policies stay.
   */
  attach(stack: Stack, handles: StackHandles = {}): () => void {
    checkOptions(handles, handleRules, 'attach')
    const attached = new AttachedStack(stack, handles)
    if (this.#enforced !== null) {
      attached.check(this.#enforced.compiled)
      attached.swap(this.#enforced.compiled)
    }
    this.#stacks.add(attached)
    this.#guard()
    return () => {
      attached.deny(false)
      this.#stacks.delete(attached)
    }
  }

  /** Looks at the time, now and when the bundle expires; a clock that was set is noticed within a minute. */
  #guard(): void {
    const expires = this.#enforced?.bundle.manifest.expires ?? null
    const isDenied = this.#options.onExpired === 'deny' && this.isExpired
    for (const stack of this.#stacks) stack.deny(isDenied)
    clearTimeout(this.#clock)
    if (expires === null || this.#closing.signal.aborted) return
    const left = Date.parse(expires) - Date.now()
    this.#clock = setTimeout(() => this.#guard(), left > 0 ? Math.min(left, LOOK_MS) : LOOK_MS).unref()
  }

  #context(): VerifyContext {
    const { trust, highest } = this.#state
    return { trust, highest, tenant: this.#options.tenant ?? null, host: this.#facts, now: Date.now() }
  }

  /** @internal Takes up what was on the disk: it is verified and proved again, though it may have expired. */
  async resume(): Promise<void> {
    const enforced = await this.#kept(this.#state.enforced)
    this.#permissive = await this.#kept(this.#state.permissive)
    if (enforced === null) return
    try {
      await this.#callApply(enforced, 'enforce')
      this.#enforced = enforced
    } catch (error) {
      this.#error = errorOf(error, enforced.digest)
    }
  }

  async #kept(digest: string | null): Promise<Prepared | null> {
    if (digest === null) return null
    const bytes = await this.#folder.bundle(digest)
    try {
      if (bytes === null) throw new FleetError('not-there', 'the last known good bundle is gone from the disk')
      return await prepare(digest, bytes, this.#context(), verifyKept)
    } catch (error) {
      this.#error = errorOf(error, digest)
      return null
    }
  }

  async #callApply({ bundle: { manifest }, compiled }: Prepared, mode: Mode): Promise<void> {
    await this.#options.apply?.({ mode, manifest, policies: compiled })
  }

  /** @internal Watches the host's own key; `first` is called when its first value was dealt with. */
  async run(first: () => void): Promise<void> {
    const { signal } = this.#closing
    const { store, beat = 30_000 } = this.#options
    this.#beats = setInterval(() => void this.#beat(), beat).unref()
    while (!signal.aborted) {
      try {
        for await (const entry of store.watch('want', this.host, { signal })) {
          this.#work = this.#follow(entry)
          await this.#work
          first()
        }
      } catch (error) {
        this.#error = errorOf(error, null)
      }
      await pause(WATCH_AGAIN_MS, signal)
    }
  }

  /** Until it is applied, or will not be; a store that is away is tried again, until another bundle is wanted. */
  async #follow(entry: Entry): Promise<void> {
    const { signal } = this.#closing
    for (let wait = 250; !signal.aborted; wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
      const code = await this.#try(entry)
      if (code === null || !TEMPORARY.has(code)) return
      await pause(wait, signal)
      if (await this.#isOld(entry)) return
    }
  }

  async #isOld({ revision }: Entry): Promise<boolean> {
    const now = await this.#options.store.get('want', this.host).catch(() => null)
    return now !== null && now.revision > revision
  }

  /** The code of the error; null where it is applied. */
  async #try(entry: Entry): Promise<string | null> {
    let digest: string | null = null
    try {
      const want = parseWant(entry.value, this.host)
      digest = want.bundle
      await this.#apply(await this.#prepared(want.bundle), want.mode)
      this.#error = null
    } catch (error) {
      this.#error = errorOf(error, digest)
    }
    this.#want = entry.revision
    await this.#report()
    return this.#error?.code ?? null
  }

  async #prepared(digest: string): Promise<Prepared> {
    if (this.#enforced?.digest === digest) return this.#enforced
    if (this.#permissive?.digest === digest) {
      // time has passed since
      await verifyBundle(this.#permissive.bytes, this.#context())
      return this.#permissive
    }
    const bytes = await getLarge(this.#options.store, digest, { signal: this.#closing.signal })
    return prepare(digest, bytes, this.#context())
  }

  async #apply(next: Prepared, mode: Mode): Promise<void> {
    const state = this.#stateWith(next, mode)
    const commit = await this.#folder.stage(state, next.digest, next.bytes)
    if (mode === 'permissive') {
      // the policies that hold stay in force, whatever the other bundle would allow
      await this.#callApply(next, mode)
      this.#permissive = next
    } else {
      if (next.digest !== this.#enforced?.digest) await this.#enforce(next)
      this.#permissive = null
    }
    this.#state = state
    await commit()
    this.#guard()
  }

  #stateWith({ digest, bundle: { id, manifest } }: Prepared, mode: Mode): AgentState {
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
    for (const stack of this.#stacks) stack.check(next.compiled)
    const swapped: AttachedStack[] = []
    try {
      await this.#callApply(next, 'enforce')
      for (const stack of this.#stacks) {
        stack.swap(next.compiled)
        swapped.push(stack)
      }
      this.#enforced = next
    } catch (error) {
      if (before !== null) {
        for (const stack of swapped) stack.swap(before.compiled)
        await this.#callApply(before, 'enforce')
      }
      if (error instanceof FleetError) throw error
      throw new FleetError('not-applied', `\`apply\` has refused the bundle: ${reasonOf(error)}`, { cause: error })
    }
  }

  #have(): Have {
    return {
      format: 1, host: this.host, groups: this.#options.groups ?? [], boot: this.boot, time: Date.now(),
      lsmkit: this.#facts.lsmkit, enforced: this.enforced, permissive: this.permissive, expired: this.isExpired,
      want: this.#want, error: this.#error, counts: this.#counts.all(),
    }
  }

  async #beat(): Promise<void> {
    if (this.#reportsDue === 0) await this.#report()
  }

  /** One after the other: a report that was made earlier never takes the place of a later one. */
  async #report(): Promise<void> {
    this.#reportsDue += 1
    this.#reports = this.#reports.then(() => this.#reportNow()).finally(() => { this.#reportsDue -= 1 })
    await this.#reports
  }

  /** A store that is away gets the next report. */
  async #reportNow(): Promise<void> {
    this.#guard()
    const have = this.#have()
    try {
      await this.#options.store.put('have', this.host, recordBytes(have))
      this.#options.onReport?.(have)
    } catch {
      // the next beat reports it
    }
  }

  /** Ends the watch and the reports. The policies stay in force. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#beats)
    clearTimeout(this.#clock)
    await this.#work.catch(() => null)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

const MOST_MESSAGE = 2000

const errorOf = (error: unknown, bundle: string | null): HaveError => {
  const { code, place, summary } = error as { code?: unknown, place?: unknown, summary?: unknown }
  return {
    code: typeof code === 'string' ? code : 'not-applied',
    message: (typeof summary === 'string' ? summary : reasonOf(error)).slice(0, MOST_MESSAGE),
    place: typeof place === 'string' ? place.slice(0, MOST_MESSAGE) : null, bundle,
  }
}

/**
 * Joins a fleet: takes up the last known good bundle, follows what the host should have, and reports what it has.
 * Resolves when the first wish of the store was dealt with, or after `wait` milliseconds. Rejects with OptionError, and
 * with FleetError `damaged` for a state that cannot be read.
 */
export const joinFleet = async (options: FleetOptions): Promise<FleetAgent> => {
  checkOptions(options, fleetRules, 'joinFleet')
  checkKey(options.host, 'joinFleet: host')
  const keys = checkTrust(options.keys, 'joinFleet: keys')
  const folder = new StateFolder(options.state)
  const agent = new FleetAgent(options, folder, await folder.read(options.host, keys))
  await agent.resume()
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, options.wait ?? 5000)
    void agent.run(() => {
      clearTimeout(timer)
      resolve()
    })
  })
  return agent
}
