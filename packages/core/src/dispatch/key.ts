/**
 * Keys and the answers behind them. A consumer holds one key per hook and never sees it change; a change of the chain
 * replaces the key's prototype. V8 folds a function found on a stable, fast prototype of a constant receiver into the
 * optimised caller and throws away just that code when the prototype is replaced: an unused hook costs nothing.
 */
import type { AnyHookDef, HookFn } from '../hooks/hook-types.ts'

/** The object that a consumer calls: `ask` of an int hook or `tell` of a void hook. It has no fields of its own. */
export type Key = { readonly ask: HookFn } | { readonly tell: HookFn }

/** The prototype of keys: holds the function. Made fast before anybody sees it, never changed. */
export type Answer = Key & { readonly answer?: never }

/** The first answers of a table, by hook. */
export type Answers = Readonly<Record<string, Answer>>

export type HookKind = 'int' | 'void'

/** Reads the property through a site that is warm: V8 then keeps the prototype in its fast form. */
const touchAsk = (key: object): unknown => (key as { readonly ask: HookFn }).ask
const touchTell = (key: object): unknown => (key as { readonly tell: HookFn }).tell

/** `fn` must be fresh: one function behind two answers would be one constant to V8 that changes its mind. */
const askAnswer = (fn: HookFn): Answer => {
  const proto = Object.assign(Object.create(null) as object, { ask: fn })
  touchAsk(Object.create(proto) as object)
  return proto as Answer
}

const tellAnswer = (fn: HookFn): Answer => {
  const proto = Object.assign(Object.create(null) as object, { tell: fn })
  touchTell(Object.create(proto) as object)
  return proto as Answer
}

export const answerOf = (kind: HookKind, fn: HookFn): Answer => (kind === 'int' ? askAnswer(fn) : tellAnswer(fn))

export const publish = (kind: HookKind, key: Key, answer: Answer): void => {
  Object.setPrototypeOf(key, answer)
  if (kind === 'int') touchAsk(key)
  else touchTell(key)
}

/** The function behind a key, for strategies that call through another hook's key. */
export const functionOf = (key: Key): HookFn => ('ask' in key ? key.ask : key.tell)

/** By value, then by hook. */
const empties = new Map<number, Map<string, Answer>>()

const emptyFn = (kind: HookKind, value: number): HookFn =>
  kind === 'void' ? () => {} : value === 0 ? () => 0 : () => value

/** The answer of a hook that no module is on. One for each hook and value, shared by every stack of the process. */
export const emptyAnswer = (hook: string, kind: HookKind, value: number): Answer => {
  let hooks = empties.get(value)
  if (hooks === undefined) empties.set(value, (hooks = new Map()))
  let answer = hooks.get(hook)
  if (answer === undefined) hooks.set(hook, (answer = freshEmptyAnswer(kind, value)))
  return answer
}

const idles = new WeakMap<object, Record<string, Answer>>()

/**
 * The answers of the hooks of a profile that no module is on. Tables of the profile share them; those of `busy` hooks
 * are not made, because many programs have one table.
 */
export const emptyAnswers = (
  hooks: Readonly<Record<string, AnyHookDef>>, busy: ReadonlySet<string>,
): Answers => {
  let answers = idles.get(hooks)
  if (answers === undefined) idles.set(hooks, answers = Object.create(null) as Record<string, Answer>)
  for (const hook in hooks) {
    if (busy.has(hook) || answers[hook] !== undefined) continue
    const { ret, default: value } = hooks[hook]!
    answers[hook] = emptyAnswer(hook, ret, value)
  }
  return answers
}

const unused = new WeakSet<object>()

/** The same for a key that has had members: it cannot go back to what it left and still be a constant to V8. */
export const freshEmptyAnswer = (kind: HookKind, value: number): Answer => {
  const answer = answerOf(kind, emptyFn(kind, value))
  unused.add(answer)
  return answer
}

/**
 * True when to ask is to no purpose: nobody is on the hook, no program and no observer, and its answer is always the
 * same. A caller may then put off the work that it would ask about. It holds until somebody attaches. Strategies other
 * than `swap` cannot know: false.
 */
export const isUnused = (key: Key): boolean => unused.has(Object.getPrototypeOf(key) as object)

/**
 * A key is born from its first answer, not from one root: V8 remembers 256 prototypes that objects of one shape went on
 * to have, and 271 keys of one root would share nothing from stack to stack. It also sets no answer when it is made: a
 * shape that an object has left is no longer a constant, in other stacks either.
 */
export const askKey = (answer: Answer): { readonly ask: HookFn } => {
  const key = Object.create(answer) as { readonly ask: HookFn }
  touchAsk(key)
  return key
}

export const tellKey = (answer: Answer): { readonly tell: HookFn } => {
  const key = Object.create(answer) as { readonly tell: HookFn }
  touchTell(key)
  return key
}

for (let i = 0; i < 64; i++) {
  askAnswer(() => 0)
  tellAnswer(() => {})
}
