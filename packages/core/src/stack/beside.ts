/**
 * Modules that are asked beside those of a stack: of each call that the stack allows, whether they would refuse it.
 *
 * An instance beside has the hooks of its module, and another policy. It answers nothing and changes nothing: its
 * answers are only reported, the state on objects is shown to it as copies, its kernel only reads (quiet-host.ts), its
 * records are dropped. Hooks that give no verdict are not called. While nobody is beside, nothing of this is on a hook.
 */
import { publishReader, recordOf } from '../blob.ts'
import type { BlobAccessor } from '../blob.ts'
import type { AttachOptions, FreeHook, Link, ObserveOptions } from '../attach.ts'
import type { Recorder, Refusal } from '../audit/recorder.ts'
import type { WouldDenyRecord } from '../audit/record.ts'
import type { Lsm, RefusedBeside } from '../define-lsm.ts'
import { ComposeError } from '../errors.ts'
import type { HookGroup } from '../hook-groups.ts'
import type { AnyHookDef, BlobKind, HookFn } from '../hooks/hook-types.ts'
import { obeyedBecause } from '../hooks/waivable.ts'
import type { Observer } from '../programs/trampoline.ts'

/** The parts of a stack that this needs. */
export interface BesideHost {
  readonly stack: object
  readonly hooks: Readonly<Record<string, AnyHookDef>>
  readonly recorder: Recorder
  readonly lsmNamed: (name: string) => Lsm | undefined
  /** The hooks of an instance, made with a context whose host only reads. */
  readonly hooksOf: (lsm: Lsm) => HookGroup
  readonly observe: (hook: string, observer: Observer, options?: ObserveOptions) => Link
  /** Puts a function in front of all members of a hook. */
  readonly inFront: (hook: string, lsm: string, fn: HookFn) => Link
}

/** A call that is under way. */
interface Call {
  readonly hook: string
  readonly args: readonly unknown[]
  refusal: Refusal | null
}

/** The modules that are asked beside a stack, from `stack.beside`. It lasts until `end`. */
export class Beside {
  readonly #host: BesideHost
  /** Null: its refusals are obeyed. */
  readonly #wouldDeny: ((record: WouldDenyRecord) => void) | null
  readonly #links: Link[] = []
  readonly #ends: (() => void)[] = []
  readonly #watched = new Set<string>()
  readonly #calls: Call[] = []
  #isAsking = false

  constructor(host: BesideHost, wouldDeny: ((record: WouldDenyRecord) => void) | null) {
    this.#host = host
    this.#wouldDeny = wouldDeny
  }

  /**
   * Asks the module of that name under another policy, in the form that its `beside` takes. Throws ComposeError
   * `not-beside`, and what the module throws; then nothing is asked any more.
   */
  ask(name: string, policy: unknown): void {
    try {
      this.#ask(name, policy)
    } catch (error) {
      this.end()
      throw error
    }
  }

  #ask(name: string, policy: unknown): void {
    const own = this.#host.lsmNamed(name)
    if (own === undefined || (own.beside ?? null) === null) {
      const message = own === undefined ? `there is no LSM \`${name}\` in the stack` : `\`${name}\` cannot be asked so`
      throw new ComposeError('not-beside', message, { place: 'beside' })
    }
    const { lsm, seen = {}, start, compare } = own.beside!(policy)
    if (lsm !== undefined) {
      for (const [kind, accessor] of Object.entries(lsm.blobs)) {
        if (accessor === undefined) continue
        publishReader(recordOf(accessor), readerOf(accessor, own.blobs[kind as BlobKind], seen[kind as BlobKind]))
      }
      const group = this.#host.hooksOf(lsm) as Readonly<Record<string, HookFn>>
      for (const [hook, fn] of Object.entries(group)) {
        if (obeyedBecause(hook, this.#def(hook)) !== null) continue
        const shieldedFn: HookFn = (...args: unknown[]) => fn(...args.map(shielded)) as unknown
        this.#links.push(this.#wouldDeny === null
          ? this.#host.inFront(hook, name, shieldedFn)
          : this.#inFront(name, hook, shieldedFn))
      }
    }
    if (start !== undefined) this.#ends.push(start(this.#facade(name) as never))
    if (compare === undefined) return
    this.#ends.push(compare((refused) => this.#refused(name, refused)))
    // it may do so on any hook
    for (const hook of Object.keys(this.#host.hooks)) this.#watch(hook)
  }

  #def(hook: string): AnyHookDef {
    return this.#host.hooks[hook]!
  }

  /** Of an int hook: from its call to its result. */
  #watch(hook: string): void {
    if (this.#watched.has(hook) || this.#def(hook).ret !== 'int') return
    this.#watched.add(hook)
    this.#links.push(this.#host.observe(hook, {
      entry: (...args: unknown[]) => void this.#calls.push({ hook, args, refusal: null }),
      exit: (...args: unknown[]) => this.#settle(hook, args.at(-1) as number),
    }))
  }

  /** A call that threw has no result, and is dropped here. */
  #settle(hook: string, rc: number): void {
    let call = this.#calls.pop()
    while (call !== undefined && call.hook !== hook) call = this.#calls.pop()
    const refusal = call?.refusal ?? null
    if (refusal !== null && rc >= 0) this.#report(refusal)
  }

  #report(refusal: Refusal): void {
    try {
      this.#wouldDeny?.({ ...refusal, kind: 'would-deny', serial: 0, time: Date.now() })
    } catch {
      // the listener's fault is no matter of the stack
    }
  }

  #inFront(lsm: string, hook: string, fn: HookFn): Link {
    const def = this.#def(hook)
    if (def.ret === 'void') {
      return this.#host.inFront(hook, lsm, (...args: unknown[]) => void this.#aside(() => fn(...args) as number))
    }
    this.#watch(hook)
    const isVerdict = obeyedBecause(hook, def) === null
    return this.#host.inFront(hook, lsm, (...args: unknown[]) => {
      this.#question(lsm, hook, args, fn, isVerdict)
      return def.default
    })
  }

  /** Enforced, a call ends with its first refusal: the later ones are not asked for. */
  #question(lsm: string, hook: string, args: readonly unknown[], fn: HookFn, isVerdict: boolean): void {
    const call = this.#calls.at(-1)
    if (this.#isAsking || (isVerdict && (call?.refusal ?? null) !== null)) return
    const refusal = this.#aside(() => this.#host.recorder.aside(lsm, hook, args, () => fn(...args) as number))
    if (isVerdict && call !== undefined) call.refusal = refusal
  }

  /** Questions of the module itself are asked meanwhile; nobody beside is asked about them. */
  #aside<T>(run: () => T): T | null {
    if (this.#isAsking) return null
    this.#isAsking = true
    try {
      return run()
    } catch {
      return null
    } finally {
      this.#isAsking = false
    }
  }

  #refused(lsm: string, { rc, reason, details }: RefusedBeside): void {
    const call = this.#calls.at(-1)
    if (this.#isAsking || (call?.refusal ?? null) !== null) return
    const refusal = this.#host.recorder.refusalOf(lsm, call?.hook ?? '', call?.args ?? [], rc, { reason, details })
    if (call === undefined) this.#report(refusal)
    else call.refusal = refusal
  }

  /** The stack for programs that are attached to it: they are asked, and not obeyed. */
  #facade(lsm: string): object {
    const kept = (link: Link): Link => {
      this.#links.push(link)
      return link
    }
    const attach = (hook: string, program: HookFn, { cgroup }: AttachOptions = {}): Link => {
      if (cgroup === undefined) return kept(this.#inFront(lsm, hook, program))
      throw new ComposeError('not-beside', 'a program of a control group cannot be asked', { place: 'beside' })
    }
    const observe = (hook: string, observer: Observer, options?: ObserveOptions): Link =>
      kept(this.#host.observe(hook, observer, options))
    const whenFreed = (hook: FreeHook, release: HookFn): void =>
      void (hook in this.#host.hooks && observe(hook, { exit: (object: unknown) => { release(object) } }))
    const own = new Map<string | symbol, unknown>(Object.entries({ attach, modifyReturn: attach, observe, whenFreed }))
    return new Proxy(this.#host.stack, {
      get: (target, name) => own.get(name) ?? Reflect.get(target, name, target) as unknown,
    })
  }

  /** Nothing is asked any more; a second time does nothing. */
  end(): void {
    for (const end of this.#ends.splice(0)) end()
    for (const link of this.#links.splice(0)) link.detach()
  }
}

/** Hooks of exec write to their argument. What they write is seen by them alone. */
const shielded = (arg: unknown): unknown =>
  (typeof arg === 'object' && arg !== null && 'secureexec' in arg ? Object.create(arg) : arg)

type Seen = (own: unknown, object: object) => unknown

const readerOf = (accessor: BlobAccessor, own: BlobAccessor | undefined, seen: unknown) => {
  if (own !== undefined && seen !== undefined) {
    return (object: object): unknown => (seen as Seen)(own(object as never), object)
  }
  const { init } = recordOf(accessor)
  const states = new WeakMap<object, unknown>()
  return (object: object): unknown => {
    let state = states.get(object)
    if (state === undefined) states.set(object, state = init(object as never))
    return state
  }
}
