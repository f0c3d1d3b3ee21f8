/** Builds the hook table of a stack: a key for each hook, and behind it what the strategy makes of its members. */
import type { HookFn } from '../hooks/hook-types.ts'
import { Attachments } from '../attach.ts'
import type { AttachOptions, FreeHook, Link, ObserveOptions } from '../attach.ts'
import type { LsmTable } from '../generated/lsm-table.ts'
import {
  aBoolean, aFunction, anObject, aString, checkOptions, listOf, oneOf, orNull, required,
} from '../option-rules.ts'
import type { OptionRules } from '../option-rules.ts'
import type { Observer } from '../programs/trampoline.ts'
import type { Answer, Answers, Key } from './key.ts'
import { krsiV4 } from './krsi-v4.ts'
import { list } from './list.ts'
import { Permissive } from './permissive.ts'
import { linux612 } from './profile.ts'
import type { HookProfile } from './profile.ts'
import { Reporter } from './report.ts'
import { register } from './slot.ts'
import type { Slot } from './slot.ts'
import { Slots } from './slots.ts'
import { staticKey } from './static-key.ts'
import type { Strategy } from './strategies.ts'
import { strategyNames } from './strategy.ts'
import type { DispatchOptions, StrategyName } from './strategy.ts'
import { swap } from './swap.ts'

const strategies: Record<StrategyName, (now?: () => number) => Strategy> = {
  swap, list, 'static-key': staticKey, 'krsi-v4': krsiV4,
}

/** A report on one hook, for explain(). */
export interface HookReport {
  readonly hook: string
  /** LSMs in the order they are asked; attached programs under the name of the LSM that carries them. */
  readonly members: readonly string[]
  /** The form of the answer behind the key: `empty`, `flat`, `list`, `walk`, … */
  readonly form: string
  /** Beside the chain: a framework function, a gate, programs around all of it. */
  readonly around: readonly string[]
}

export interface Dispatch<Table extends object = LsmTable> {
  readonly lsm: Table
  readonly strategy: StrategyName
  attach(hook: string, program: HookFn, options?: AttachOptions): Link
  observe(hook: string, observer: Observer, options?: ObserveOptions): Link
  modifyReturn(hook: string, program: HookFn): Link
  /** Puts a function of an LSM in front of all members. */
  putInFront(hook: string, lsm: string, fn: HookFn): Link
  /** Calls `release` with each object behind all else that a free hook does. One a hook; it stays. */
  whenFreed(hook: FreeHook, release: HookFn): void
  /** Every hook of the profile, in its order. */
  explain(): readonly HookReport[]
}

export interface ProfiledOptions<Table extends object> extends DispatchOptions {
  readonly profile: HookProfile<Table>
}

const rules: OptionRules<DispatchOptions & { readonly profile?: HookProfile }> = {
  members: required(anObject),
  env: required(anObject),
  cold: required(anObject),
  strategy: oneOf(...strategyNames),
  programs: orNull(anObject),
  permissive: listOf(aString),
  onFault: oneOf('deny', 'throw'),
  kernelExact: aBoolean,
  profile: anObject,
  now: aFunction,
}

/** Throws OptionError. */
export function createDispatch(options: DispatchOptions & { readonly profile?: undefined }): Dispatch
export function createDispatch<Table extends object>(options: ProfiledOptions<Table>): Dispatch<Table>
export function createDispatch(options: DispatchOptions & { readonly profile?: HookProfile }): Dispatch<object> {
  checkOptions(options, rules, 'createDispatch')
  const { members, env, cold, strategy: name = 'swap', programs: place = null, kernelExact = false } = options
  const profile = options.profile ?? linux612
  const strategy = strategies[name](options.now)
  const permissive = new Permissive(options.permissive ?? [])
  const slots: Slots = new Slots({
    profile, members, env, place, kernelExact, permissive,
    reporter: new Reporter(cold, options.onFault === 'throw'),
    programsOf: (slot) => attachments.membersOf(slot),
    inFrontOf: (slot) => attachments.inFrontOf(slot),
  })
  const changed = (slot: Slot): void => {
    slots.assemble(slot)
    register(slot)
    strategy.refresh(slot)
  }
  const attachments = new Attachments({ slots, env, place, kernelExact, permissive, changed })
  const lsm = new profile.Table(firstAnswers(profile, slots, strategy))
  slots.giveKeys(lsm as Record<string, Key>)

  return {
    lsm,
    strategy: name,
    attach: (hook, program, attachOptions) => attachments.attach(hook, program, attachOptions),
    observe: (hook, observer, observeOptions) => attachments.observe(hook, observer, observeOptions),
    modifyReturn: (hook, program) => attachments.modifyReturn(hook, program),
    putInFront: (hook, of, fn) => attachments.putInFront(hook, of, fn),
    whenFreed: (hook, release) => attachments.whenFreed(hook, release),
    explain: () => slots.names.map((hook) => reportOf(slots.at(hook)!, strategy)),
  }
}

/** By hook: those of hooks that need one of their own, on top of those that all tables of a profile share. */
const firstAnswers = ({ hooks }: HookProfile, slots: Slots, strategy: Strategy): Answers => {
  const own = strategy.idle === undefined ? slots.names : slots.busy
  const answers = Object.create(strategy.idle?.(hooks, new Set(own)) ?? null) as Record<string, Answer>
  for (const hook of own) answers[hook] = strategy.first(slots.at(hook)!)
  return answers
}

const reportOf = (slot: Slot, strategy: Strategy): HookReport => ({
  hook: slot.name,
  members: slot.chain.filter((member) => member.verdict === null).map((member) => member.lsm),
  form: strategy.form(slot),
  around: [
    ...(slot.around === null ? [] : ['framework function']),
    ...(slot.chain.some((member) => member.verdict !== null) ? ['gate'] : []),
    ...(slot.trampoline?.hasPrograms ? ['programs around it'] : []),
  ],
})
