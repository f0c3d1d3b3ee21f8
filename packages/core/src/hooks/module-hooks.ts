/**
 * Hooks of modules that are written for ABI 1.0, whose signatures are those of 6.12, put on the table of a later
 * kernel. A hook that did not change keeps its function; each of the others gets one that translates.
 */
import { ERANGE } from '@lsmkit/abi'
import type { HookGroup } from '../hook-groups.ts'
import { ref } from '../objects/ref.ts'
import type { Ref } from '../objects/ref.ts'
import type { AnyHookDef, HookFn } from './hook-types.ts'
import { secidIn, setSecid } from './prop.ts'
import { isKernelHook, laterHookNames } from './release-hook-defs.ts'
import type { LsmContextText, LsmProp } from './release-hook-defs.ts'

/** The module whose hooks they are. */
export interface Owner {
  readonly name: string
  readonly id: number
}

/** Makes the later hook of the function of ABI 1.0. */
type Adapter = (fn: HookFn, owner: Owner) => HookFn

const textDecoder = new TextDecoder()

const textIn = (value: string | Uint8Array | null): string | null =>
  value instanceof Uint8Array ? textDecoder.decode(value) : value

/** Runs `ask` with the two places of a context, and hands over what it put there. */
const inContext = (
  { id }: Owner, cp: LsmContextText | null, ask: (text: Ref<string | Uint8Array | null>, length: Ref<number>) => number,
): number => {
  const text = ref<string | Uint8Array | null>(null)
  const length = ref(0)
  const rc = ask(text, length)
  if (cp === null) return rc < 0 ? rc : length.value
  cp.id = id
  if (rc < 0) return rc
  cp.context = textIn(text.value)
  cp.len = length.value
  return rc
}

/** A length where 0 was the answer (6.14). */
const withLength = (rc: number, cp: LsmContextText | null): number => (rc < 0 || cp === null ? rc : cp.len)

const propFirst: Adapter = (fn, { name }) => (prop: LsmProp) => {
  const secid = ref(secidIn(prop, name))
  fn(secid)
  setSecid(prop, name, secid.value)
}

const propSecond: Adapter = (fn, { name }) => (object: unknown, prop: LsmProp) => {
  const secid = ref(secidIn(prop, name))
  fn(object, secid)
  setSecid(prop, name, secid.value)
}

/** By the hook of ABI 1.0, the hooks that a later kernel asks in its place; one that stays is named as well. */
const later: Readonly<Record<string, Readonly<Record<string, Adapter>>>> = {
  current_getsecid_subj: { current_getlsmprop_subj: propFirst },
  task_getsecid_obj: { task_getlsmprop_obj: propSecond },
  inode_getsecid: { inode_getlsmprop: propSecond },
  ipc_getsecid: { ipc_getlsmprop: propSecond },
  cred_getsecid: { cred_getsecid: (fn) => fn, cred_getlsmprop: propSecond },

  secid_to_secctx: {
    secid_to_secctx: (fn, owner) => (secid: number, cp: LsmContextText | null) =>
      withLength(inContext(owner, cp, (text, length) => fn(secid, text, length) as number), cp),
    lsmprop_to_secctx: (fn, owner) => (prop: LsmProp, cp: LsmContextText | null) =>
      withLength(inContext(owner, cp, (text, length) => fn(secidIn(prop, owner.name), text, length) as number), cp),
  },
  inode_getsecctx: {
    inode_getsecctx: (fn, owner) => (inode: unknown, cp: LsmContextText) =>
      inContext(owner, cp, (text, length) => fn(inode, text, length) as number),
  },
  dentry_init_security: {
    dentry_init_security: (fn, owner) =>
      (dentry: unknown, mode: number, name: unknown, xattr_name: unknown, cp: LsmContextText) =>
        inContext(owner, cp, (text, length) => fn(dentry, mode, name, xattr_name, text, length) as number),
  },
  /** A context is released by the module that made it. */
  release_secctx: {
    release_secctx: (fn, { id }) => (cp: LsmContextText) => {
      if (cp.id !== id || cp.context === null) return
      fn(cp.context, cp.len)
      cp.context = null
      cp.id = 0
    },
  },
  audit_rule_match: {
    audit_rule_match: (fn, { name }) => (prop: LsmProp, field: number, op: number, rule: unknown) =>
      fn(secidIn(prop, name), field, op, rule) as number,
  },
}

/** 7.3: each module adds its name to the list and takes its length off what is left, as `xattr_list_one` does. */
const listsecurity: Adapter = (fn) => (inode: unknown, buffer: Ref<string | null>, remaining: Ref<number>) => {
  const wants = buffer.value !== null
  const names = ref('')
  const length = fn(inode, wants ? names : null, wants ? Math.max(remaining.value, 0) : 0) as number
  if (length < 0) return length
  if (wants) {
    if (remaining.value < length) return -ERANGE
    buffer.value += names.value
  }
  remaining.value -= length
  return 0
}

/** A buffer that moves, by the parameters: only 7.3 has it. */
const movesBuffer = ({ params }: AnyHookDef): boolean => params.includes('ssize_t *remaining_size')

const adaptersOf = (
  hook: string, hooks: Readonly<Record<string, AnyHookDef>>,
): Readonly<Record<string, Adapter>> | null => {
  if (hook !== 'inode_listsecurity') return Object.hasOwn(later, hook) ? later[hook]! : null
  return movesBuffer(hooks[hook]!) ? { inode_listsecurity: listsecurity } : null
}

/** Has `struct lsm_prop`, and all that came with it and after it. */
const isLater = (hooks: Readonly<Record<string, AnyHookDef>>): boolean =>
  Object.hasOwn(hooks, 'current_getlsmprop_subj')

/**
 * The group as a table with `hooks` has it. Where the module is on the later hook itself, its own function is taken. A
 * hook of a release that this table does not have is left out, and never asked.
 */
export const moduleHooks = (
  group: HookGroup, owner: Owner, hooks: Readonly<Record<string, AnyHookDef>>,
): HookGroup => {
  const given = Object.entries(group as Readonly<Record<string, HookFn>>)
  const areLater = isLater(hooks)
  if (!areLater && given.every(([hook]) => !isMissing(hook, hooks))) return group
  const made = new Map<string, HookFn>()
  for (const [hook, fn] of given) {
    const adapters = areLater ? adaptersOf(hook, hooks) : null
    if (adapters === null) {
      if (!isMissing(hook, hooks)) made.set(hook, fn)
      continue
    }
    for (const [name, adapter] of Object.entries(adapters)) {
      const translated = adapter(fn, owner)
      // marks on a function stay (`answersPositive`)
      made.set(name, translated === fn ? fn : Object.assign(translated, fn))
    }
  }
  for (const [hook, fn] of given) if (laterHookNames.has(hook) && !isMissing(hook, hooks)) made.set(hook, fn)
  return Object.fromEntries(made) as HookGroup
}

/** A kernel has the hook, but not this one. */
const isMissing = (hook: string, hooks: Readonly<Record<string, AnyHookDef>>): boolean =>
  !Object.hasOwn(hooks, hook) && isKernelHook(hook)
