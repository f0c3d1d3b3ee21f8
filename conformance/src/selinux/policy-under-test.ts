/** A policy in two servers, one answering as the kernel and one as libsepol, asked in names as tables have them. */
import { errnoName } from '@lsmkit/abi'
import { SecurityServer } from '@lsmkit/selinux/server'

/** State by number, then by name of boolean. */
export type States = ReadonlyMap<string, Readonly<Record<string, boolean>>>

export class PolicyUnderTest {
  readonly server: SecurityServer
  readonly #classes: ReadonlyMap<string, number>
  readonly #states: States
  readonly #contexts: readonly string[]
  #state = ''

  constructor(mode: 'kernel' | 'libsepol', policy: Uint8Array, states: States, contexts: readonly string[]) {
    this.server = new SecurityServer({ mode })
    this.server.load(policy)
    this.#classes = new Map(this.server.policyClasses().map(({ name, value }) => [name, value]))
    this.#states = states
    this.#contexts = contexts
  }

  /** Sets all booleans as in a state of the table. */
  enter(state: string): void {
    if (state === this.#state) return
    this.server.setBooleans(this.#states.get(state) ?? {})
    this.#state = state
  }

  /** The SID of a context by its place in the table. */
  sid(index: string): number {
    return this.server.contextToSid(this.#contexts[Number(index)] ?? '')
  }

  class(name: string): number {
    return this.#classes.get(name) ?? 0
  }

  /** A context, or `!EACCES`. */
  text(sid: number): string {
    return sid < 0 ? `!${errnoName(sid)}` : String(this.server.sidToContext(sid))
  }
}
