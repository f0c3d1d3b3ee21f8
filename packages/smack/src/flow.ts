/**
 * `@lsmkit/smack/flow`: where information can get under Smack's rules. A label that may write another sends to it, one
 * that may read another takes from it; the built-in steps count as the kernel takes them.
 */
import { MAY_APPEND, MAY_EXEC, MAY_READ, MAY_WRITE } from '@lsmkit/abi'
import { LsmkitError, didYouMean } from '@lsmkit/core'
import {
  addBit, allPaths, bitsOf, flowLimitRules, listBits, noBits, shortestPath, shortestPaths,
} from '@lsmkit/core/policy/flow'
import type { Bits, FlowEnds, FlowGraph, FlowLimits } from '@lsmkit/core/policy/flow'
import { aBoolean, aString, checkOptions, listOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { access } from './access.ts'
import { isDenied } from './decision.ts'
import type { Label } from './label.ts'
import { FLOOR, HAT, STAR, WEB } from './label-table.ts'
import { MAY_LOCK, modesText } from './modes.ts'
import type { Policy } from './policy.ts'

export interface SmackFlowOptions {
  /** Steps of less weight count as none; 3 unless given. Reading and writing weigh 10, executing 7, locking 1. */
  readonly minWeight?: number
  /** Labels that nothing flows through, from or to. */
  readonly exclude?: readonly string[]
  /**
   * Flows through `*` and `@` count too. Everybody may access these, so that with them everything flows everywhere;
   * `*` is for devices such as /dev/null that keep nothing.
   */
  readonly throughStar?: boolean
}

/** One way from a label to another. */
export interface SmackFlow {
  readonly path: readonly string[]
  /** The least of its steps' weights. */
  readonly weight: number
}

/** A label that no rule and no built-in step knows. */
export class SmackFlowError extends LsmkitError<'unknown-label'> {}

const MOST = 10
const rules: OptionRules<SmackFlowOptions> =
  { minWeight: wholeNumber(1, MOST), exclude: listOf(aString), throughStar: aBoolean }

/** Modes and what they weigh. */
type Weights = readonly (readonly [mode: number, weight: number])[]

/** What sends to the object, and what takes from it, the heaviest first. */
const sending: Weights = [[MAY_WRITE, 10], [MAY_APPEND, 10], [MAY_LOCK, 1]]
const taking: Weights = [[MAY_READ, 10], [MAY_EXEC, 7], [MAY_LOCK, 1]]

/** Labels that built-in steps make accessible to all, or that may access all. */
const reachesAll: readonly Label[] = [FLOOR, HAT, STAR, WEB]

/** The labels of a policy and what goes between them in one step. */
class LabelGraph implements FlowGraph {
  readonly size: number
  readonly labels: readonly Label[]
  readonly #policy: Policy
  readonly #minWeight: number
  /** By label: those that share a rule with it. */
  readonly #near: Label[][] = []
  readonly #sentTo: Bits[] = []
  readonly #takenFrom: Bits[] = []

  constructor(policy: Policy, minWeight: number) {
    this.#policy = policy
    this.#minWeight = minWeight
    this.size = policy.labels.end
    this.labels = [...policy.labels.newestFirst()].reverse()
    policy.rules.each((subject, object) => {
      (this.#near[subject] ??= []).push(object);
      (this.#near[object] ??= []).push(subject)
    })
  }

  out(node: number): Bits {
    return this.#sentTo[node] ??= this.#gather(node, (other) => this.weightOf(node, other))
  }

  into(node: number): Bits {
    return this.#takenFrom[node] ??= this.#gather(node, (other) => this.weightOf(other, node))
  }

  /** The weight of the step, 0 of none. */
  weightOf(from: Label, to: Label): number {
    const best = (subject: Label, object: Label, modes: Weights): number =>
      modes.find(([mode]) => !isDenied(access(this.#policy, subject, object, mode)))?.[1] ?? 0
    return Math.max(best(from, to, sending), best(to, from, taking))
  }

  #gather(label: Label, weigh: (other: Label) => number): Bits {
    const bits = noBits(this.size)
    if (!this.#policy.labels.has(label)) return bits
    for (const other of this.#candidates(label)) {
      if (other !== label && weigh(other) >= this.#minWeight) addBit(bits, other)
    }
    return bits
  }

  /** Two labels without a rule between them go together only by a built-in step, or when one is unconfined. */
  #candidates(label: Label): Iterable<Label> {
    const { unconfined } = this.#policy
    if (reachesAll.includes(label) || label === unconfined) return this.labels
    return [...this.#near[label] ?? [], ...reachesAll, ...unconfined === 0 ? [] : [unconfined]]
  }
}

/** Asks one policy for flows: of its rules and its unconfined label, not of what tasks set for themselves. */
export class SmackFlows {
  readonly minWeight: number
  readonly #policy: Policy
  /** By the least weight of a step. */
  readonly #graphs: LabelGraph[] = []
  readonly #throughStar: boolean
  readonly #without: readonly Label[]

  /** Throws OptionError, and SmackFlowError for a label that there is not. Rules set later are not looked at. */
  constructor(policy: Policy, options: SmackFlowOptions = {}) {
    checkOptions(options, rules, 'SmackFlows')
    const { minWeight = 3, exclude = [], throughStar = false } = options
    this.#policy = policy
    this.minWeight = minWeight
    this.#throughStar = throughStar
    this.#without = exclude.map((name) => this.labelOf(name))
  }

  /** Steps of at least `minWeight`; nodes are labels. */
  graph(minWeight = this.minWeight): LabelGraph {
    return this.#graphs[minWeight] ??= new LabelGraph(this.#policy, minWeight)
  }

  labelOf(name: string): Label {
    const { labels } = this.#policy
    const label = labels.find(name)
    if (label !== 0) return label
    const hint = didYouMean(name, [...labels.newestFirst()].map((each) => labels.text(each)))
    throw new SmackFlowError('unknown-label', `no rule names the label \`${name}\``, { hint })
  }

  /** All shortest flows between two labels. */
  *shortest(from: string, to: string): Generator<SmackFlow> {
    for (const path of shortestPaths(this.graph(), this.#ends(from, to))) yield this.#flowOf(path)
  }

  /** One of the shortest flows, null when there is none. */
  first(from: string, to: string, limits: FlowLimits = {}): SmackFlow | null {
    checkOptions(limits, flowLimitRules, 'first')
    const { exclude, minWeight, steps } = limits
    const ends = this.#ends(from, to, exclude)
    const path = shortestPath(this.graph(minWeight ?? this.minWeight), ends, steps ?? Infinity)
    return path === null ? null : this.#flowOf(path)
  }

  /** All flows of at most `steps` steps that visit no label twice. */
  *all(from: string, to: string, steps: number): Generator<SmackFlow> {
    for (const path of allPaths(this.graph(), this.#ends(from, to), steps)) yield this.#flowOf(path)
  }

  /** Flows from a label in one step. */
  *out(from: string): Generator<SmackFlow> {
    const label = this.labelOf(from)
    for (const to of this.#present(label, this.graph().out(label))) yield this.#flowOf([label, to])
  }

  /** Flows to a label in one step. */
  *into(to: string): Generator<SmackFlow> {
    const label = this.labelOf(to)
    for (const from of this.#present(label, this.graph().into(label))) yield this.#flowOf([from, label])
  }

  /** The reasons for a step: rules, and built-in steps in words. */
  rulesOf(from: string, to: string, minWeight = this.minWeight): string[] {
    const [source, target] = [this.labelOf(from), this.labelOf(to)]
    return [...this.#reasons(source, target, sending, 'write', minWeight),
      ...this.#reasons(target, source, taking, 'read', minWeight)]
  }

  #reasons(subject: Label, object: Label, modes: Weights, verb: string, minWeight: number): string[] {
    const { labels, rules: table } = this.#policy
    const may = modes.filter(([mode, weight]) =>
      weight >= minWeight && !isDenied(access(this.#policy, subject, object, mode)))
    if (may.length === 0) return []
    const [a, b] = [labels.text(subject), labels.text(object)]
    const written = Math.max(table.get(subject, object), 0)
    return [may.some(([mode]) => (written & mode) !== 0) ? `${a} ${b} ${modesText(written)}`
      : `built in: \`${a}\` may ${verb} \`${b}\``]
  }

  #present(label: Label, found: Bits): Label[] {
    return this.#without.includes(label) ? [] : listBits(found, bitsOf(this.#policy.labels.end, this.#without))
  }

  #ends(from: string, to: string, exclude: readonly string[] = []): FlowEnds {
    const [source, target] = [this.labelOf(from), this.labelOf(to)]
    const passing = this.#throughStar ? [] : [STAR, WEB].filter((label) => label !== source && label !== target)
    const without = [...this.#without, ...exclude.map((name) => this.labelOf(name)), ...passing]
    return { from: [source], to: [target], without }
  }

  #flowOf(path: readonly Label[]): SmackFlow {
    const weights = path.slice(1).map((to, i) => this.graph().weightOf(path[i]!, to))
    return { path: path.map((label) => this.#policy.labels.text(label)), weight: Math.min(...weights) }
  }
}
