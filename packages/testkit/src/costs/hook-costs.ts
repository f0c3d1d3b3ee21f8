/**
 * Measures each hook of a module through a stack, beside the same hook of a module that only answers the default. The
 * two stacks are alike and take turns, so that what disturbs the machine disturbs both.
 */
import { createStack, defineLsm, hookDefs, hookNames } from '@lsmkit/core'
import type { HookFn, HookGroup, HookName, Lsm } from '@lsmkit/core'
import { aFunction, aNumber, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { buildersFor } from '../builders/builders.ts'
import { sampleArgs } from '../kit/samples.ts'
import type { Scenario } from '../kit/session.ts'
import type { Factory, World } from '../kit/world.ts'

/** In nanoseconds. */
export interface Cost {
  /** The first call of all: its code is not compiled yet, and state on the objects may have to be made. */
  readonly first: number
  /** A call after many others with the same arguments: the median of several passes. */
  readonly later: number
}

export interface HookCost extends Cost {
  readonly hook: HookName
  /** The same hook of a module that does nothing. */
  readonly empty: Cost
  /** 0 allows, -errno refuses. */
  readonly answer: number
}

export interface CostOptions {
  /**
   * Asks hooks as in `conformanceKit`. Each hook is then measured with the arguments and the task of the last call that
   * it got; hooks that the scenario does not reach get ordinary objects and an ordinary user.
   */
  readonly scenario?: Scenario
  /** Milliseconds of one pass, 5 unless given. */
  readonly time?: number
  /** Passes of each hook, 9 unless given. */
  readonly passes?: number
}

const rules: OptionRules<CostOptions> = { scenario: aFunction, time: aNumber(0), passes: wholeNumber(1) }

/**
 * The costs of the hooks that `make` gives, in the order of the hook table. Hooks that make or free state, and those
 * that need the result of another hook, cannot be asked again and again and are left out. Throws OptionError.
 */
export const hookCosts = (make: Factory, options: CostOptions = {}): readonly HookCost[] => {
  checkOptions(options, rules, 'hookCosts')
  const { scenario, time = 5, passes = 9 } = options
  const own = questionsOf(make, scenario)
  const idle = questionsOf(() => emptyModule(own.map(({ hook }) => hook)), scenario)
  const pairs = own.map((question) => ({ question, beside: idle.find(({ hook }) => hook === question.hook)! }))
  // all first calls come before the first loop, which would compile what they share
  const firsts = pairs.map(({ question, beside }) => [firstCall(beside), firstCall(question)] as const)
  return pairs.map(({ question, beside }, i) => {
    const [later, emptyLater] = laterCalls([question, beside], time, passes) as [number, number]
    const [emptyFirst, first] = firsts[i]!
    const empty = { first: emptyFirst, later: emptyLater }
    return { hook: question.hook, first, later, empty, answer: question.ask() }
  })
}

/** One hook of one stack, with its arguments. */
interface Question {
  readonly hook: HookName
  readonly ask: () => number
}

type Key = { ask?: (...args: readonly unknown[]) => number; tell?: (...args: readonly unknown[]) => void }

/** What makes or ends something is not asked twice of the same object. */
const isQuestion = (hook: HookName): boolean => {
  const { ret, allocates, special } = hookDefs[hook]
  return ret === 'int' && allocates === null && !special
}

const emptyModule = (hooks: readonly HookName[]): Lsm =>
  defineLsm({
    name: 'empty',
    abi: '1.0',
    hooks: Object.fromEntries(hooks.map((hook): [string, HookFn] => {
      const value = hookDefs[hook].default
      return [hook, () => value]
    })) as HookGroup,
  })

const questionsOf = (make: Factory, scenario: Scenario | undefined): Question[] => {
  const world = plainWorld(make)
  const { stack, user } = world
  const hooks = hookNames.filter((hook) => world.group[hook] !== undefined && isQuestion(hook))
  const asked = new Map<HookName, { readonly args: readonly unknown[]; readonly task: typeof user }>()
  const links = scenario === undefined ? [] : hooks.map((hook) =>
    stack.observe(hook, {
      entry: (...args: readonly unknown[]) => void asked.set(hook, { args, task: stack.current.task }),
    }))
  scenario?.(world)
  for (const link of links) link.detach()
  return hooks.flatMap((hook) => {
    stack.current.task = user
    const args = asked.get(hook)?.args ?? sampleArgs(world, hook)
    if (args === null) return []
    const task = asked.get(hook)?.task ?? user
    const key = stack.lsm[hook] as Key
    const ask = (): number => {
      stack.current.task = task
      return key.ask!(...args)
    }
    return [{ hook, ask }]
  })
}

/** A world whose hooks are the module's own: nothing writes down what they answer. */
const plainWorld = (make: Factory): World => {
  const own = make()
  const seen: { group: HookGroup; ctx: World['ctx'] | null } = { group: {}, ctx: null }
  const watched: Lsm = {
    ...own,
    hooks: (ctx) => {
      seen.ctx = ctx
      return (seen.group = own.hooks(ctx))
    },
  }
  const stack = createStack({ lsms: [watched], capability: 'none', cmdline: `${own.name}=1`, ownHooks: own.ownHooks })
  const builders = buildersFor(stack)
  const idle = stack.current.task
  const root = builders.aTask({ uid: 0, gid: 0, comm: 'root', real_parent: idle })
  const user = builders.aTask({ comm: 'user', real_parent: idle })
  stack.current.task = user
  return { ...builders, stack, own, group: seen.group, ctx: seen.ctx!, calls: [], faults: [], root, user }
}

const clock = (): number => performance.now() * 1e6

const firstCall = ({ ask }: Question): number => {
  const from = clock()
  ask()
  return clock() - from
}

const timeOf = (ask: () => number, calls: number): number => {
  let sum = 0
  const from = clock()
  for (let i = 0; i < calls; i++) sum += ask()
  const spent = clock() - from
  // so that the engine cannot leave the calls out
  return Number.isNaN(sum) ? 0 : spent
}

/** As many calls as take so many milliseconds. */
const callsFor = (ask: () => number, time: number): number => {
  let calls = 64
  while (timeOf(ask, calls) < time * 1e6 && calls < 1 << 24) calls *= 2
  return calls
}

const laterCalls = (questions: readonly Question[], time: number, passes: number): number[] => {
  const calls = questions.map(({ ask }) => callsFor(ask, time))
  const results: number[][] = questions.map(() => [])
  for (let pass = 0; pass < passes; pass++)
    for (const [i, { ask }] of questions.entries()) results[i]!.push(timeOf(ask, calls[i]!) / calls[i]!)
  return results.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!)
}
