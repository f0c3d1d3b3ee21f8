/** Modules of ABI 1.0 on the tables of 6.12, 6.18 and 7.3: changed hooks are asked in the form of the kernel. */
import { EACCES, ERANGE } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { anInode } from '../../test/dispatch-support.ts'
import { defineLsm } from '../define-lsm.ts'
import { linux612 } from '../dispatch/profile.ts'
import { linux73 } from '../dispatch/release-profiles.ts'
import type { Linux73Table } from '../generated/linux73-table.ts'
import type { LsmContext } from '../lsm-context.ts'
import { profiles } from '../kernel-rules.ts'
import type { Profile } from '../kernel-rules.ts'
import { ref } from '../objects/ref.ts'
import { createStack } from '../stack.ts'
import { currentLabel, secidContext, securityNames } from '../stack/label.ts'
import { moduleHooks } from './module-hooks.ts'
import { emptyContext, emptyProp } from './prop.ts'

const NAME = 'security.other\0'

/** A module as one writes it for 6.12, on every hook that a release changed. */
const other = (released: string[] = [], contexts: LsmContext[] = []) => defineLsm({
  name: 'other', abi: '1.0', id: 300,
  hooks: (ctx) => {
    contexts.push(ctx)
    return {
      current_getsecid_subj: (secid) => void (secid.value = 7),
      task_getsecid_obj: (_task, secid) => void (secid.value = 8),
      inode_getsecid: (_inode, secid) => void (secid.value = 9),
      ipc_getsecid: (_ipcp, secid) => void (secid.value = 10),
      cred_getsecid: (_cred, secid) => void (secid.value = 11),
      secid_to_secctx(secid, text, length) {
        if (secid === 0) return -EACCES
        text.value = `number ${secid}`
        length.value = text.value.length
        return 0
      },
      release_secctx: (text) => void released.push(text),
      inode_getsecctx(_inode, text, length) {
        text.value = 'an inode'
        length.value = 8
        return 0
      },
      dentry_init_security(_dentry, _mode, _name, xattr_name, text, length) {
        xattr_name.value = 'security.other'
        text.value = new TextEncoder().encode('new')
        length.value = 3
        return 0
      },
      audit_rule_match: (secid) => (secid === 9 ? 1 : 0),
      inode_listsecurity(_inode, buffer, size) {
        if (buffer !== null && NAME.length <= size) buffer.value += NAME
        return NAME.length
      },
      bpf: (_cmd, _attr, size) => (size === 1 ? -EACCES : 0),
      bpf_map_create: () => -EACCES,
      bpf_prog_load: () => -EACCES,
      task_alloc: (_task, flags) => (flags === 1 ? -EACCES : 0),
      mmap_file: (file) => (file === null ? -EACCES : 0),
      dentry_create_files_as: () => -EACCES,
    }
  },
})

const stackOf = <P extends Profile>(profile: P, ...given: Parameters<typeof other>) =>
  createStack<P>({ lsms: [other(...given)], capability: 'none', profile })

describe.each(profiles)('%s', (profile) => {
  test('labels and names, in one form for each kernel', () => {
    const released: string[] = []
    const { lsm } = stackOf(profile, released)
    expect(currentLabel(lsm)).toBe('number 7')
    expect(secidContext(lsm, 3)).toBe('number 3')
    expect(released).toEqual(['number 7', 'number 3'])
    expect(secidContext(lsm, 0)).toBe(null)
    expect(securityNames(lsm, anInode())).toEqual(['security.other'])
  })

  test('hooks that got an argument, or another constness', () => {
    const { lsm } = stackOf(profile)
    const none = {} as never
    expect([
      lsm.bpf.ask(0, {}, 1, false), lsm.bpf.ask(0, {}, 2, true), lsm.bpf_map_create.ask(none, {}, null, false),
      lsm.bpf_prog_load.ask(none, {}, null, false), lsm.mmap_file.ask(null, 1, 2), lsm.task_alloc.ask(none, 1),
      lsm.dentry_create_files_as.ask(none, 0, none, none, none),
    ]).toEqual([-EACCES, 0, -EACCES, -EACCES, -EACCES, -EACCES, -EACCES])
  })

  test('a module asks the table by the hooks of ABI 1.0', () => {
    const contexts: LsmContext[] = []
    stackOf(profile, [], contexts)
    const { lsm } = contexts[0]!
    const [secid, text, length, names] = [ref(0), ref<string | null>(null), ref(0), ref('')]
    const told = [
      () => lsm.current_getsecid_subj.tell(secid), () => lsm.task_getsecid_obj.tell({} as never, secid),
      () => lsm.inode_getsecid.tell(anInode(), secid), () => lsm.ipc_getsecid.tell({} as never, secid),
    ].map((tell) => (tell(), secid.value))
    expect(told).toEqual([7, 8, 9, 10])
    expect([lsm.secid_to_secctx.ask(5, text, length), text.value, length.value]).toEqual([0, 'number 5', 8])
    expect([lsm.inode_getsecctx.ask(anInode(), text, length), text.value, length.value]).toEqual([0, 'an inode', 8])
    const bytes = ref<Uint8Array | null>(null)
    expect(lsm.dentry_init_security.ask({} as never, 0, {} as never, text, bytes, length)).toBe(0)
    expect([text.value, new TextDecoder().decode(bytes.value!), length.value]).toEqual(['security.other', 'new', 3])
    lsm.release_secctx.tell('text', 4)
    expect(lsm.inode_listsecurity.ask(anInode(), names, 100)).toBe(NAME.length)
    expect(names.value).toBe(NAME)
    expect(lsm.inode_listsecurity.ask(anInode(), null, 0)).toBe(NAME.length)
    expect([lsm.bpf.ask(0, {}, 1), lsm.bpf_map_create.ask({} as never, {}, null)]).toEqual([-EACCES, -EACCES])
  })

  test('hooks of other kernels may be written, and are never asked', () => {
    const asked: string[] = []
    const later = defineLsm({
      name: 'later', abi: '1.0', id: 301,
      hooks: {
        unix_find: () => (asked.push('unix_find'), 0), uring_allowed: () => (asked.push('uring_allowed'), 0),
        inode_file_setattr: () => 0, backing_file_alloc: () => 0, current_getsecid_subj: () => {},
        current_getlsmprop_subj: (prop) => void (prop.bpf.secid = 5),
      },
    })
    const { lsm, hooks } = createStack<Profile>({ lsms: [later], capability: 'none', profile })
    lsm.unix_find?.ask({} as never, {} as never, 0)
    lsm.uring_allowed?.ask()
    expect(asked).toEqual(['unix_find', 'uring_allowed'].filter((hook) => hook in hooks))
    for (const hook of ['unix_find', 'uring_allowed', 'backing_file_alloc']) expect(hook in lsm).toBe(hook in hooks)
  })
})

describe.each(['6.18', '7.3'] as const)('%s: its own form', (profile) => {
  test('a context has the id of its maker, who alone releases it', () => {
    const released: string[] = []
    const lsm = stackOf(profile, released).lsm as unknown as Linux73Table
    const cp = emptyContext()
    expect(lsm.secid_to_secctx.ask(4, cp)).toBe(8)
    expect(cp).toEqual({ context: 'number 4', len: 8, id: 300 })
    expect(lsm.secid_to_secctx.ask(4, null)).toBe(8)
    const foreign = { ...cp, id: 301 }
    lsm.release_secctx.tell(foreign)
    lsm.release_secctx.tell(cp)
    expect([released, foreign, cp]).toEqual([['number 4'], emptyContext(), emptyContext()])
  })

  test('each LSM has its part of an lsm_prop', () => {
    const lsm = stackOf(profile).lsm as unknown as Linux73Table
    const prop = emptyProp()
    lsm.inode_getlsmprop.tell(anInode(), prop)
    expect(prop.others?.get('other')).toBe(9)
    expect(lsm.audit_rule_match.ask(prop, 0, 0, {})).toBe(1)
    lsm.cred_getlsmprop.tell({} as never, prop)
    expect(lsm.audit_rule_match.ask(prop, 0, 0, {})).toBe(0)
    const cp = emptyContext()
    expect([lsm.lsmprop_to_secctx.ask(prop, cp, 300), cp.context]).toEqual([9, 'number 11'])
    expect(lsm.lsmprop_to_secctx.ask(prop, cp, 0)).toBe(9)
    expect(lsm.lsmprop_to_secctx.ask(prop, cp, 302)).toBeLessThan(0)
  })
})

test('7.3: the list of names moves on from LSM to LSM', () => {
  const { lsm } = createStack({
    lsms: [other(), defineLsm({
      name: 'second', abi: '1.0', id: 302,
      hooks: { inode_listsecurity: (_inode, buffer) => (buffer === null || (buffer.value += 'b\0'), 2) },
    })],
    capability: 'none', profile: '7.3',
  })
  const [list, left] = [ref<string | null>(''), ref(17)]
  expect([lsm.inode_listsecurity.ask(anInode(), list, left), list.value, left.value]).toEqual([0, `${NAME}b\0`, 0])
  expect(lsm.inode_listsecurity.ask(anInode(), ref<string | null>(''), ref(16))).toBe(-ERANGE)
  const size = ref(0)
  expect([lsm.inode_listsecurity.ask(anInode(), ref<string | null>(null), size), size.value]).toEqual([0, -17])
})

test('what did not change is the function of the module itself', () => {
  const [file, program] = [() => 0, () => 0]
  const group = { file_open: file, bpf_prog: program, current_getsecid_subj: () => {} }
  const made = moduleHooks(group, { name: 'same', id: 303 }, linux73.hooks)
  expect([made.file_open, made.bpf_prog]).toEqual([file, program])
  expect(Object.keys(made)).toEqual(['file_open', 'bpf_prog', 'current_getlsmprop_subj'])
  expect(moduleHooks(group, { name: 'same', id: 303 }, linux612.hooks)).toBe(group)
})
