/** Plays a script on a system, and compares what the model and the strategies wrote down. */
import type { StrategyName } from '../../src/dispatch/strategy.ts'
import type { HookFn } from '../../src/hooks/hook-types.ts'
import { Model } from './model.ts'
import { real } from './real.ts'
import { parseScript } from './script.ts'
import type { Answer, Inside, ModelHook, Step } from './script.ts'
import { PLACE } from './system.ts'
import type { ModelLink, ModelMember, System, SystemMaker } from './system.ts'

/** Links that one hook may have; the limits of attaching are tested elsewhere. */
const LINKS = 12
/** Calls a script may come to, nested ones too. */
const CALLS = 4000
const DEPTH = 4

const valueOf = (answer: Answer): unknown => {
  if (answer === 'throws') throw new Error('thrown by a hook')
  return answer === 'promise' ? Promise.resolve(0) : answer
}

class Player {
  readonly log: string[] = []
  asks = 0
  #ms = 1000
  #depth = 0
  #functions = 0
  readonly #links: ModelLink[] = []
  readonly #counts = new Map<ModelHook, number>()
  readonly #system: System

  constructor(script: readonly Step[], make: SystemMaker) {
    const lsms = script.filter((step) => step.kind === 'lsm')
    const members = lsms.map(({ hook, answer, inside }, index): ModelMember => {
      const position = index < PLACE ? index : index + 1
      return { hook, lsm: `m${index}`, position, fn: this.#fn(answer, inside) }
    })
    const permissive = script.filter((step) => step.kind === 'permissive').map(({ lsm }) => lsm)
    this.#system = make({ members, permissive }, { log: (line) => void this.log.push(line), now: () => this.#ms })
    for (const step of script) this.#step(step)
  }

  /** Writes down that it was called, does its one thing, and answers. */
  #fn(answer: Answer, inside: Inside | null): HookFn {
    const id = this.#functions++
    let calls = 0
    return () => {
      this.log.push(`f${id}`)
      if (++calls === inside?.at) this.#step(inside.step)
      return valueOf(answer)
    }
  }

  #hold(hook: ModelHook, make: () => ModelLink): void {
    const count = this.#counts.get(hook) ?? 0
    if (count >= LINKS) return
    this.#counts.set(hook, count + 1)
    let attached = true
    const link = make()
    this.#links.push({
      detach: () => {
        if (!attached) return
        attached = false
        this.#counts.set(hook, this.#counts.get(hook)! - 1)
        link.detach()
      },
    })
  }

  #step(step: Step): void {
    const system = this.#system
    switch (step.kind) {
      case 'lsm':
      case 'permissive': return
      case 'time': this.#ms += step.ms; return
      case 'detach': this.#links[step.link % Math.max(this.#links.length, 1)]?.detach(); return
      case 'ask': return this.#ask(step.hook, step.count)
      case 'attach': return this.#hold(step.hook, () => system.attach(step.hook, this.#fn(step.answer, step.inside)))
      case 'group': {
        const fn = this.#fn(step.answer, step.inside)
        return this.#hold(step.hook, () => system.group(step.hook, fn, step.group))
      }
      case 'modify':
        // it cannot be put on a void hook
        if (step.hook === 'file_release') return
        return this.#hold(step.hook, () => system.modify(step.hook, this.#fn(step.answer, step.inside)))
      default: {
        const { hook, at, inside, kind } = step
        const observer = {
          ...(at === 'exit' ? {} : { entry: this.#fn(0, inside) }),
          ...(at === 'entry' ? {} : { exit: this.#fn(0, at === 'exit' ? inside : null) }),
        }
        this.#hold(hook, () => system.observe(hook, observer, kind === 'observe' ? 'security' : 'bpf_lsm'))
      }
    }
  }

  #ask(hook: ModelHook, count: number): void {
    if (this.#depth >= DEPTH) return
    this.#depth++
    for (let left = count; left > 0 && this.asks < CALLS; left--) {
      this.asks++
      this.log.push(`${hook} = ${String(this.#system.ask(hook))}`)
    }
    this.#depth--
  }
}

const models = {
  list: (given, world) => new Model(given, world, false),
  'krsi-v4': (given, world) => new Model(given, world, true),
} satisfies Record<string, SystemMaker>

const strategies: readonly { readonly name: StrategyName; readonly model: SystemMaker }[] = [
  { name: 'list', model: models.list },
  { name: 'static-key', model: models.list },
  { name: 'swap', model: models.list },
  { name: 'krsi-v4', model: models['krsi-v4'] },
]

export interface Played {
  /** Calls of hooks, on all strategies. */
  readonly asks: number
  /** The difference of the first strategy that differs; null when all agree with the model. */
  readonly difference: string | null
}

const differenceOf = (name: string, expected: readonly string[], got: readonly string[]): string => {
  const at = expected.findIndex((line, index) => line !== got[index])
  const from = at < 0 ? expected.length : at
  const before = expected.slice(Math.max(0, from - 5), from).join('; ')
  return `${name}: after \`${before}\` expected \`${expected[from]}\`, got \`${got[from]}\``
}

/** Plays a script on the model and on every strategy. */
export const play = (script: readonly Step[]): Played => {
  const expected = new Map<SystemMaker, readonly string[]>()
  for (const model of Object.values(models)) expected.set(model, new Player(script, model).log)
  let asks = 0
  for (const { name, model } of strategies) {
    const played = new Player(script, (given, world) => real(name, given, world))
    asks += played.asks
    const right = expected.get(model)!
    if (right.length !== played.log.length || right.some((line, index) => line !== played.log[index])) {
      return { asks, difference: differenceOf(name, right, played.log) }
    }
  }
  return { asks, difference: null }
}

export const playText = (text: string): Played => play(parseScript(text))
