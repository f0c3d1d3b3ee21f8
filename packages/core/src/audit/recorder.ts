/** Where a stack's cold path ends: denials, faults and what LSMs say become records. */
import { EACCES, ECHILD } from '@lsmkit/abi'
import type { Current } from '../current.ts'
import { faultText } from '../dispatch/fault-text.ts'
import type { ColdPath, FaultKind } from '../dispatch/strategy.ts'
import type { Host } from '../host.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import type { Audit } from './audit.ts'
import { argumentsOf, objectSource, plainArgs } from './hook-args.ts'
import type { Argument, Side } from './hook-args.ts'
import { commonText } from './kernel-text.ts'
import type { LsmAudit } from './lsm-audit.ts'
import { describeObject } from './object.ts'
import type { AuditObject } from './object.ts'
import type { AuditDetails, AuditRecord, Subject, Unstamped, WouldDenyRecord } from './record.ts'
import { subjectOf } from './subject.ts'
import { untrusted } from './untrusted.ts'
import { textOf } from '../text-of.ts'

/** Asked for the label of a subject. */
const LABEL_HOOKS: ReadonlySet<string> = new Set([
  'current_getsecid_subj', 'secid_to_secctx', 'release_secctx', 'current_getlsmprop_subj', 'lsmprop_to_secctx',
])

/** The last denial. */
export interface Denial {
  readonly hook: string
  readonly lsm: string
  readonly rc: number
  /** In the words of the LSM; of a hook that gave no answer, what it did instead. Null where nothing was said. */
  readonly reason: string | null
}

/** A refusal of a module that is asked beside the stack, before it is reported. */
export type Refusal = Omit<Unstamped<WouldDenyRecord>, 'kind'>

interface Reason {
  readonly lsm: string
  /** Null: whichever it is asked on. */
  readonly hook: string | null
  readonly rc: number
  readonly reason: string
  readonly details: AuditDetails | null
}

export interface RecorderOptions {
  readonly audit: Audit
  readonly current: Current
  readonly host: Host
  /** The stack's hooks, by which arguments are named. */
  readonly hooks: Readonly<Record<string, AnyHookDef>>
  /** Whether denials are recorded, in addition to being kept in `denial`. */
  readonly denials: boolean
  /** The current task's security context; it may ask the stack's own hooks. */
  readonly label: () => string | null
}

export class Recorder implements ColdPath {
  denial: Denial | null = null
  readonly missed: { count: number }
  readonly #options: RecorderOptions
  /** Said by the LSM that is about to return its refusal. */
  #reason: Reason | null = null
  /** Set while a subject's label is asked for: those hooks' own refusals are not recorded, and nobody asks again. */
  #asking = false
  /** While modules beside are asked: nothing is recorded, and no denial is kept. */
  #isAside = false

  constructor(options: RecorderOptions) {
    this.#options = options
    this.missed = options.audit.missed
  }

  /** A call of the host's threw, and so is refused. `where` is its name: `openat`. */
  onHostFault(where: string, error: unknown): void {
    try {
      this.#record(() => ({
        kind: 'fault', lsm: 'kernel', fault: 'throw', message: textOf(error), hook: where, subject: this.#subject(),
        object: null, args: {},
      }))
    } catch {
      this.missed.count++
    }
  }

  /** -ECHILD refuses nothing: a walk under RCU is to ask again where it may block (MAY_NOT_BLOCK). */
  onSettle(hook: string, lsm: string, rc: number, args: ArrayLike<unknown> = []): void {
    if (rc >= 0 || rc === -ECHILD || this.#isAside || this.#isAsked(hook)) return
    const said = this.#said(hook, lsm, rc)
    this.denial = { hook, lsm, rc, reason: said?.reason ?? null }
    this.#refusal('denial', hook, lsm, rc, args, said)
  }

  onWaived(hook: string, lsm: string, rc: number, args: ArrayLike<unknown> = []): void {
    if (!this.#isAsked(hook)) this.#refusal('would-deny', hook, lsm, rc, args, this.#said(hook, lsm, rc))
  }

  /**
   * The refusal in the answer of a module that is asked beside; null where it has none. Nothing is recorded meanwhile.
   * One that throws, or answers something else, would refuse.
   */
  aside(lsm: string, hook: string, args: readonly unknown[], ask: () => unknown): Refusal | null {
    const before = this.#reason
    this.#reason = null
    this.#isAside = true
    try {
      const [rc, fault] = answerOf(ask)
      if (rc >= 0 || rc === -ECHILD) return null
      const said = fault === null ? this.#said(hook, lsm, rc) : { reason: fault, details: null }
      return this.refusalOf(lsm, hook, args, rc, said, 'hook')
    } finally {
      this.#isAside = false
      this.#reason = before
    }
  }

  /** A refusal of the module, as a record says it. `hook` is '' outside of hooks. */
  refusalOf(
    lsm: string, hook: string, args: readonly unknown[], rc: number, said: Pick<Reason, 'reason' | 'details'> | null,
    side: Side = 'entry',
  ): Refusal {
    const call = hook === '' ? { hook, subject: this.#subject(), object: null, args: {} } : this.#call(hook, args, side)
    return { ...call, lsm, rc, reason: said?.reason ?? null, details: said?.details ?? null }
  }

  /** Why, where it was said of this refusal; it is said once. */
  #said(hook: string, lsm: string, rc: number): Reason | null {
    const reason = this.#reason
    this.#reason = null
    if (reason === null || reason.lsm !== lsm || reason.rc !== rc) return null
    return reason.hook === null || reason.hook === hook ? reason : null
  }

  #refusal(
    kind: 'denial' | 'would-deny', hook: string, lsm: string, rc: number, args: ArrayLike<unknown>,
    said: Reason | null,
  ): void {
    if (!this.#options.denials) return
    this.#record(() => ({
      kind, lsm, rc, ...this.#call(hook, args), reason: said?.reason ?? null, details: said?.details ?? null,
    }))
  }

  onFault(
    hook: string, lsm: string, error: unknown, fault: FaultKind, args: ArrayLike<unknown> = [], decides = false,
  ): void {
    if (this.#isAsked(hook)) return
    const text = faultText(fault, error)
    if (decides && this.#options.hooks[hook]!.ret === 'int') {
      this.#reason = { lsm, hook, rc: -EACCES, reason: text, details: null }
    }
    const message = fault === 'throw' ? textOf(error) : text
    this.#record(() => ({ kind: 'fault', lsm, fault, message, ...this.#call(hook, args) }))
  }

  onAllow(hook: string, rc: number, args: ArrayLike<unknown>): void {
    if (this.#isAsked(hook)) return
    this.#record(() => ({ kind: 'allow', rc, ...this.#call(hook, args, 'entry') }))
  }

  /** The voice of one LSM. */
  voice(lsm: string): LsmAudit {
    const { current, host } = this.#options
    return {
      emit: ({ type, text, details = null }) => this.#record(() => ({ kind: 'text', lsm, type, text, details })),
      deny: (rc, reason, details) => {
        this.#reason = { lsm, hook: null, rc, reason, details: details ?? null }
        return rc
      },
      describe: (kind, source) => describeObject(kind, source, host, current.task),
      common: (object = null) => commonText(current.task, object),
      untrusted,
    }
  }

  /** As one of the current task's. */
  #record(make: () => Unstamped<AuditRecord>): void {
    if (this.#isAside) return
    this.#options.audit.record(make, () => {
      const { tgid, cred } = this.#options.current.task
      return { process: tgid, label: this.#label() ?? `uid ${cred.uid}` }
    })
  }

  #call(name: string, values: ArrayLike<unknown>, side?: Side) {
    const hook = name as HookName
    const args = argumentsOf(hook, this.#options.hooks[hook]!, values, side)
    return { hook, subject: this.#subject(), object: this.#object(hook, args), args: plainArgs(hook, args) }
  }

  #subject(): Subject {
    return subjectOf(this.#options.current.task, this.#label())
  }

  /** null while it is asked for, too: a call that is made meanwhile has its records, without it. */
  #label(): string | null {
    if (this.#asking) return null
    this.#asking = true
    try {
      return this.#options.label()
    } catch {
      return null
    } finally {
      this.#asking = false
    }
  }

  #isAsked(hook: string): boolean {
    return this.#asking && LABEL_HOOKS.has(hook)
  }

  /** null for arguments that cannot be described: a record must not fail because a caller passed something odd. */
  #object(hook: string, args: readonly Argument[]): AuditObject | null {
    try {
      const source = objectSource(hook, args)
      return source === null ? null : describeObject(...source, this.#options.host, this.#options.current.task)
    } catch {
      return null
    }
  }
}

/** The number, and what was wrong with an answer that is not one. */
const answerOf = (ask: () => unknown): readonly [rc: number, fault: string | null] => {
  try {
    const value = ask()
    return typeof value === 'number' ? [value, null] : [-EACCES, faultText('not-an-int', value)]
  } catch (error) {
    return [-EACCES, faultText('throw', error)]
  }
}
