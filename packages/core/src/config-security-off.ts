/**
 * A kernel built without CONFIG_SECURITY: no LSM and no chain. It keeps the inline stubs of security.h, of which
 * nineteen still ask the capability functions; a few others refuse operations that need an LSM.
 */
import { EOPNOTSUPP, ownValue } from '@lsmkit/abi'
import { Audit } from './audit/audit.ts'
import { Recorder } from './audit/recorder.ts'
import type { Current } from './current.ts'
import type { HookGroup } from './define-lsm.ts'
import { answerOf, emptyAnswer } from './dispatch/key.ts'
import type { Answer } from './dispatch/key.ts'
import type { CapabilityCalls } from './dispatch/strategy.ts'
import { hookProfile } from './dispatch/release-profiles.ts'
import { hookNames } from './hooks/hook-defs.ts'
import type { HookName } from './hooks/hook-defs.ts'
import type { AnyHookDef, HookFn } from './hooks/hook-types.ts'
import type { OwnKeyMap } from './hooks/own-hooks.ts'
import { clearProp } from './hooks/prop.ts'
import { laterHookNames } from './hooks/release-hook-defs.ts'
import type { LsmProp } from './hooks/release-hook-defs.ts'
import type { AnyKeyMap, KeysOf } from './hooks/release-maps.ts'
import { noHost } from './host.ts'
import type { Host } from './host.ts'
import { DEFAULT_PROFILE, profiles } from './kernel-rules.ts'
import type { Profile } from './kernel-rules.ts'
import type { LsmContext } from './lsm-context.ts'
import type { LsmTable } from './generated/lsm-table.ts'
import { plainObjects } from './objects/factories.ts'
import type { Mm } from './objects/mm.ts'
import type { Ref } from './objects/ref.ts'
import { aFunction, anObject, checkOptions, oneOf, optionsOf, required } from './option-rules.ts'
import type { OptionRule, OptionRules } from './option-rules.ts'
import { BoundContext } from './stack/bound-context.ts'
import { capabilityCalls } from './stack/capability-calls.ts'
import { moduleTable } from './stack/module-table.ts'

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
const presets: Readonly<Record<string, HookFn>> = {
  inode_getsecid: clearSecond,
  cred_getsecid: clearSecond,
  task_getsecid_obj: clearSecond,
  ipc_getsecid: clearSecond,
  current_getsecid_subj: clearFirst,
  inode_getlsmprop: (_inode: unknown, prop: LsmProp) => clearProp(prop),
  task_getlsmprop_obj: (_task: unknown, prop: LsmProp) => clearProp(prop),
  ipc_getlsmprop: (_ipcp: unknown, prop: LsmProp) => clearProp(prop),
  current_getlsmprop_subj: clearProp,
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
  /** The kernel release whose hooks and rules hold; 6.12 unless given. */
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
    const known = optionsOf(Object.fromEntries([...hookNames, ...laterHookNames].map((hook) => [hook, aFunction])))
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
export const configSecurityOff = <P extends Profile = typeof DEFAULT_PROFILE>(
  given: SecurityOffOptions & { readonly profile?: P },
): KeysOf<P> => {
  checkOptions(given, rules, 'configSecurityOff')
  const { capability, current, host = noHost, profile = DEFAULT_PROFILE } = given as SecurityOffOptions
  const { hooks, Table } = hookProfile(profile)
  let lsm: AnyKeyMap | null = null
  const recorder = new Recorder({
    audit: new Audit({}), current, host, denials: false, hooks, label: () => null,
  })
  const audit = recorder.voice('capability')
  const context = {
    current, profile, lsmid: capability.id, bootParameters: [], audit, objects: plainObjects, host,
  } as const
  const group = capability.hooks(new BoundContext(context, () => moduleTable(lsm!) as LsmTable & OwnKeyMap))
  const stubs: Readonly<Record<string, HookFn | undefined>> = {
    ...Object.fromEntries(capabilityStubs.map((hook) => [hook, group[hook]])),
    ...Object.fromEntries(Object.entries(refusals).map(([hook, rc]) => [hook, () => rc])),
    ...presets,
    ...ownStubs(group, capabilityCalls(() => lsm!, current, host)),
  }
  const chosen = (given.overrides ?? {}) as Readonly<Record<string, HookFn | undefined>>
  lsm = new Table(Object.fromEntries(Object.entries(hooks).map(([hook, def]) => {
    const [stub, override] = [ownValue(stubs, hook), ownValue(chosen, hook)]
    return [hook, answerFor(hook, def, override === undefined ? stub : overridden(def, override, stub))]
  }))) as AnyKeyMap
  return lsm as unknown as KeysOf<P>
}

/** A function in front of a stub, or of the constant that stands where there is none. */
const overridden = ({ ret, default: value }: AnyHookDef, override: HookFn, stub: HookFn | undefined): HookFn =>
  (...args) => {
    const rc: unknown = override(...args)
    if (ret === 'int' && rc !== 0) return rc
    return stub === undefined ? value : stub(...args)
  }

const answerFor = (hook: string, { ret, default: value }: AnyHookDef, stub: HookFn | undefined): Answer =>
  stub === undefined ? emptyAnswer(hook, ret, value) : answerOf(ret, stub)
