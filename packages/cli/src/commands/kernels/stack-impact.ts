/** `lsm kernels diff --stack`: what another kernel release changes for a stack: order, modules, hooks, defaults. */
import type { PolicyChange, Profile } from '@lsmkit/core'
import { composeStack } from '../../modules.ts'
import type { StackChoice } from '../../modules.ts'
import { kernelChanges } from './changes.ts'
import type { Impact, Releases } from './impact.ts'

/** The part of an explanation that may differ between releases. */
interface Composed {
  readonly order: readonly string[]
  /** By module, the hooks that it is on. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>
}

const composed = async (choice: StackChoice, kernel: Profile): Promise<Composed> => {
  const { hooks, order } = (await composeStack({ ...choice, kernel })).explain().toJSON()
  const members = new Map<string, Set<string>>(order.map((name) => [name, new Set()]))
  for (const { hook, members: names } of hooks) for (const name of names) members.get(name)?.add(hook)
  return { order, members }
}

const listed = (hooks: readonly string[]): string => hooks.map((hook) => `\`${hook}\``).join(', ')

/** Hooks of a module that the second kernel asks in another way, or that only one of the two asks. */
function* moduleChanges(
  module: string, hooks: ReadonlySet<string>, later: ReadonlySet<string>, changed: ReadonlyMap<string, string>,
): Generator<PolicyChange> {
  const change = (words: string): PolicyChange => ({ effect: 'other', subject: module, words, because: [] })
  const asked = [...later].filter((hook) => !hooks.has(hook))
  const ended = [...hooks].filter((hook) => !later.has(hook))
  const translated = [...hooks].filter((hook) => later.has(hook) && changed.has(hook))
  if (asked.length > 0) yield change(`is asked newly: ${listed(asked)}`)
  if (ended.length > 0) yield change(`is not asked any more: ${listed(ended)}`)
  if (translated.length > 0) {
    const because = translated.map((hook) => changed.get(hook)!)
    yield { ...change(`is asked with other arguments, which core translates: ${listed(translated)}`), because }
  }
}

/** Hooks that a module is asked on the second kernel alone. */
export const newlyAsked = async (module: string, { from, to }: Releases): Promise<readonly string[]> => {
  const [before, after] = await Promise.all([from, to].map((kernel) => composed({ lsm: module }, kernel)))
  const had = before!.members.get(module)
  return [...after!.members.get(module) ?? []].filter((hook) => had?.has(hook) !== true)
}

/** `lsm=…` and the like are boot arguments; the rest are modules, in their order. */
const choiceOf = (stack: string): StackChoice => (stack.includes('=') ? { cmdline: stack } : { lsm: stack })

/** `stack`: modules with commas between, or boot arguments. Throws a usage error for a module that there is not. */
export const stackImpact = async (stack: string, { from, to }: Releases): Promise<Impact> => {
  const choice = choiceOf(stack)
  const [before, after] = [await composed(choice, from), await composed(choice, to)]
  const { signatures, defaults } = kernelChanges(from, to)
  const changed = new Map(signatures.map(({ hook, after: prototype }) => [hook, prototype]))
  const onStack = new Set([...after.members.values()].flatMap((hooks) => [...hooks]))
  const order = String(before.order) === String(after.order) ? [] : [{
    effect: 'other' as const, subject: 'order', words: `${before.order.join(',')} becomes ${after.order.join(',')}`,
    because: [],
  }]
  return {
    part: 'stack', name: stack, kind: 'a stack', unjudged: [],
    changes: [
      ...order,
      ...[...after.members].flatMap(([module, hooks]) =>
        [...moduleChanges(module, before.members.get(module) ?? new Set(), hooks, changed)]),
      ...defaults.filter(({ hook }) => onStack.has(hook)).map(({ hook, before: was, after: is }): PolicyChange =>
        ({ effect: 'other', subject: 'defaults', words: `\`${hook}\` answers ${is} by default, not ${was}`,
          because: [] })),
    ],
  }
}
