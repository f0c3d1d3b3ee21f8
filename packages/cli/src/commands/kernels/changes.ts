/** The differences between the tables of two kernel releases: hooks, signatures, programs, rules. */
import { hookProfile, kernelRules } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { ruleWords } from './rule-words.ts'
import type { RuleName } from './rule-words.ts'

type Hooks = ReturnType<typeof hookProfile>['hooks']

export interface ChangedHook {
  readonly hook: string
  readonly before: string
  readonly after: string
}

export interface KernelChanges {
  readonly from: Profile
  readonly to: Profile
  /** Prototypes of hooks that only the second has. */
  readonly came: readonly string[]
  readonly left: readonly string[]
  /** Parameters that are other ones, or have another meaning for programs. */
  readonly signatures: readonly ChangedHook[]
  readonly defaults: readonly ChangedHook[]
  /** Which programs may be on a hook: none, those that do not sleep, all. */
  readonly programs: readonly ChangedHook[]
  readonly rules: readonly { readonly rule: RuleName; readonly before: string; readonly after: string }[]
}

const prototype = (hooks: Hooks, hook: string): string => `${hooks[hook]!.ret} ${hook}(${hooks[hook]!.params})`

const programsOn = ({ bpf }: Hooks[string]): string => (bpf.disabled ? 'none' : bpf.sleepable ? 'all' : 'not sleeping')

const changed = (before: Hooks, after: Hooks, of: (hooks: Hooks, hook: string) => string): ChangedHook[] =>
  Object.keys(after).filter((hook) => Object.hasOwn(before, hook)).flatMap((hook) => {
    const [was, is] = [of(before, hook), of(after, hook)]
    return was === is ? [] : [{ hook, before: was, after: is }]
  })

const ruleText = (rule: RuleName, value: unknown): string =>
  ruleWords[rule].isMask === true && typeof value === 'number' ? `0x${value.toString(16)}` : String(value)

/** The differences from one release to another; the second may be the older one. */
export const kernelChanges = (from: Profile, to: Profile): KernelChanges => {
  const [before, after] = [hookProfile(from).hooks, hookProfile(to).hooks]
  const [was, is] = [kernelRules(from), kernelRules(to)]
  return {
    from, to,
    came: Object.keys(after).filter((hook) => !Object.hasOwn(before, hook)).map((hook) => prototype(after, hook)),
    left: Object.keys(before).filter((hook) => !Object.hasOwn(after, hook)).map((hook) => prototype(before, hook)),
    signatures: changed(before, after, prototype),
    defaults: changed(before, after, (hooks, hook) => String(hooks[hook]!.default)),
    programs: changed(before, after, (hooks, hook) => programsOn(hooks[hook]!)),
    rules: (Object.keys(was) as RuleName[]).filter((rule) => was[rule] !== is[rule])
      .map((rule) => ({ rule, before: ruleText(rule, was[rule]), after: ruleText(rule, is[rule]) })),
  }
}
