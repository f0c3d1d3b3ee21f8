/**
 * A kernel built without CONFIG_SECURITY: no LSM and no chain. It keeps the inline stubs of security.h, of which
 * nineteen still ask the capability functions; a few others refuse operations that need an LSM.
 */
import { EOPNOTSUPP } from '@lsmkit/abi'
import { Audit } from './audit/audit.ts'
import { Recorder } from './audit/recorder.ts'
import type { Current } from './current.ts'
import type { HookGroup } from './define-lsm.ts'
import { answerOf, emptyAnswer } from './dispatch/key.ts'
import type { Answer } from './dispatch/key.ts'
import type { CapabilityCalls } from './dispatch/strategy.ts'
import { hookDefs, hookNames } from './hooks/hook-defs.ts'
import type { HookName } from './hooks/hook-defs.ts'
import type { HookFn } from './hooks/hook-types.ts'
import type { OwnKeyMap } from './hooks/own-hooks.ts'
import { noHost } from './host.ts'
import type { Host } from './host.ts'
import { DEFAULT_PROFILE, profiles } from './kernel-rules.ts'
import type { Profile } from './kernel-rules.ts'
import type { LsmContext } from './lsm-context.ts'
import { LsmTable } from './generated/lsm-table.ts'
import { plainObjects } from './objects/factories.ts'
import type { Mm } from './objects/mm.ts'
import type { Ref } from './objects/ref.ts'
import { aFunction, anObject, checkOptions, oneOf, optionsOf, required } from './option-rules.ts'
import type { OptionRule, OptionRules } from './option-rules.ts'
import { BoundContext } from './stack/bound-context.ts'
import { capabilityCalls } from './stack/capability-calls.ts'

/** Stubs that call the capability function of the same hook. */
const capabilityStubs = [
  'ptrace_access_check', 'ptrace_traceme', 'capget', 'capset', 'capable', 'settime', 'bprm_creds_from_file',
  'inode_need_killpriv', 'inode_killpriv', 'inode_getsecurity', 'mmap_addr', 'task_fix_setuid', 'task_setnice',
  'task_setioprio', 'task_setscheduler', 'task_prctl',
] as const satisfies readonly HookName[]

/** Stubs whose constant is not the hook's default. */
const refusals = {
  secctx_to_secid: -EOPNOTSUPP, inode_notifysecctx: -EOPNOTSUPP, inode_setsecctx: -EOPNOTSUPP, inode_init_security: 0,
} as const satisfies Partial<Record<HookName, number>>

const clearFirst = (secid: Ref<number>): void => {
  secid.value = 0
}
const clearSecond = (_object: unknown, secid: Ref<number>): void => {
  secid.value = 0
}

/** Stubs that set an output parameter and do nothing else. */
const presets: Partial<Record<HookName, HookFn>> = {
  inode_getsecid: clearSecond,
  cred_getsecid: clearSecond,
  task_getsecid_obj: clearSecond,
  ipc_getsecid: clearSecond,
  current_getsecid_subj: clearFirst,
  key_getsecurity: (_key: unknown, buffer: Ref<string | null>) => {
    buffer.value = null
    return 0
  },
}

/** Stubs that put the capability function's answer to use. */
const ownStubs = (group: HookGroup, caps: CapabilityCalls): Partial<Record<HookName, HookFn>> => ({
  inode_setxattr: (_idmap, dentry, name, value, size, flags) =>
    caps.cap_inode_setxattr(dentry, name, value, size, flags),
  inode_removexattr: (idmap, dentry, name) => caps.cap_inode_removexattr(idmap, dentry, name),
  vm_enough_memory: (mm: Mm, pages: number) =>
    caps.vm_enough_memory(mm, pages, group.vm_enough_memory?.(mm, pages) === 0 ? 1 : 0),
})

export interface SecurityOffOptions {
  /** The LSM whose functions the stubs call: `capability()`. */
  readonly capability: { readonly id: number; readonly hooks: (ctx: LsmContext) => HookGroup }
  readonly current: Current
  readonly host?: Host
  /** The kernel release whose rules hold; 6.12 unless given. */
  readonly profile?: Profile
  /**
   * Functions bound to call sites: what one answers is the answer, except 0, for which the stub is asked; of a hook
   * that returns nothing the stub runs as well. They stay as long as the table.
   */
  readonly overrides?: { readonly [N in HookName]?: HookFn }
}

/** A hook by name, a function for each: a table that is made when somebody gives some. */
const overrides: OptionRule = {
  ...optionsOf({}),
  inside: (value, place) => {
    const known = optionsOf(Object.fromEntries(hookNames.map((hook) => [hook, aFunction])))
    known.inside!(value, place)
  },
}
const rules: OptionRules<SecurityOffOptions> = {
  capability: required(anObject, 'capability()'),
  current: required(anObject),
  host: anObject,
  profile: oneOf(...profiles),
  overrides,
}

/** The table of such a kernel. Nothing is recorded, allocated or guarded. Throws OptionError. */
export const configSecurityOff = (given: SecurityOffOptions): LsmTable => {
  checkOptions(given, rules, 'configSecurityOff')
  const { capability, current, host = noHost, profile = DEFAULT_PROFILE } = given
  let lsm: LsmTable | null = null
  const recorder = new Recorder({
    audit: new Audit({}), current, host, denials: false, hooks: hookDefs, label: () => null,
  })
  const audit = recorder.voice('capability')
  const context = {
    current, profile, lsmid: capability.id, bootParameters: [], audit, objects: plainObjects, host,
  } as const
  const group = capability.hooks(new BoundContext(context, () => lsm! as LsmTable & OwnKeyMap))
  const stubs: Partial<Record<HookName, HookFn>> = {
    ...Object.fromEntries(capabilityStubs.map((hook) => [hook, group[hook]])),
    ...Object.fromEntries(Object.entries(refusals).map(([hook, rc]) => [hook, () => rc])),
    ...presets,
    ...ownStubs(group, capabilityCalls(() => lsm!, current, host)),
  }
  const bound = (hook: HookName): HookFn | undefined =>
    given.overrides?.[hook] === undefined ? stubs[hook] : overridden(hook, given.overrides[hook], stubs[hook])
  lsm = new LsmTable(Object.fromEntries(hookNames.map((hook) => [hook, answerFor(hook, bound(hook))])))
  return lsm
}

/** A function in front of a stub, or of the constant that stands where there is none. */
const overridden = (hook: HookName, override: HookFn, stub: HookFn | undefined): HookFn => {
  const { ret, default: value } = hookDefs[hook]
  return (...args) => {
    const rc: unknown = override(...args)
    if (ret === 'int' && rc !== 0) return rc
    return stub === undefined ? value : stub(...args)
  }
}

const answerFor = (hook: HookName, stub: HookFn | undefined): Answer => {
  const { ret, default: value } = hookDefs[hook]
  return stub === undefined ? emptyAnswer(hook, ret, value) : answerOf(ret, stub)
}
