/**
 * The model of every strategy, written as plainly as possible: the members of a hook are looked up when the call gets
 * to them, and nothing is remembered from one call to the next.
 */
import type { HookFn } from '../../src/hooks/hook-types.ts'
import type { GroupName, ModelHook } from './script.ts'
import { PLACE } from './system.ts'
import type { Given, ModelLink, ModelMember, ModelObserver, System, World } from './system.ts'

interface Rules {
  readonly isVoid: boolean
  readonly none: number
  /** Refuses nothing and is not reported. */
  readonly retry: number | null
  /** A permissive LSM's refusals count as no opinion here. */
  readonly waives: boolean
}

const int = (none = 0, { retry = null, waives = none === 0 }: Partial<Rules> = {}): Rules =>
  ({ isVoid: false, none, retry, waives })

const rules: Record<ModelHook, Rules> = {
  file_open: int(),
  inode_permission: int(0, { retry: -10 }),
  secid_to_secctx: int(-95),
  task_prctl: int(-38),
  file_release: { isVoid: true, none: 0, retry: null, waives: false },
  file_alloc_security: int(0, { waives: false }),
}

/** Values that programs may return: errors and 0, but no positive number. */
const inErrno = (value: number): boolean => value <= 0 && value >= -4095
const inBool = (value: number): boolean => value === 0 || value === 1
const anything = (): boolean => true
/** What a module may answer: only some hooks give a positive number a meaning. */
const noPositive = (value: number): boolean => value <= 0
const moduleRange = (hook: ModelHook): Range => (hook === 'task_prctl' ? anything : noPositive)
type Range = (value: number) => boolean

interface Voice {
  readonly lsm: string
  readonly range: Range
  readonly fn: HookFn
  /** Speaks for others that have been heard already, or that are heard together. */
  readonly isInner?: boolean
}

const PARENTS: Record<GroupName, GroupName | null> = { root: null, app: 'root', job: 'app' }

/** The programs of groups on a hook; what is in it is looked up at each call. */
class Grouped {
  programs: readonly { readonly group: GroupName; readonly fn: HookFn }[] = []
}

class Hook {
  observers: readonly ModelObserver[] = []
  modifiers: readonly HookFn[] = []
  /** Last attached first; all programs of groups stand for one. */
  programs: readonly (HookFn | Grouped)[] = []
  programObservers: readonly ModelObserver[] = []
  /** Another one each time that the first comes: a call under way has what it began with. */
  grouped: Grouped | null = null
  readonly name: ModelHook
  readonly members: readonly ModelMember[]
  readonly permissive: readonly string[]
  readonly log: (line: string) => void

  constructor(name: ModelHook, { members, permissive }: Given, log: (line: string) => void) {
    this.name = name
    this.members = members.filter((member) => member.hook === name)
    this.permissive = permissive
    this.log = log
  }

  get rules(): Rules {
    return rules[this.name]
  }

  fault(lsm: string, kind: string): void {
    this.log(`fault ${this.name} ${lsm} ${kind}`)
  }

  settle(lsm: string, rc: number): number {
    this.log(`settle ${this.name} ${lsm} ${rc}`)
    return rc
  }

  /** What a value comes to; undefined for `threw`. */
  judge({ lsm, range }: Voice, value: unknown): number {
    if (typeof value !== 'number') {
      this.fault(lsm, value instanceof Promise ? 'async-hook' : 'not-an-int')
      return -13
    }
    if (range(value)) return value
    this.fault(lsm, range === noPositive ? 'positive' : 'out-of-range')
    return -13
  }

  /** Runs one: the value it returned, and whether it threw instead (which is reported). */
  run(
    { lsm, fn, isInner = false }: Voice, args: readonly unknown[],
  ): { readonly value: unknown; readonly threw: boolean } {
    try {
      return { value: isInner ? fn(...args) : this.heard(lsm, fn(...args)), threw: false }
    } catch {
      this.fault(lsm, 'throw')
      return { value: -13, threw: true }
    }
  }

  /** What a function said, once a permissive LSM's refusal has been waived. */
  heard(lsm: string, value: unknown): unknown {
    const { waives, retry } = this.rules
    const isRefusal = typeof value === 'number' && value < 0 && value >= -4095 && value !== retry
    if (!waives || !isRefusal || !this.permissive.includes(lsm)) return value
    this.log(`waived ${this.name} ${lsm} ${value}`)
    return 0
  }

  tell(voice: Voice, args: readonly unknown[]): void {
    const { value, threw } = this.run(voice, args)
    if (!threw && value instanceof Promise) this.fault(voice.lsm, 'async-hook')
  }

  intOf(voice: Voice, args: readonly unknown[]): number {
    const { value, threw } = this.run(voice, args)
    return threw ? -13 : this.judge(voice, value)
  }
}

export class Model implements System {
  readonly #hooks = new Map<ModelHook, Hook>()
  readonly #given: Given
  readonly #log: World['log']
  /** Programs come behind all LSMs, whatever their place; walks have their own order. */
  readonly #last: boolean

  constructor(given: Given, { log }: World, last: boolean) {
    this.#given = given
    this.#log = log
    this.#last = last
  }

  #hook(name: ModelHook): Hook {
    let hook = this.#hooks.get(name)
    if (hook === undefined) {
      this.#hooks.set(name, (hook = new Hook(name, this.#given, this.#log)))
    }
    return hook
  }

  ask(name: ModelHook): unknown {
    const hook = this.#hook(name)
    const { observers, modifiers } = hook
    const around = (program: HookFn | undefined): void => {
      if (program !== undefined) hook.run({ lsm: 'tracing', range: anything, fn: program }, [])
    }
    for (const { entry } of observers) around(entry)
    const rc = this.#modified(hook, modifiers) ?? this.#security(hook)
    for (const { exit } of observers) around(exit)
    return rc
  }

  #modified(hook: Hook, modifiers: readonly HookFn[]): number | null {
    for (const fn of modifiers) {
      const rc = hook.intOf({ lsm: 'tracing', range: anything, fn }, [])
      if (rc !== 0) return hook.settle('tracing', rc)
    }
    return null
  }

  /** The framework function: security_NAME. */
  #security(hook: Hook): number | undefined {
    const chain = this.#chain(hook)
    if (hook.rules.isVoid) {
      for (const voice of chain) hook.tell(voice, [])
      return undefined
    }
    return hook.name === 'task_prctl' ? this.#walk(hook, chain) : this.#first(hook, chain)
  }

  /** The first answer that is not the hook's default. */
  #first(hook: Hook, chain: readonly Voice[]): number {
    const { none, retry } = hook.rules
    for (const voice of chain) {
      const { value, threw } = hook.run(voice, [])
      if (!threw && (value === none || value === retry)) {
        if (value === none) continue
        return value as number
      }
      return hook.settle(voice.lsm, threw ? -13 : hook.judge(voice, value))
    }
    return none
  }

  /** 0 is an answer and lets the others speak; reported is who spoke last, if that is what came out. */
  #walk(hook: Hook, chain: readonly Voice[]): number {
    const { none } = hook.rules
    let rc = none
    let last: { lsm: string; rc: number } | null = null
    for (const voice of chain) {
      const own = hook.intOf(voice, [])
      last = { lsm: voice.lsm, rc: own }
      if (own === none) continue
      rc = own
      if (own !== 0) break
    }
    return last !== null && last.rc === rc && rc !== none ? hook.settle(last.lsm, rc) : rc
  }

  #chain(hook: Hook): readonly Voice[] {
    const lsms = hook.members.map(({ lsm, position, fn }) => ({ lsm, position, fn, range: moduleRange(hook.name) }))
    const programs = this.#programs(hook)
    if (this.#last && hook.name !== 'task_prctl') return [...lsms, ...programs]
    return [
      ...lsms.filter(({ position }) => position < PLACE), ...programs,
      ...lsms.filter(({ position }) => position >= PLACE),
    ]
  }

  /** Each for itself where 0 is not an opinion to program and hook alike; else they speak with one voice. */
  #programs(hook: Hook): readonly Voice[] {
    const { programs, programObservers } = hook
    if (programs.length === 0 && programObservers.length === 0) return []
    const voices = programs.map((program): Voice => program instanceof Grouped
      ? { lsm: 'bpf', range: anything, fn: () => this.#groups(hook, program) }
      : { lsm: 'bpf', range: inErrno, fn: program })
    const { isVoid, none } = hook.rules
    if (programObservers.length === 0 && (isVoid || none === 0)) return voices
    return [{
      lsm: 'bpf', range: anything, isInner: true, fn: () => this.#together(hook, voices, programObservers),
    }]
  }

  #together(hook: Hook, voices: readonly Voice[], observers: readonly ModelObserver[]): number | undefined {
    const { isVoid, none } = hook.rules
    const around = (program: HookFn | undefined): void => {
      if (program !== undefined) hook.run({ lsm: 'bpf', range: anything, fn: program }, [])
    }
    for (const { entry } of observers) around(entry)
    let rc = 0
    for (const voice of voices) {
      if (isVoid) hook.tell(voice, [])
      else if ((rc = hook.intOf(voice, [])) !== 0) break
    }
    for (const { exit } of observers) around(exit)
    if (isVoid) return undefined
    return rc === 0 ? none : rc
  }

  /** All programs of the task's group and those above it run; 0 refuses. */
  #groups(hook: Hook, { programs }: Grouped): number | undefined {
    const { isVoid } = hook.rules
    const effective: HookFn[] = []
    for (let group: GroupName | null = 'app'; group !== null; group = PARENTS[group]) {
      effective.push(...programs.filter((one) => one.group === group).map(({ fn }) => fn))
    }
    let rc = 0
    for (const fn of effective) {
      const voice: Voice = { lsm: 'bpf', range: inBool, isInner: true, fn }
      if (isVoid) {
        hook.tell(voice, [])
        continue
      }
      const own = hook.intOf(voice, [])
      if (own !== 1 && rc === 0) rc = own === 0 ? -1 : own
    }
    return isVoid ? undefined : rc
  }

  attach(name: ModelHook, fn: HookFn): ModelLink {
    const hook = this.#hook(name)
    hook.programs = [fn, ...hook.programs]
    return { detach: () => void (hook.programs = hook.programs.filter((one) => one !== fn)) }
  }

  group(name: ModelHook, fn: HookFn, group: GroupName): ModelLink {
    const hook = this.#hook(name)
    const grouped = hook.grouped ?? new Grouped()
    if (hook.grouped === null) hook.programs = [grouped, ...hook.programs]
    hook.grouped = grouped
    grouped.programs = [...grouped.programs, { group, fn }]
    return {
      detach: () => {
        grouped.programs = grouped.programs.filter((one) => one.fn !== fn)
        if (grouped.programs.length > 0) return
        hook.programs = hook.programs.filter((one) => one !== grouped)
        hook.grouped = null
      },
    }
  }

  observe(name: ModelHook, observer: ModelObserver, at: 'security' | 'bpf_lsm'): ModelLink {
    const hook = this.#hook(name)
    const list = at === 'security' ? 'observers' : 'programObservers'
    hook[list] = [observer, ...hook[list]]
    return { detach: () => void (hook[list] = hook[list].filter((one) => one !== observer)) }
  }

  modify(name: ModelHook, fn: HookFn): ModelLink {
    const hook = this.#hook(name)
    hook.modifiers = [fn, ...hook.modifiers]
    return { detach: () => void (hook.modifiers = hook.modifiers.filter((one) => one !== fn)) }
  }
}
