/** The audit state of a domain: its number, whether it is logged, and how often it has refused (ABI 7). */
import { AUDIT_LANDLOCK_DOMAIN } from '@lsmkit/abi'
import type { LsmAudit, LsmContext } from '@lsmkit/core'

/** The logging flags of landlock_restrict_self. */
export interface LogFlags {
  /** Refusals of the program that made the domain are logged. */
  readonly sameExec: boolean
  /** Those of programs that it executes. */
  readonly newExec: boolean
  /** False: nothing of this domain is, for its maker lies in one that has turned the logs of its subdomains off. */
  readonly isLogged: boolean
}

/** Numbers of domains: unique, growing, never small. */
export class DomainIds {
  #last = 0x100000000

  next(): number {
    return ++this.#last
  }
}

export class DomainLog {
  readonly id: number
  readonly flags: LogFlags
  /** Refusals that were put down to this domain. */
  denials = 0
  #isRecorded = false
  readonly #audit: LsmAudit
  /** The task that made it. */
  readonly #maker: string

  constructor(id: number, flags: LogFlags, { audit, current, host }: LsmContext) {
    this.id = id
    this.flags = flags
    this.#audit = audit
    const { tgid, cred, comm, mm } = current.task
    const exe = mm === null || mm.exe_file === null ? '' : (host.d_path?.(mm.exe_file.f_path) ?? '')
    this.#maker = `pid=${tgid} uid=${cred.uid} exe=${audit.untrusted(exe)} comm=${audit.untrusted(comm)}`
  }

  get name(): string {
    return `domain=${this.id.toString(16)}`
  }

  /** Behind the first refusal that is logged. */
  introduce(): void {
    if (this.#isRecorded) return
    this.#isRecorded = true
    this.#emit('allocated', ` mode=enforcing ${this.#maker}`)
  }

  /** Nobody is in it any more. */
  end(): void {
    if (this.#isRecorded) this.#emit('deallocated', ` denials=${this.denials}`)
  }

  #emit(status: string, more: string): void {
    const { id, denials } = this
    this.#audit.emit({
      kind: 'text', type: AUDIT_LANDLOCK_DOMAIN, text: `${this.name} status=${status}${more}`,
      details: { domain: id, status, denials },
    })
  }
}
