/** `lsm kernels diff --stack`: what another kernel release changes for a stack: order, modules, hooks, rules. */
import type { PolicyChange, Profile } from '@lsmkit/core'
import { newRights } from '@lsmkit/landlock/changes'
import { linuxBoot } from '../../linux-boot.ts'
import { moduleNames } from '../../module-names.ts'
import { composeStack } from '../../modules.ts'
import { kernelChanges } from './changes.ts'
import type { ChangedHook, KernelChanges } from './changes.ts'
import type { Impact, Releases } from './impact.ts'
import { ruleWords } from './rule-words.ts'

/** The part of an explanation that may differ between releases. */
interface Composed {
  readonly order: readonly string[]
  /** By module, the hooks that it is on. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>
}

const composed = async (lsm: string, kernel: Profile): Promise<Composed> => {
  const { hooks, order } = (await composeStack({ lsm, kernel })).explain().toJSON()
  const members = new Map<string, Set<string>>(order.map((name) => [name, new Set()]))
  for (const { hook, members: names } of hooks) for (const name of names) members.get(name)?.add(hook)
  return { order, members }
}

const other = (subject: string, words: string, because: readonly string[] = []): PolicyChange =>
  ({ effect: 'other', subject, words, because })

const listed = (hooks: readonly string[]): string => hooks.map((hook) => `\`${hook}\``).join(', ')

/** Hooks of a module that the second kernel asks in another way, or that only one of the two asks. */
function* hookChanges(
  module: string, hooks: ReadonlySet<string>, later: ReadonlySet<string>, changed: ReadonlyMap<string, string>,
): Generator<PolicyChange> {
  const asked = [...later].filter((hook) => !hooks.has(hook))
  const ended = [...hooks].filter((hook) => !later.has(hook))
  const translated = [...hooks].filter((hook) => later.has(hook) && changed.has(hook))
  if (asked.length > 0) yield other(module, `is asked newly: ${listed(asked)}`)
  if (ended.length > 0) yield other(module, `is not asked any more: ${listed(ended)}`)
  if (translated.length > 0) {
    const prototypes = translated.map((hook) => changed.get(hook)!)
    yield other(module, `is asked with other arguments, which core translates: ${listed(translated)}`, prototypes)
  }
}

const BPF = 'bpf'

const changedWords = ({ hook, before, after }: ChangedHook): string => `${hook}: ${before} -> ${after}`

/** The module `bpf` is on every hook, and its programs are whoever's: `--object` asks of those that you have. */
function* bpfChanges({ came, left, signatures, programs }: KernelChanges): Generator<PolicyChange> {
  if (came.length > 0) yield other(BPF, 'programs may be on new hooks', came)
  if (left.length > 0) yield other(BPF, 'programs of these hooks do not load any more', left)
  if (signatures.length > 0) {
    yield other(BPF, 'programs of these hooks get other parameters', signatures.map(({ after }) => after))
  }
  if (programs.length > 0) yield other(BPF, 'other programs are taken', programs.map(changedWords))
}

const ruleChanges = ({ rules }: KernelChanges, module: string): PolicyChange[] =>
  rules.filter(({ rule }) => ruleWords[rule].of === module).map(({ rule, before, after }) =>
    other(module, `${ruleWords[rule].words}: ${before} -> ${after}`, [`rule ${rule}`]))

/** The rights that a ruleset of Landlock can name on one of the two alone. */
function* rightChanges(from: Profile, to: Profile): Generator<PolicyChange> {
  const [came, went] = [newRights(from, to), newRights(to, from)]
  if (came.length > 0) yield other('landlock', `a ruleset can hold ${came.join(', ')}`)
  if (went.length > 0) yield other('landlock', `a ruleset cannot hold ${went.join(', ')} any more`)
}

/** Hooks that a module is asked on the second kernel alone. */
export const newlyAsked = async (module: string, { from, to }: Releases): Promise<readonly string[]> => {
  const [before, after] = await Promise.all([from, to].map((kernel) => composed(module, kernel)))
  const had = before!.members.get(module)
  return [...after!.members.get(module) ?? []].filter((hook) => had?.has(hook) !== true)
}

interface Named {
  /** Modules that a stack of ours can have. */
  readonly modules: string
  readonly hasBpf: boolean
  /** LSMs of Linux that are no module here. */
  readonly foreign: readonly string[]
}

const isModule = (name: string): boolean => moduleNames.some((one) => one === name)

/** The LSMs that a kernel with these boot arguments asks, in its order. */
const bootedModules = (cmdline: string): Named => {
  const { boot: { lsmParam, securityParam }, order: { initOrder } } = linuxBoot(cmdline)
  // the order adds some by itself, which nobody has asked about
  const asked = new Set((lsmParam ?? securityParam ?? '').split(','))
  return {
    modules: initOrder.filter(isModule).join(','), hasBpf: initOrder.includes(BPF),
    foreign: initOrder.filter((name) => asked.has(name) && name !== BPF && !isModule(name)),
  }
}

/** `lsm=…` and the like are boot arguments; the rest are modules, in their order. */
const named = (stack: string): Named => {
  if (stack.includes('=')) return bootedModules(stack)
  const names = stack.split(',')
  return { modules: names.filter((name) => name !== BPF).join(','), hasBpf: names.includes(BPF), foreign: [] }
}

/** `stack`: modules with commas between, or boot arguments. Throws a usage error for a module that there is not. */
export const stackImpact = async (stack: string, { from, to }: Releases): Promise<Impact> => {
  const { modules, hasBpf, foreign } = named(stack)
  const [before, after] = [await composed(modules, from), await composed(modules, to)]
  const changes = kernelChanges(from, to)
  const prototypes = new Map(changes.signatures.map(({ hook, after: prototype }) => [hook, prototype]))
  const onStack = new Set([...after.members.values()].flatMap((hooks) => [...hooks]))
  const isOrdered = String(before.order) === String(after.order)
  return {
    part: 'stack', name: stack, kind: 'a stack',
    unjudged: foreign.map((name) => `not judged: \`${name}\`, lsmkit has no such module`),
    changes: [
      ...isOrdered ? [] : [other('order', `${before.order.join(',')} becomes ${after.order.join(',')}`)],
      ...[...after.members].flatMap(([module, hooks]) => [
        ...hookChanges(module, before.members.get(module) ?? new Set(), hooks, prototypes),
        ...ruleChanges(changes, module),
        ...module === 'landlock' ? rightChanges(from, to) : [],
      ]),
      ...hasBpf ? bpfChanges(changes) : [],
      ...changes.defaults.filter(({ hook }) => onStack.has(hook)).map(({ hook, before: was, after: is }) =>
        other('defaults', `\`${hook}\` answers ${is} by default, not ${was}`)),
      ...ruleChanges(changes, 'kernel'),
    ],
  }
}
