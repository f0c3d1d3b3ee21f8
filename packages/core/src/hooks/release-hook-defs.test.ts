/** Hook tables by release: their differences as recorded from the types of real kernels, and every prototype. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { linux612 } from '../dispatch/profile.ts'
import type { HookProfile } from '../dispatch/profile.ts'
import { linux618, linux73 } from '../dispatch/release-profiles.ts'
import { laterHookNames } from './release-hook-defs.ts'

const namesOf = ({ hooks }: HookProfile): string[] => Object.keys(hooks).toSorted()

/** What the later table has more, has no longer, and declares otherwise. */
const differences = (before: HookProfile, after: HookProfile) => ({
  came: namesOf(after).filter((hook) => before.hooks[hook] === undefined),
  left: namesOf(before).filter((hook) => after.hooks[hook] === undefined),
  changed: namesOf(after).filter((hook) =>
    before.hooks[hook] !== undefined && before.hooks[hook].params !== after.hooks[hook]!.params),
})

const words = (text: string): string[] => text.trim().split(/\s+/)
const changedIn618 = words(`audit_rule_match bpf bpf_map_create bpf_prog_load dentry_create_files_as
  dentry_init_security inode_getsecctx release_secctx secid_to_secctx task_alloc`)

test('6.12 to 6.18', () => {
  expect(differences(linux612, linux618)).toEqual({
    came: words(`cred_getlsmprop current_getlsmprop_subj inode_file_getattr inode_file_setattr inode_getlsmprop
      ipc_getlsmprop lsmprop_to_secctx task_getlsmprop_obj uring_allowed`),
    left: words(`backing_file_alloc backing_file_free current_getsecid_subj inode_getsecid ipc_getsecid
      mmap_backing_file task_getsecid_obj`),
    changed: changedIn618,
  })
})

test('6.18 to 7.3', () => {
  expect(differences(linux618, linux73)).toEqual({
    came: ['backing_file_alloc', 'backing_file_free', 'mmap_backing_file', 'unix_find'], left: [],
    changed: ['inode_listsecurity'],
  })
})

test('names of later hooks are those that came', () => {
  const came = [linux618, linux73].flatMap((profile) => differences(linux612, profile).came)
  expect([...laterHookNames].toSorted()).toEqual([...new Set(came)].toSorted())
})

test('6.12, 6.18 and 7.3 have 271, 273 and 277 hooks', () => {
  expect([linux612, linux618, linux73].map(({ hooks }) => Object.keys(hooks).length)).toEqual([271, 273, 277])
})

/** Hooks whose rules for programs are others than those of 6.12. */
const programRules = ({ hooks }: HookProfile) => namesOf({ ...linux612, hooks }).flatMap((hook) => {
  const [was, is] = [linux612.hooks[hook]?.bpf, hooks[hook]!.bpf]
  if (was === undefined || (was.sleepable === is.sleepable && was.disabled === is.disabled)) return []
  return [`${hook} ${is.disabled ? 'disabled' : is.sleepable ? 'sleepable' : 'enabled'}`]
})

test('hooks that programs may use otherwise than in 6.12', () => {
  expect(programRules(linux618)).toEqual([
    'bpf_prog_free sleepable', 'inet_conn_established sleepable', 'inode_post_removexattr sleepable',
    'inode_removexattr sleepable', 'task_to_inode sleepable', 'xfrm_decode_session enabled',
  ])
  expect(programRules(linux73)).toEqual([
    'bdev_alloc_security sleepable', 'bdev_setintegrity sleepable', 'file_alloc_security disabled',
    'inode_post_removexattr sleepable', 'inode_removexattr sleepable',
  ])
})

const facts = new URL('../../../../../shared/facts/', import.meta.url)
const there = existsSync(facts)

/** Functions with the names of hooks that belong to the verifier. */
const internals = words(`find_cgroup_shim func_proto get_retval_range init is_sleepable_hook is_trusted verify_prog
  has_d_inode_locked hook_returns_errno`)
/** Hooks of options that Debian's kernels are built without. */
const notBuilt = words('ib_alloc_security ib_endport_manage_subnet ib_pkey_access post_notification watch_key')

/** One spelling for types that the sources and the types of a kernel spell differently. */
const spelt = (params: string): string => params
  .replace(/^void$/, '').replaceAll('__user ', '').replaceAll('__nullable', '').replaceAll('* old', '*old')
  .replaceAll(/\b(?:long unsigned int|unsigned long)\b/g, 'ulong').replaceAll(/\b(short|long) int\b/g, '$1')
  .replaceAll(/\bunsigned int\b/g, 'unsigned').replaceAll(/\bu32 attr\b/g, 'unsigned attr')

describe.skipIf(!there)(`against the types of the kernels${there ? '' : ' (skipped: ../shared is absent)'}`, () => {
  test.each([linux612, linux618, linux73])('$name: every prototype', ({ name, hooks }) => {
    const lines = readFileSync(new URL(`hooks-${name}.tsv`, facts), 'utf8').trimEnd().split('\n').slice(1)
    const recorded = lines.map((line) => line.split('\t') as [string, string])
      .filter(([hook]) => !internals.includes(hook))
      .map(([hook, prototype]) => {
        const [, ret, params] = /^(\w+) .*?\((.*)\)$/.exec(prototype)!
        return [hook, `${ret} ${spelt(params!)}`]
      })
    const ours = Object.entries(hooks).filter(([hook]) => !notBuilt.includes(hook))
      .map(([hook, { ret, params }]) => [hook, `${ret} ${spelt(params)}`])
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(recorded))
  })
})
