/** Files, inodes and file systems, where the named cases do not tell everything. */
import {
  _IOC, _IOC_READ, _IOC_WRITE, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, EACCES, ECANCELED, ECHILD, EINVAL, ENOPARAM, EOPNOTSUPP,
  EPERM, EXT4_SUPER_MAGIC, F_GETOWN, F_OFD_SETLK, F_SETLK, F_SETLKW, F_SETSIG, FMODE_READ, FMODE_WRITE, MAY_EXEC,
  MAY_NOT_BLOCK, MAY_READ, S_IFDIR, S_IFREG, S_IFSOCK, S_PRIVATE, SYSFS_MAGIC, TMPFS_MAGIC,
} from '@lsmkit/abi'
import { isAlwaysBlocking, nop_mnt_idmap, ref } from '@lsmkit/core'
import type { Cred, FsContext, Inode, Xattr } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { Machine, bytes, latin1 } from '../testing/machine.ts'

const onInode = (rules: string, act: (m: Machine, inode: Inode) => number): number => {
  const m = new Machine().rules(rules)
  const inode = m.inode('B')
  return m.as(m.task('A'), () => act(m, inode))
}

/** Which single letters let it through. */
const letters = (act: (m: Machine, inode: Inode) => number): string =>
  [...'rwxatl'].filter((letter) => onInode(`A B ${letter}`, act) === 0).join('')

test.each([
  ['inode_getattr', 'r', (m, i) => m.lsm.inode_getattr.ask({ mnt: m.mount, dentry: m.dentry(i) })],
  ['inode_setattr', 'w', (m, i) => m.lsm.inode_setattr.ask(nop_mnt_idmap, m.dentry(i), { ia_valid: 1 } as never)],
  ['inode_getxattr', 'r', (m, i) => m.lsm.inode_getxattr.ask(m.dentry(i), 'user.x')],
  ['inode_removexattr', 'w', (m, i) => m.lsm.inode_removexattr.ask(nop_mnt_idmap, m.dentry(i), 'user.x')],
  ['inode_set_acl', 'w', (m, i) => m.lsm.inode_set_acl.ask(nop_mnt_idmap, m.dentry(i), 'a', { entries: [] })],
  ['inode_get_acl', 'r', (m, i) => m.lsm.inode_get_acl.ask(nop_mnt_idmap, m.dentry(i), 'a')],
  ['inode_remove_acl', 'w', (m, i) => m.lsm.inode_remove_acl.ask(nop_mnt_idmap, m.dentry(i), 'a')],
  ['file_open', 'r', (m, i) => m.lsm.file_open.ask(m.file(i, FMODE_WRITE))],
  ['file_lock', 'wl', (m, i) => m.lsm.file_lock.ask(m.file(i), 0)],
  ['F_SETLK', 'wl', (m, i) => m.lsm.file_fcntl.ask(m.file(i), F_SETLK, 0)],
  ['F_SETLKW', 'wl', (m, i) => m.lsm.file_fcntl.ask(m.file(i), F_SETLKW, 0)],
  ['F_SETSIG', 'w', (m, i) => m.lsm.file_fcntl.ask(m.file(i), F_SETSIG, 0)],
  ['F_OFD_SETLK', 'rwxatl', (m, i) => m.lsm.file_fcntl.ask(m.file(i), F_OFD_SETLK, 0)],
  ['F_GETOWN', 'rwxatl', (m, i) => m.lsm.file_fcntl.ask(m.file(i), F_GETOWN, 0)],
  ['ioctl that writes', 'w', (m, i) => m.lsm.file_ioctl.ask(m.file(i), _IOC(_IOC_WRITE, 1, 1, 4), 0)],
  ['ioctl that reads', 'r', (m, i) => m.lsm.file_ioctl.ask(m.file(i), _IOC(_IOC_READ, 1, 1, 4), 0)],
  ['ioctl both ways', '', (m, i) => m.lsm.file_ioctl_compat.ask(m.file(i), _IOC(_IOC_READ | _IOC_WRITE, 1, 1, 4), 0)],
  ['file_receive, open to write', 'w', (m, i) => m.lsm.file_receive.ask(m.file(i, FMODE_WRITE))],
  ['file_receive, open both ways', '', (m, i) => m.lsm.file_receive.ask(m.file(i, FMODE_READ | FMODE_WRITE))],
  ['uring_cmd', 'r', (m, i) => m.lsm.uring_cmd.ask({ file: m.file(i), cmd_op: 0, flags: 0 })],
] as const satisfies readonly (readonly [string, string, (m: Machine, inode: Inode) => number])[])(
  '%s needs one of `%s`',
  (_name, expected, act) => {
    expect(letters(act)).toBe(expected)
  },
)

test('private inodes are not asked about', () => {
  const rc = onInode('', (m, inode) => {
    inode.i_flags |= S_PRIVATE
    const file = m.file(inode)
    return (
      m.lsm.file_lock.ask(file, 0) ||
      m.lsm.file_ioctl.ask(file, _IOC(_IOC_WRITE, 1, 1, 4), 0) ||
      m.lsm.file_fcntl.ask(file, F_SETLK, 0) ||
      m.lsm.file_receive.ask(file) ||
      m.lsm.mmap_file.ask(file, 0, 0)
    )
  })
  expect(rc).toBe(0)
})

test('a file is opened by the cred it has, overridden by who runs', () => {
  const m = new Machine().rules('A B r')
  const [opener, other, strong] = [m.task('A'), m.task('C'), m.task('C', { caps: [CAP_MAC_OVERRIDE] })]
  const inode = m.inode('B')
  const open = (by: Cred): number => m.lsm.file_open.ask(m.file(inode, FMODE_READ, by))
  expect(m.as(other, () => open(opener.cred))).toBe(0)
  expect(m.as(opener, () => open(other.cred))).toBe(-EACCES)
  expect(m.as(strong, () => open(other.cred))).toBe(0)
})

test('a walk that must not wait comes again', () => {
  const rc = (rules: string): number =>
    onInode(rules, (m, inode) => m.lsm.inode_permission.ask(inode, MAY_READ | MAY_NOT_BLOCK))
  expect([rc('A B r'), rc('')]).toEqual([-ECHILD, -ECHILD])
})

test('unlink needs `w` on both, link and rename on what has the new name as well', () => {
  const ask = (rules: string, act: (m: Machine, file: Inode, dir: Inode, other: Inode) => number): number => {
    const m = new Machine().rules(rules)
    const [file, dir, other] = [m.inode('B'), m.inode('D', { mode: S_IFDIR }), m.inode('E')]
    return m.as(m.task('A'), () => act(m, file, dir, other))
  }
  const unlink = (m: Machine, file: Inode, dir: Inode): number => m.lsm.inode_unlink.ask(dir, m.dentry(file))
  const rmdir = (m: Machine, file: Inode, dir: Inode): number => m.lsm.inode_rmdir.ask(dir, m.dentry(file))
  const link = (m: Machine, file: Inode, dir: Inode, other: Inode): number =>
    m.lsm.inode_link.ask(m.dentry(file), dir, m.dentry(other))
  const rename = (m: Machine, file: Inode, dir: Inode, other: Inode): number =>
    m.lsm.inode_rename.ask(dir, m.dentry(file), dir, m.dentry(other), 0)
  expect([ask('A B w;A D w', unlink), ask('A B w', unlink), ask('A D w', unlink)]).toEqual([0, -EACCES, -EACCES])
  expect([ask('A B w;A D w', rmdir), ask('A B w', rmdir)]).toEqual([0, -EACCES])
  expect([ask('A B w;A E w', link), ask('A B w', link)]).toEqual([0, -EACCES])
  expect([ask('A B rw;A E rw', rename), ask('A B rw;A E r', rename)]).toEqual([0, -EACCES])
})

describe('SMACK64* attributes', () => {
  const names = ['SMACK64', 'SMACK64EXEC', 'SMACK64MMAP', 'SMACK64TRANSMUTE', 'SMACK64IPIN', 'SMACK64IPOUT']

  test.each(names)("%s is Smack's own, and needs CAP_MAC_ADMIN to set and to remove", (name) => {
    const m = new Machine()
    const full = `security.${name}`
    const dir = m.inode('A', { mode: S_IFDIR | 0o755 })
    const value = bytes(name === 'SMACK64TRANSMUTE' ? 'TRUE' : 'B')
    expect(m.lsm.inode_xattr_skipcap.ask(full)).toBe(1)
    const set = (): number => m.lsm.inode_setxattr.ask(nop_mnt_idmap, m.dentry(dir), full, value, value.length, 0)
    const remove = (): number => m.lsm.inode_removexattr.ask(nop_mnt_idmap, m.dentry(dir), full)
    expect(m.as(m.task('A'), () => [set(), remove()])).toEqual([-EPERM, -EPERM])
    expect(m.as(m.task('A', { caps: [CAP_MAC_ADMIN] }), () => [set(), remove()])).toEqual([0, 0])
  })

  test.each(['SMACK64', 'security.SMACK64IPNOT', 'security.SMACK', 'user.SMACK64'])('`%s` is not', (name) => {
    expect(new Machine().lsm.inode_xattr_skipcap.ask(name)).toBe(0)
  })

  test('a socket keeps its label: SMACK64 is EINVAL for everybody', () => {
    const m = new Machine()
    const socket = m.inode('A', { mode: S_IFSOCK | 0o755 })
    const set = (): number =>
      m.lsm.inode_setxattr.ask(nop_mnt_idmap, m.dentry(socket), 'security.SMACK64', bytes('B'), 1, 0)
    expect([m.as(m.task('A'), set), m.as(m.root('A'), set)]).toEqual([-EINVAL, -EINVAL])
  })

  test.each([
    { name: 'SMACK64EXEC', value: '*', rc: -EINVAL },
    { name: 'SMACK64MMAP', value: '@', rc: -EINVAL },
    { name: 'SMACK64', value: '*', rc: 0 },
    { name: 'SMACK64', value: '', rc: -EINVAL },
    { name: 'SMACK64', value: 'x'.repeat(256), rc: -EINVAL },
    { name: 'SMACK64IPIN', value: '-x', rc: -EINVAL },
    { name: 'SMACK64TRANSMUTE', value: 'TRUE', rc: -EINVAL },
    { name: 'SMACK64', value: 'B/C', rc: 0 },
  ])('$name=`$value` on a file: $rc', ({ name, value, rc }) => {
    const m = new Machine()
    const inode = m.inode('A')
    const set = (): number =>
      m.lsm.inode_setxattr.ask(nop_mnt_idmap, m.dentry(inode), `security.${name}`, bytes(value), value.length, 0)
    expect(m.as(m.root('A'), set)).toBe(rc)
  })

  test('what was set is in force, and gone when it is removed', () => {
    const m = new Machine()
    const dir = m.inode('A', { mode: S_IFDIR | 0o755, exec: 'X', mmap: 'Y', transmute: true })
    expect([m.inodeLabel(dir), m.execLabel(dir), m.isTransmuting(dir)]).toEqual(['A', 'X', true])
    const root = m.root('A')
    for (const name of ['SMACK64EXEC', 'SMACK64MMAP', 'SMACK64TRANSMUTE']) {
      m.as(root, () => m.lsm.inode_removexattr.ask(nop_mnt_idmap, m.dentry(dir), `security.${name}`))
    }
    expect([m.execLabel(dir), m.isTransmuting(dir)]).toEqual(['', false])
    expect(m.as(m.task('Q'), () => m.lsm.mmap_file.ask(m.file(dir), 0, 0))).toBe(0)
  })

  test('listsecurity tells its name and its room', () => {
    const m = new Machine()
    const inode = m.inode('A')
    const buffer = ref('')
    expect(m.lsm.inode_listsecurity.ask(inode, null, 0)).toBe(17)
    expect([m.lsm.inode_listsecurity.ask(inode, buffer, 16), buffer.value]).toEqual([17, ''])
    expect([m.lsm.inode_listsecurity.ask(inode, buffer, 17), buffer.value]).toEqual([17, 'security.SMACK64\0'])
  })

  test('setsecurity takes what the file system has stored, without asking who', () => {
    const m = new Machine()
    const dir = m.inode('A', { mode: S_IFDIR | 0o755 })
    const set = (name: string, value: string): number =>
      m.lsm.inode_setsecurity.ask(dir, name, bytes(value), value.length, 0)
    expect(
      m.as(m.task('Q'), () => [
        set('SMACK64', 'B'),
        set('SMACK64', ''),
        set('SMACK64', 'x'.repeat(257)),
        set('SMACK64TRANSMUTE', 'true'),
        set('SMACK64TRANSMUTE', 'TRUE'),
        set('SMACK64EXEC', 'B'),
        set('SMACK64IPIN', 'B'),
      ]),
    ).toEqual([0, -EINVAL, -EINVAL, -EINVAL, 0, -EOPNOTSUPP, -EOPNOTSUPP])
    expect([m.inodeLabel(dir), m.isTransmuting(dir)]).toEqual(['B', true])
  })

  test('contexts: told by a server, set with all checks, and read', () => {
    const m = new Machine()
    const [inode, socket] = [m.inode('A'), m.inode('*', { mode: S_IFSOCK })]
    expect([m.lsm.inode_notifysecctx.ask(inode, 'Nfs', 3), m.lsm.inode_notifysecctx.ask(socket, 'Nfs', 3)]).toEqual([
      0, 0,
    ])
    expect([m.inodeLabel(inode), m.inodeLabel(socket)]).toEqual(['Nfs', '*'])
    expect(m.as(m.task('Nfs'), () => m.lsm.inode_setsecctx.ask(m.dentry(inode), 'B', 1))).toBe(-EPERM)
    expect(m.as(m.root('Nfs'), () => m.lsm.inode_setsecctx.ask(m.dentry(inode), 'B', 1))).toBe(0)
    expect([m.inodeLabel(inode), latin1(m.xattrs.get(inode)!.get('security.SMACK64')!)]).toEqual(['B', 'B'])
    const [context, length] = [ref<string | null>(null), ref(0)]
    expect(m.lsm.inode_getsecctx.ask(inode, context, length)).toBe(0)
    expect([context.value, length.value]).toEqual(['B', 1])
  })
})

describe('new inodes', () => {
  const make = (m: Machine, dir: Inode, mode: number): { inode: Inode; stored: string[] } => {
    const inode = m.newInode(mode)
    const stored: string[] = []
    const keep = (_inode: Inode, xattrs: readonly Xattr[]): number => {
      stored.push(...xattrs.map(({ name, value }) => `${name}=${latin1(value)}`))
      return 0
    }
    m.lsm.inode_init_security.ask(inode, dir, null, keep, null)
    return { inode, stored }
  }

  test('the transmute attribute comes before the label', () => {
    const m = new Machine().rules('A D wt')
    const dir = m.inode('D', { mode: S_IFDIR, transmute: true })
    const { inode, stored } = m.by('A', () => make(m, dir, S_IFDIR | 0o755))
    expect(stored).toEqual(['SMACK64TRANSMUTE=TRUE', 'SMACK64=D'])
    expect(m.isTransmuting(inode)).toBe(true)
  })

  test('a rule of its own does not transmute', () => {
    const m = new Machine()
    const dir = m.inode('D', { mode: S_IFDIR, transmute: true })
    const task = m.task('A', { selfRules: 'A D rwxt' })
    expect(m.as(task, () => make(m, dir, S_IFREG | 0o644)).stored).toEqual(['SMACK64=A'])
  })

  test('an overlay makes files with the cred that dentry_create_files_as has prepared', () => {
    const m = new Machine().rules('A D wt')
    const dir = m.inode('D', { mode: S_IFDIR, transmute: true })
    const task = m.task('A')
    const prepared = m.copyCred(m.root('_').cred)
    const name = m.dentry(null, m.dentry(dir))
    expect(m.lsm.dentry_create_files_as.ask(name, S_IFDIR, { name: 'n', len: 1 }, task.cred, prepared)).toBe(0)
    expect(m.credLabel(prepared)).toBe('D')
    const overlay = m.task('_')
    overlay.cred = overlay.real_cred = prepared
    const { inode, stored } = m.as(overlay, () => make(m, m.inode('Elsewhere', { mode: S_IFDIR }), S_IFDIR | 0o755))
    expect([m.inodeLabel(inode), stored]).toEqual(['D', ['SMACK64TRANSMUTE=TRUE', 'SMACK64=D']])
  })

  test("where nothing transmutes it prepares the task's label", () => {
    const m = new Machine()
    const prepared = m.copyCred(m.root('_').cred)
    const name = m.dentry(null, m.dentry(m.inode('D', { mode: S_IFDIR, transmute: true })))
    m.lsm.dentry_create_files_as.ask(name, S_IFREG, { name: 'n', len: 1 }, m.task('A').cred, prepared)
    expect(m.credLabel(prepared)).toBe('A')
  })

  test("copying up: the cred gets the overlay's label, SMACK64 itself stays behind", () => {
    const m = new Machine()
    const next = ref<Cred | null>(null)
    expect(m.lsm.inode_copy_up.ask(m.dentry(m.inode('F')), next)).toBe(0)
    expect(m.credLabel(next.value!)).toBe('F')
    const source = m.dentry(m.inode('F'))
    expect([
      m.lsm.inode_copy_up_xattr.ask(source, 'security.SMACK64'),
      m.lsm.inode_copy_up_xattr.ask(source, 'security.SMACK64EXEC'),
    ]).toEqual([-ECANCELED, -EOPNOTSUPP])
  })
})

describe('inodes seen for the first time', () => {
  const seen = (
    m: Machine,
    stored: Readonly<Record<string, string>>,
    { magic = EXT4_SUPER_MAGIC, mode = S_IFREG | 0o644 } = {},
  ): Inode => {
    const sb = m.superBlock(magic)
    const inode = m.newInode(mode, sb)
    for (const [name, value] of Object.entries(stored)) m.store(inode, `security.${name}`, bytes(value))
    m.lsm.d_instantiate.tell(m.dentry(inode, sb.s_root), inode)
    return inode
  }

  test('take all four attributes from where they are stored', () => {
    const m = new Machine()
    const dir = seen(
      m,
      { SMACK64: 'L', SMACK64EXEC: 'X', SMACK64MMAP: 'M', SMACK64TRANSMUTE: 'TRUE' },
      { mode: S_IFDIR | 0o755 },
    )
    expect([m.inodeLabel(dir), m.execLabel(dir), m.isTransmuting(dir)]).toEqual(['L', 'X', true])
  })

  test.each([{ SMACK64TRANSMUTE: 'TRUE ' }, { SMACK64TRANSMUTE: 'true' }, { SMACK64TRANSMUTE: '' }])(
    '%o does not transmute',
    (stored) => {
      const m = new Machine()
      expect(m.isTransmuting(seen(m, stored, { mode: S_IFDIR | 0o755 }))).toBe(false)
    },
  )

  test.each(['*', '@', '/x', '', 'x'.repeat(257)])('exec label `%s` is none', (exec) => {
    const m = new Machine()
    expect(m.execLabel(seen(m, { SMACK64EXEC: exec }))).toBe('')
  })

  test.each(['', '-x', 'x'.repeat(256), 'x'.repeat(257)])('label `%s` is the default', (label) => {
    const m = new Machine()
    expect(m.inodeLabel(seen(m, { SMACK64: label }))).toBe('_')
  })

  test('a socket is `*` whatever is stored, a stored label counts on tmpfs', () => {
    const m = new Machine()
    expect(m.inodeLabel(seen(m, { SMACK64: 'L' }, { mode: S_IFSOCK | 0o755 }))).toBe('*')
    expect(m.inodeLabel(seen(m, { SMACK64: 'L' }, { magic: TMPFS_MAGIC }))).toBe('L')
  })

  test('are not read a second time', () => {
    const m = new Machine()
    const inode = seen(m, { SMACK64: 'L' })
    m.store(inode, 'security.SMACK64', bytes('Other'))
    m.lsm.d_instantiate.tell(m.dentry(inode), inode)
    m.lsm.d_instantiate.tell(m.dentry(null), null)
    expect(m.inodeLabel(inode)).toBe('L')
  })
})

describe('mount options', () => {
  test('are taken out of a list, and all else is left', () => {
    const m = new Machine()
    const [options, given] = [
      ref('ro,smackfsroot=R,smackfsdefault=D,size=1,smackfs=x,smackfshat'),
      ref<object | null>(null),
    ]
    expect(m.lsm.sb_eat_lsm_opts.ask(options, given)).toBe(0)
    expect(options.value).toBe('ro,size=1,smackfs=x,smackfshat')
    const sb = m.superBlock(EXT4_SUPER_MAGIC)
    expect(m.lsm.sb_set_mnt_opts.ask(sb, given.value, 0, ref(0))).toBe(0)
    expect(m.inodeLabel(sb.s_root!.d_inode!)).toBe('R')
    m.lsm.sb_free_mnt_opts.tell(given)
  })

  test.each([
    { key: 'smackfsroot', string: 'R', rc: 0 },
    { key: 'smackfsroot', string: '', rc: -EINVAL },
    { key: 'smackfsroot', string: null, rc: -EINVAL },
    { key: 'smackfsroot', string: '-R', rc: -EINVAL },
    { key: 'smack', string: 'R', rc: -ENOPARAM },
    { key: 'ro', string: null, rc: -ENOPARAM },
  ])('fsconfig $key=$string: $rc', ({ key, string, rc }) => {
    const m = new Machine()
    const param = { key, type: string === null ? 1 : 2, string, blob: null, file: null }
    const fc = m.fsContext()
    expect(m.lsm.fs_context_parse_param.ask(fc, param)).toBe(rc)
    expect(param.string).toBe(rc === 0 ? null : string)
    // once more: what was taken is now given twice
    expect(m.lsm.fs_context_parse_param.ask(fc, { ...param, string })).toBe(rc || -EINVAL)
  })

  test('a copied context has labels of its own', () => {
    const m = new Machine()
    const [from, to]: [FsContext, FsContext] = [m.fsContext(), m.fsContext()]
    expect([m.lsm.fs_context_dup.ask(to, from), to.security]).toEqual([0, null])
    const param = (string: string) => ({ key: 'smackfsdef', type: 2, string, blob: null, file: null })
    m.lsm.fs_context_parse_param.ask(from, param('D'))
    m.lsm.fs_context_dup.ask(to, from)
    expect(m.lsm.fs_context_parse_param.ask(to, param('E'))).toBe(-EINVAL)
    expect(to.security).not.toBe(from.security)
  })

  test('a submount is as the mount it lies in', () => {
    const m = new Machine()
    const outer = m.superBlock(EXT4_SUPER_MAGIC, { options: 'smackfstransmute=T,smackfsfloor=F' })
    const fc = m.fsContext()
    m.lsm.fs_context_submount.ask(fc, outer)
    const inner = m.superBlock(EXT4_SUPER_MAGIC)
    m.lsm.sb_set_mnt_opts.ask(inner, fc.security, 0, ref(0))
    const root = inner.s_root!.d_inode!
    expect([m.inodeLabel(root), m.isTransmuting(root)]).toEqual(['T', true])
    expect(m.as(m.task('A'), () => m.lsm.sb_statfs.ask(inner.s_root!))).toBe(-EACCES)
  })

  test('what was set first stays', () => {
    const m = new Machine()
    const sb = m.superBlock(EXT4_SUPER_MAGIC, { options: 'smackfsroot=R' })
    expect([m.mountOptions(sb, 'smackfsroot=S'), m.inodeLabel(sb.s_root!.d_inode!)]).toEqual([0, 'R'])
  })

  test('a mount of another namespace is trusted where there is nothing stored', () => {
    const m = new Machine()
    const ns = m.childNs()
    const trusted = (magic: number): boolean => {
      const sb = m.superBlock(magic, { user_ns: ns })
      m.as(m.task('A', { user_ns: ns }), () => m.mountOptions(sb, ''))
      const inode = m.inode('B', { sb })
      return m.as(m.root('B'), () => m.lsm.inode_permission.ask(inode, MAY_READ)) === 0
    }
    expect([trusted(SYSFS_MAGIC), trusted(TMPFS_MAGIC), trusted(EXT4_SUPER_MAGIC)]).toEqual([true, true, false])
  })

  test('an untrusted one refuses a walk at once, and walks are no longer known to be sent away', () => {
    const m = new Machine()
    const sb = m.superBlock(EXT4_SUPER_MAGIC, { user_ns: m.childNs() })
    const sends = (): boolean => isAlwaysBlocking(m.lsm.inode_permission)
    const before = sends()
    m.as(m.task('A', { user_ns: sb.s_user_ns }), () => m.mountOptions(sb, ''))
    const walk = (inode: Inode): number =>
      m.as(m.task('A'), () => m.lsm.inode_permission.ask(inode, MAY_EXEC | MAY_NOT_BLOCK))
    expect([before, sends(), walk(m.inode('B', { sb })), walk(m.inode('A'))]).toEqual([true, false, -EACCES, -ECHILD])
  })

  test('an untrusted one maps nothing with a label of its own', () => {
    const m = new Machine()
    const ns = m.childNs()
    const sb = m.superBlock(EXT4_SUPER_MAGIC, { user_ns: ns })
    m.as(m.task('A', { user_ns: ns }), () => m.mountOptions(sb, ''))
    const map = (mmap: string): number => {
      const inode = m.inode('A', { sb, mmap })
      return m.as(m.task('Q'), () => m.lsm.mmap_file.ask(m.file(inode), 0, 0))
    }
    expect([map('M'), map('A')]).toEqual([-EACCES, 0])
  })
})

describe('mmap labels', () => {
  const map = (rules: string, selfRules = ''): number => {
    const m = new Machine().rules(rules)
    const file = m.file(m.inode('_', { mmap: 'M' }))
    return m.as(m.task('A', { selfRules }), () => m.lsm.mmap_file.ask(file, 0, 0))
  }

  test.each([
    { rules: 'A X rw;M X rwx', rc: 0 },
    { rules: 'A X rw;M X r', rc: -EACCES },
    { rules: 'A X l;M X w', rc: 0 },
    { rules: 'A X -', rc: 0 },
    { rules: 'A X r;A Y r;M Y r', rc: -EACCES },
    { rules: 'A X r;M X r', selfRules: 'M X -', rc: -EACCES },
    { rules: 'A X r', selfRules: 'A X w', rc: 0 },
    { rules: 'A A rwx', rc: -EACCES },
  ])('`$rules` with own `$selfRules`: $rc', ({ rules, selfRules, rc }) => {
    expect(map(rules, selfRules)).toBe(rc)
  })
})
