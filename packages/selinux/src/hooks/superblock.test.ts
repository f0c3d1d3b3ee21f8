/**
 * File systems: how they are labelled, what mount options say of it, and what a late policy makes of earlier mounts.
 */
import { EACCES, EINVAL, ENODATA, EOPNOTSUPP, S_IFDIR, S_IFREG } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, noHost, nop_mnt_idmap, ref } from '@lsmkit/core'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import { buildersFor } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { selinux } from '../lsm.ts'
import { bytes, domain, Machine, object } from '../testing/machine.ts'
import { testPolicy } from '../testing/policy.ts'

const stored = new Map<Inode, string>()
const m = new Machine({}, {
  __vfs_getxattr: (inode) => {
    if (inode.i_sb.s_type.name === 'plainfs') return -EOPNOTSUPP
    const text = stored.get(inode)
    return text === undefined ? -ENODATA : bytes(text)
  },
})
const { lsm, build } = m

/** A super block of this type with a root directory, as a mount makes it. */
const fileSystem = (type: string): SuperBlock => {
  const sb = build.bareSuperBlock({ type })
  lsm.sb_alloc_security.ask(sb)
  const root = build.anInode({ i_mode: S_IFDIR | 0o755, i_sb: sb })
  sb.s_root = build.aDentry({ name: '/', inode: root, d_sb: sb })
  return sb
}
const mount = (sb: SuperBlock, options = ''): number => {
  const given = ref<object | null>(null)
  const rc = options === '' ? 0 : lsm.sb_eat_lsm_opts.ask(ref(options), given)
  return rc || lsm.sb_set_mnt_opts.ask(sb, given.value, 0, ref(0))
}
const labelOf = (inode: Inode): string => {
  const buffer = ref<Uint8Array | null>(null)
  const rc = lsm.inode_getsecurity.ask(nop_mnt_idmap, inode, 'selinux', buffer, true)
  return rc < 0 ? String(rc) : new TextDecoder().decode(buffer.value!).replace(/\0$/, '')
}
const file = (sb: SuperBlock, label?: string): Inode => {
  const inode = build.anInode({ i_mode: S_IFREG | 0o644, i_sb: sb })
  if (label !== undefined) stored.set(inode, label)
  lsm.d_instantiate.tell(build.aDentry({ name: 'f', inode, d_sb: sb, d_parent: sb.s_root }), inode)
  return inode
}
const shown = (sb: SuperBlock): string => {
  const seq = { text: '' }
  lsm.sb_show_options.ask(seq, sb)
  return seq.text
}

describe('labels of files', () => {
  test.each([
    { type: 'ext4', label: object('o_t'), is: object('o_t'), say: 'what is stored' },
    { type: 'ext4', label: undefined, is: object('unlabeled_t'), say: 'the default where nothing is' },
    { type: 'ext4', label: 'u:object_r:gone_t:s0', is: object('unlabeled_t'),
      say: 'what the policy does not know counts as unlabelled' },
    { type: 'proc', label: undefined, is: object('proc_t'), say: 'by path' },
    { type: 'tmpfs', label: undefined, is: object('fs_t'), say: 'by a rule of the policy' },
    { type: 'otherfs', label: undefined, is: object('unlabeled_t'), say: 'none' },
  ])('$type: $say', ({ type, label, is }) => {
    const sb = fileSystem(type)
    expect(mount(sb)).toBe(0)
    expect(m.as('n_t', () => labelOf(file(sb, label)))).toBe(is)
  })

  test('one that is none is told whole, and no bytes at all are none to an administrator either', () => {
    const policy = testPolicy('(allow n_t any (file (relabelfrom)))')
    const own = new Machine({ policy }, { __vfs_getxattr: () => -ENODATA })
    const sb = own.build.bareSuperBlock({ type: 'ext4' })
    own.lsm.sb_alloc_security.ask(sb)
    sb.s_root = own.build.aDentry({ inode: own.build.anInode({ i_mode: S_IFDIR, i_sb: sb }), d_sb: sb })
    own.lsm.sb_set_mnt_opts.ask(sb, null, 0, ref(0))
    const dentry = own.build.aDentry({ inode: own.build.anInode({ i_sb: sb }), d_sb: sb })
    const set = (value: Uint8Array): number =>
      own.lsm.inode_setxattr.ask(nop_mnt_idmap, dentry, 'security.selinux', value, value.length, 0)
    expect(own.as('n_t', () => set(bytes('a:b\0c')))).toBe(-EINVAL)
    expect(own.others).toEqual(['op=setxattr invalid_context=613A620063'])
    expect(own.as('a_t', () => [set(bytes('\0')), set(new Uint8Array(0))])).toEqual([0, -EINVAL])
  })

  test('an administrator sees what the policy does not know', () => {
    const sb = fileSystem('ext4')
    mount(sb)
    expect(labelOf(file(sb, 'u:object_r:gone_t:s0'))).toBe('u:object_r:gone_t:s0')
  })
})

describe('mount options', () => {
  test('context= is the label of all, and says that no other can be set', () => {
    const sb = fileSystem('ext4')
    expect(mount(sb, `context=${object('o_t')}`)).toBe(0)
    const inode = file(sb, object('d_t'))
    expect([labelOf(inode), labelOf(sb.s_root!.d_inode!), shown(sb)])
      .toEqual([object('o_t'), object('o_t'), `,context=${object('o_t')}`])
    const value = bytes(object('d_t'))
    const dentry = build.aDentry({ inode, d_sb: sb })
    expect(lsm.inode_setxattr.ask(nop_mnt_idmap, dentry, 'security.selinux', value, value.length, 0)).toBe(-EOPNOTSUPP)
  })

  test('fscontext= and rootcontext=, with the rights they need', () => {
    const sb = fileSystem('tmpfs')
    expect(m.checks('a_t', () => mount(sb, `fscontext=${object('o_t')},rootcontext=${object('d_t')}`))).toEqual([
      'a_t fs_t filesystem { relabelfrom }', 'a_t o_t filesystem { relabelto }', 'a_t o_t filesystem { relabelfrom }',
      'd_t o_t filesystem { associate }', 0,
    ])
    expect(shown(sb)).toBe(`,fscontext=${object('o_t')},rootcontext=${object('d_t')},seclabel`)
    expect(m.checks('a_t', () => lsm.sb_kern_mount.ask(sb))).toEqual(['a_t o_t filesystem { mount }', 0])
    expect(m.checks('n_t', () => mount(fileSystem('tmpfs'), `fscontext=${object('o_t')}`)).at(-1)).toBe(-EACCES)
  })

  test('defcontext= is for what has no label', () => {
    const sb = fileSystem('ext4')
    expect(mount(sb, `defcontext=${object('d_t')}`)).toBe(0)
    expect([labelOf(file(sb)), labelOf(file(sb, object('o_t')))]).toEqual([object('d_t'), object('o_t')])
    expect(mount(fileSystem('proc'), `defcontext=${object('d_t')}`)).toBe(-EINVAL)
  })

  test('a comma needs quotes, there and back', () => {
    const sb = fileSystem('ext4')
    const options = ref('ro,context="u:object_r:o_t:s0:c0,c1",noexec')
    const given = ref<object | null>(null)
    expect([lsm.sb_eat_lsm_opts.ask(options, given), options.value]).toEqual([0, 'ro,noexec'])
    lsm.sb_set_mnt_opts.ask(sb, given.value, 0, ref(0))
    expect(shown(sb)).toContain(',context="u:object_r:o_t:s0:c0,c1"')
  })

  test.each([
    `context=${object('o_t')},context=${object('d_t')}`, `context=${object('o_t')},defcontext=${object('d_t')}`,
    'context=nonsense',
  ])('%s is refused', (options) => {
    expect(mount(fileSystem('ext4'), options)).toBe(-EINVAL)
  })

  test('what was mounted one way cannot be mounted another', () => {
    const sb = fileSystem('ext4')
    mount(sb, `context=${object('o_t')}`)
    expect([mount(sb), mount(sb, `context=${object('o_t')}`), mount(sb, `context=${object('d_t')}`)])
      .toEqual([-EINVAL, 0, -EINVAL])
    const given = ref<object | null>(null)
    lsm.sb_eat_lsm_opts.ask(ref(`context=${object('d_t')}`), given)
    expect([lsm.sb_remount.ask(sb, given.value), lsm.sb_remount.ask(sb, null)]).toEqual([-EINVAL, 0])
    const twin = fileSystem('ext4')
    expect(lsm.sb_clone_mnt_opts.ask(sb, twin, 0, ref(0))).toBe(0)
    expect(labelOf(file(twin))).toBe(object('o_t'))
  })
})

test('before the first policy everything is allowed; it labels what was mounted before', () => {
  const stack = createStack({ lsms: [capability(), selinux()], onFault: 'throw' })
  const names = new Map<Inode, Dentry>()
  stack.host = { ...noHost, __vfs_getxattr: () => -ENODATA, d_find_alias: (inode) => names.get(inode) ?? null }
  const make = buildersFor(stack)
  const sb = make.bareSuperBlock({ type: 'proc' })
  stack.lsm.sb_alloc_security.ask(sb)
  const root = make.anInode({ i_mode: S_IFDIR | 0o755, i_sb: sb })
  sb.s_root = make.aDentry({ name: '/', inode: root, d_sb: sb })
  expect(stack.lsm.sb_set_mnt_opts.ask(sb, null, 0, ref(0))).toBe(0)
  const inode = make.anInode({ i_sb: sb })
  names.set(inode, make.aDentry({ inode, d_sb: sb, d_parent: sb.s_root }))
  stack.lsm.d_instantiate.tell(names.get(inode)!, inode)
  expect(stack.lsm.inode_permission.ask(inode, 7)).toBe(0)
  const load = stack.pseudoFs.find(({ type }) => type === 'selinuxfs')!.files().find(({ name }) => name === 'load')!
  const policy = testPolicy()
  expect(load.write!({ file: make.aFile(), pos: 0, answer: null, state: null }, policy)).toBe(policy.length)
  const secid = ref(0)
  stack.lsm.inode_getsecid.tell(inode, secid)
  const text = ref<string | null>(null)
  stack.lsm.secid_to_secctx.ask(secid.value, text, ref(0))
  expect(text.value).toBe(object('proc_t'))
  stack.lsm.current_getsecid_subj.tell(secid)
  stack.lsm.secid_to_secctx.ask(secid.value, text, ref(0))
  expect(text.value).toBe(domain('kernel_t'))
})
