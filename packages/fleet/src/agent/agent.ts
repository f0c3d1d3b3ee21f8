/** The agent of one host: it follows what the host should have, and reports what it has, after that holds. */
import { randomUUID } from 'node:crypto'
import type { Stack } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import type { Access, Denial } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { checkTrust } from '../bundle/keys.ts'
import type { Trust } from '../bundle/keys.ts'
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import { checkDecisions } from '../decisions/options.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'
import type { CompiledKinds } from '../policy/kinds.ts'
import { checkKey } from '../store/keys.ts'
import type { Entry } from '../store/store.ts'
import { pause } from '../store/waiting.ts'
import { AttachedStack, handleRules } from './attached.ts'
import type { StackHandles } from './attached.ts'
import { DecisionCounts } from './counts.ts'
import type { Counters } from './counts.ts'
import { HostDecisions } from './decisions.ts'
import { Holding } from './holding.ts'
import type { TwoAnswers } from './holding.ts'
import { lockFolder } from './lock.ts'
import type { FolderLock } from './lock.ts'
import { fleetRules } from './options.ts'
import type { FleetOptions } from './options.ts'
import { heldOf } from './prepare.ts'
import { parseWant, recordBytes } from './records.ts'
import type { Have, HaveError, Held } from './records.ts'
import { StateFolder } from './state.ts'

const WATCH_AGAIN_MS = 1000
/** Errors of the store, after which the same bundle may well be had. */
const TEMPORARY = new Set(['unreachable', 'stale', 'not-there', 'closed'])
const LONGEST_RETRY_MS = 30_000

interface Parts {
  readonly holding: Holding
  readonly decisions: HostDecisions
  readonly counts: DecisionCounts
  readonly lock: FolderLock
  readonly boot: string
}

/** A host of a fleet, from `joinFleet`. It lasts until `close`. */
export class FleetAgent {
  readonly host: string
  /** Another one after each start. */
  readonly boot: string
  readonly #options: FleetOptions
  readonly #holding: Holding
  readonly #decisions: HostDecisions
  readonly #counts: DecisionCounts
  readonly #lock: FolderLock
  readonly #closing = new AbortController()
  #error: HaveError | null = null
  #want = 0
  #work: Promise<void> = Promise.resolve()
  #reports: Promise<void> = Promise.resolve()
  #reportsDue = 0
  #beats: NodeJS.Timeout | undefined

  /** @internal */
  constructor(options: FleetOptions, { holding, decisions, counts, lock, boot }: Parts) {
    this.host = options.host
    this.boot = boot
    this.#options = options
    this.#holding = holding
    this.#decisions = decisions
    this.#counts = counts
    this.#lock = lock
    holding.isBlocked = () => decisions.isBlocked
    decisions.onBlocked = () => holding.guard()
  }

  /** The bundle whose policies hold. */
  get enforced(): Held | null {
    const { enforced } = this.#holding
    return enforced === null ? null : heldOf(enforced)
  }

  /** The bundle whose policies are only asked. */
  get permissive(): Held | null {
    const { permissive } = this.#holding
    return permissive === null ? null : heldOf(permissive)
  }

  /** Why the last `want` was not applied; null where it was. */
  get error(): HaveError | null {
    return this.#error
  }

  get isExpired(): boolean {
    return this.#holding.isExpired
  }

  /** The keys that bundles have to be signed by now. */
  get trust(): Trust {
    return this.#holding.trust
  }

  /** The policy of one kind that holds. Throws FleetError `no-policy`, and `expired` with `onExpired: 'deny'`. */
  policy<K extends PolicyKindName>(kind: K): CompiledKinds[K] {
    return this.#holding.policy(kind)
  }

  /**
   * For `createSandbox({ fleet: agent })`. Throws as `policy` does, and FleetError `spool-full` where nothing may be
   * begun before there is room for its decisions.
   */
  sandboxPolicy(): Policy {
    if (this.#decisions.isBlocked) {
      throw new FleetError('spool-full', 'there is no room for more decisions, so nothing more is begun', {
        place: this.host, hint: 'the store has to take those that wait, or `decisions: { spool: { full } }`',
      })
    }
    return this.policy('sandbox').policy
  }

  /** Asks both bundles: how would the permissive one have decided? Throws FleetError `bad-policy`. */
  ask(kind: PolicyKindName, question: unknown): TwoAnswers {
    return this.#holding.ask(kind, question)
  }

  /**
   * Counts decisions of your program for the next reports, by the bundles that it has now: a rollout compares their
   * rates. Boxes and attached stacks are counted without it. Throws OptionError.
   */
  report(counters: Counters): void {
    const { enforced, permissive } = this.#holding
    this.#counts.add(counters, enforced?.digest ?? null, permissive?.digest ?? null)
  }

  /** Of a box that was made by `createSandbox({ fleet: agent })`. */
  onDenial(denial: Denial): void {
    this.#decisions.ofBox(denial, 'box')
  }

  /** Of a box too: the bundle that is asked answers what it would have refused. */
  onAccesses(accesses: readonly Access[]): void {
    this.#decisions.allowedInBox(accesses, (question) => {
      try {
        return this.ask('sandbox', question).permissive?.allowed === false
      } catch {
        // modules of that policy alone decide: it cannot be asked
        return false
      }
    })
  }

  /**
   * Puts a stack under the policies that hold now, and under each later one. Its decisions are counted, and refusals
   * are sent. Throws OptionError, and FleetError `needs` or `not-applied`. The answer is a function that lets go of the
   * stack, whose policies stay.
   */
  attach(stack: Stack, handles: StackHandles = {}): () => void {
    checkOptions(handles, handleRules, 'attach')
    const { name = 'stack' } = handles
    const attached = new AttachedStack(stack, handles, (record) => this.#decisions.besideStack(record, name))
    const detach = this.#holding.attach(attached)
    const stop = this.#decisions.follow(stack, name)
    return () => {
      stop()
      detach()
    }
  }

  /** @internal */
  async resume(): Promise<void> {
    await this.#holding.resume((error, digest) => {
      this.#error = errorOf(error, digest)
    })
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
      await this.#holding.apply(await this.#holding.prepared(want.bundle, this.#closing.signal), want.mode)
      this.#error = null
    } catch (error) {
      this.#error = errorOf(error, digest)
    }
    this.#want = entry.revision
    await this.#report()
    return this.#error?.code ?? null
  }

  #have(): Have {
    const { status } = this.#decisions
    return {
      format: 1, host: this.host, groups: this.#options.groups ?? [], boot: this.boot, time: Date.now(),
      lsmkit: this.#holding.facts.lsmkit, enforced: this.enforced, permissive: this.permissive, expired: this.isExpired,
      want: this.#want, error: this.#error, counts: this.#counts.all(),
      ...(status === null ? {} : { decisions: status }),
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
    this.#holding.guard()
    const have = this.#have()
    try {
      await this.#options.store.put('have', this.host, recordBytes(have))
      this.#options.onReport?.(have)
    } catch {
      // the next beat reports it
    }
  }

  /** Ends the watch and the reports, and sends decisions for a second at most. The policies stay in force. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#beats)
    this.#holding.close()
    await this.#work.catch(() => null)
    await this.#decisions.close()
    await this.#lock.release()
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

const opened = async (options: FleetOptions, keys: Trust, lock: FolderLock): Promise<FleetAgent> => {
  const folder = new StateFolder(options.state)
  const holding = new Holding(options, folder, await folder.read(options.host, keys))
  const [boot, counts] = [randomUUID(), new DecisionCounts()]
  const decisions = await HostDecisions.open(options, boot, counts, () => ({
    enforced: holding.enforced?.digest ?? null, permissive: holding.permissive?.digest ?? null,
  }))
  const agent = new FleetAgent(options, { holding, decisions, counts, lock, boot })
  await agent.resume()
  return agent
}

/**
 * Joins a fleet: takes up the last known good bundle, follows what the host should have, and reports what it has.
 * Resolves when the first wish of the store was dealt with, or after `wait` milliseconds. Rejects with OptionError, and
 * with FleetError `damaged` for a state that cannot be read, and `locked` for one that another agent uses.
 */
export const joinFleet = async (options: FleetOptions): Promise<FleetAgent> => {
  checkOptions(options, fleetRules, 'joinFleet')
  checkKey(options.host, 'joinFleet: host')
  const keys = checkTrust(options.keys, 'joinFleet: keys')
  if (typeof options.decisions === 'object') checkDecisions(options.decisions)
  const lock = await lockFolder(options.state)
  const agent = await opened(options, keys, lock).catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, options.wait ?? 5000)
    void agent.run(() => {
      clearTimeout(timer)
      resolve()
    })
  })
  return agent
}
