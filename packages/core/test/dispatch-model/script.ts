/**
 * Operations on a hook table, as lines of text: people read them, tests shrink them, the corpus keeps them.
 *
 *     lsm file_open -13            an LSM's function on the hook, which answers -13; these come first
 *     permissive m0                the LSM of the first line is permissive; `bpf` for programs; these come first too
 *     attach file_open 0 2:detach 0    a program; at its second call it detaches the first link
 *     group file_open 1 root       a program of a control group
 *     modify file_open 1           a program in front of all LSMs
 *     observe file_open entry      around the framework function; `observe-bpf` around the programs
 *     detach 3                     takes the fourth link off
 *     ask file_open 300            that many calls
 *     time 25                      milliseconds pass
 *
 * A function may do one thing from inside, at one of its calls: `N:` and a line.
 */

/** Hooks of every kind: plain, with a gate, with another default, a walk of its own, void, and one that allocates. */
export const hooks = [
  'file_open', 'inode_permission', 'secid_to_secctx', 'task_prctl', 'file_release', 'file_alloc_security',
] as const
export type ModelHook = (typeof hooks)[number]

/** The result of a function: a number, or something that is not an answer. */
export type Answer = number | 'throws' | 'promise' | 'text'
export const answers: readonly Answer[] = [0, 0, 0, -13, -1, -10, 1, -95, -38, -4096, 'throws', 'promise', 'text']

export const groups = ['root', 'app', 'job'] as const
export type GroupName = (typeof groups)[number]

export interface Inside {
  /** At the call of this number, from 1. */
  readonly at: number
  readonly step: Step
}

interface OnHook {
  readonly hook: ModelHook
  readonly inside: Inside | null
}

export type Step =
  | { readonly kind: 'permissive'; readonly lsm: string }
  | ({ readonly kind: 'lsm'; readonly answer: Answer } & OnHook)
  | ({ readonly kind: 'attach' | 'modify'; readonly answer: Answer } & OnHook)
  | ({ readonly kind: 'group'; readonly answer: Answer; readonly group: GroupName } & OnHook)
  | ({ readonly kind: 'observe' | 'observe-bpf'; readonly at: 'entry' | 'exit' | 'both' } & OnHook)
  | { readonly kind: 'detach'; readonly link: number }
  | { readonly kind: 'ask'; readonly hook: ModelHook; readonly count: number }
  | { readonly kind: 'time'; readonly ms: number }

const insideText = (inside: Inside | null): string => (inside === null ? '' : ` ${inside.at}:${stepText(inside.step)}`)

export const stepText = (step: Step): string => {
  switch (step.kind) {
    case 'permissive': return `permissive ${step.lsm}`
    case 'detach': return `detach ${step.link}`
    case 'ask': return `ask ${step.hook} ${step.count}`
    case 'time': return `time ${step.ms}`
    case 'group': return `group ${step.hook} ${step.answer} ${step.group}${insideText(step.inside)}`
    case 'observe':
    case 'observe-bpf': return `${step.kind} ${step.hook} ${step.at}${insideText(step.inside)}`
    default: return `${step.kind} ${step.hook} ${step.answer}${insideText(step.inside)}`
  }
}

const answerOf = (text: string): Answer => (/^-?\d+$/.test(text) ? Number(text) : text as Answer)

/** Throws if a line is not a step. */
export const parseStep = (line: string): Step => {
  const split = /^([^:]*?)(?: (\d+):(.*))?$/.exec(line)!
  const [kind, first = '', second = '', third = ''] = split[1]!.split(' ')
  const inside = split[2] === undefined ? null : { at: Number(split[2]), step: parseStep(split[3]!) }
  const hook = first as ModelHook
  const isOnHook = !['permissive', 'detach', 'time'].includes(kind!)
  if (isOnHook && !hooks.includes(hook)) throw new Error(`bad line: ${line}`)
  switch (kind) {
    case 'permissive': return { kind, lsm: first }
    case 'detach': return { kind, link: Number(first) }
    case 'time': return { kind, ms: Number(first) }
    case 'ask': return { kind, hook, count: Number(second) }
    case 'group': return { kind, hook, answer: answerOf(second), group: third as GroupName, inside }
    case 'observe':
    case 'observe-bpf': return { kind, hook, at: second as 'entry', inside }
    case 'lsm':
    case 'attach':
    case 'modify': return { kind, hook, answer: answerOf(second), inside }
    default: throw new Error(`bad line: ${line}`)
  }
}

export const scriptText = (script: readonly Step[]): string => script.map((step) => `${stepText(step)}\n`).join('')

export const parseScript = (text: string): Step[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map(parseStep)
