import {
  AF_INET, AF_INET6, AF_UNIX, AUDIT_AVC, CAP_SYS_ADMIN, EACCES, ECHILD, EPERM, LOCKDOWN_KEXEC,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { createStack, defineLsm, noHost, ref } from '../index.ts'
import type {
  AuditKind, AuditObject, AuditSources, HookGroup, Lsm, LsmContext, Path, Stack, StackOptions,
} from '../index.ts'
import { Audit } from './audit.ts'
import { jsonLine, toJson } from './json-lines.ts'
import { commonText, kernelText, objectText } from './kernel-text.ts'
import { describeObject } from './object.ts'
import { RateLimit } from './rate-limit.ts'
import type { AuditRecord, TextRecord, Unstamped } from './record.ts'
import { Ring } from './ring.ts'
import { jsonLinesSink, kernelTextSink } from './sinks.ts'
import { untrusted } from './untrusted.ts'

const aText = (text: string): Unstamped<TextRecord> => ({
  kind: 'text', lsm: 'own', type: AUDIT_AVC, text, details: null,
})
const stackOf = (hooks: HookGroup | ((ctx: LsmContext) => HookGroup), options: Partial<StackOptions> = {}): Stack => {
  const groups = (ctx: LsmContext) => [typeof hooks === 'function' ? hooks(ctx) : hooks]
  const lsm: Lsm = defineLsm({ name: 'own', abi: '1.0', id: 300, hooks: groups })
  const audit = { now: () => 1700000000123, ...options.audit }
  return createStack({ lsms: [lsm], capability: 'none', ...options, audit })
}

/** A file `/mnt/dir/a b` on a tmpfs mounted at /mnt. */
const tree = (stack: Stack) => {
  const { cred } = stack.current.task
  const fs = (name: string, s_id: string) => {
    const sb = stack.objects.super_block(1, { name, fs_flags: 0 }, cred.user_ns)
    sb.s_id = s_id
    return sb
  }
  const [rootSb, sb] = [fs('ext4', 'vda1'), fs('tmpfs', 'tmpfs')]
  const name = (component: string, parent: ReturnType<Stack['objects']['dentry']> | null, ino: number) => {
    const dentry = stack.objects.dentry({ name: component, len: component.length }, sb)
    dentry.d_parent = parent
    dentry.d_inode = ino === 0 ? null : stack.objects.inode(0o100644, sb, ino)
    return dentry
  }
  const root = name('/', null, 1)
  const mnt = name('mnt', root, 2)
  const top = name('/', null, 3)
  const dir = name('dir', top, 4)
  const dentry = name('a b', dir, 5)
  const idmap = { uid_map: [], gid_map: [] }
  const plain = { mnt_flags: 0, mnt_idmap: idmap, mnt_devname: '' }
  const rootMount = { ...plain, mnt_root: root, mnt_sb: rootSb, mnt_parent: null, mnt_mountpoint: null }
  const mount = { ...plain, mnt_root: top, mnt_sb: sb, mnt_parent: rootMount, mnt_mountpoint: mnt }
  const path: Path = { mnt: mount, dentry }
  const inode = dentry.d_inode!
  return { path, dir, dentry, top, mount, inode, file: stack.objects.file(1, 2, path, inode, cred) }
}

describe('a denial', () => {
  test('tells hook, LSM, subject, object, arguments and the reason', () => {
    const stack = stackOf(({ audit }) => ({
      file_ioctl: (file, cmd) => audit.deny(-EACCES, 'no rule', { mode: file.f_mode, cmd }),
    }))
    const { task } = stack.current
    Object.assign(task, { pid: 12, tgid: 11, comm: 'cat' })
    Object.assign(task.cred, { uid: 1, gid: 2, euid: 3, egid: 4, fsuid: 5, fsgid: 6 })
    stack.lsm.file_ioctl.ask(tree(stack).file, 0x5401, 0)
    expect(stack.audit.records).toEqual([{
      kind: 'denial', serial: 1, time: 1700000000123, hook: 'file_ioctl', lsm: 'own', rc: -EACCES,
      subject: {
        pid: 11, tid: 12, comm: 'cat', uid: 1, gid: 2, euid: 3, egid: 4, fsuid: 5, fsgid: 6, auid: 4294967295,
        ses: 4294967295, label: null,
      },
      object: { kind: 'file', path: '/mnt/dir/a b', dev: 'tmpfs', ino: 5 },
      args: { cmd: 0x5401, arg: 0 },
      reason: 'no rule',
      details: { mode: 1, cmd: 0x5401 },
    }])
  })

  test('a reason belongs to the very next refusal with its errno, and to nobody else', () => {
    const stack = stackOf((ctx) => ({
      task_getsid: () => (ctx.audit.deny(-EACCES, 'stale'), 0),
      task_getpgid: () => -EPERM,
      task_setnice: () => -EACCES,
    }))
    const { task } = stack.current
    stack.lsm.task_getsid.ask(task)
    stack.lsm.task_getpgid.ask(task)
    stack.lsm.task_setnice.ask(task, 1)
    expect(stack.audit.records.map((r) => r.kind === 'denial' && r.reason)).toEqual([null, null])
  })

  test('a grant and an answer above 0 leave no record', () => {
    const stack = stackOf({ task_getsid: () => 0, inode_need_killpriv: () => 1 })
    stack.lsm.task_getsid.ask(stack.current.task)
    stack.lsm.inode_need_killpriv.ask(tree(stack).dentry)
    expect(stack.audit.records).toEqual([])
  })

  test('-ECHILD, by which a walk under RCU is asked to come again, is none', () => {
    const stack = stackOf({ task_getsid: () => -ECHILD })
    expect(stack.lsm.task_getsid.ask(stack.current.task)).toBe(-ECHILD)
    expect(stack.denial).toBeNull()
    expect(stack.audit.records).toEqual([])
  })

  test('is told by `stack.denial` alone when that is asked for', () => {
    const stack = stackOf({ task_getsid: () => -EACCES }, { audit: { denials: false } })
    stack.lsm.task_getsid.ask(stack.current.task)
    expect(stack.denial).toMatchObject({ hook: 'task_getsid' })
    expect(stack.audit.records).toEqual([])
  })

  test('carries the label of the subject, asked without being recorded itself', () => {
    const stack = stackOf({
      task_getsid: () => -EACCES,
      current_getsecid_subj: (secid) => void (secid.value = 7),
      secid_to_secctx: (secid, data, length) => ((data.value = `ctx${secid}`), (length.value = 4), 0),
    })
    stack.lsm.task_getsid.ask(stack.current.task)
    expect(stack.audit.records).toHaveLength(1)
    expect(stack.audit.records[0]).toMatchObject({ subject: { label: 'ctx7' } })
  })

  test('an LSM that refuses to tell its label does not hide the denial, nor become it', () => {
    const stack = stackOf({
      task_getsid: () => -EACCES,
      current_getsecid_subj: (secid) => void (secid.value = 7),
      secid_to_secctx: () => -EPERM,
    })
    stack.lsm.task_getsid.ask(stack.current.task)
    expect(stack.audit.records).toMatchObject([{ hook: 'task_getsid', subject: { label: null } }])
    expect(stack.denial).toMatchObject({ hook: 'task_getsid' })
  })

  const made = stackOf({})
  const t = tree(made)
  const task = made.current.task
  const objects: readonly { hook: string; args: readonly unknown[]; object: object | null; plain?: object }[] = [
    {
      hook: 'capable', args: [task.cred, task.cred.user_ns, CAP_SYS_ADMIN, 0], object: { kind: 'cap', cap: 21 },
      plain: { opts: 0 },
    },
    {
      hook: 'inode_permission', args: [t.inode, 4], object: { kind: 'inode', name: null, dev: 'tmpfs', ino: 5 },
      plain: { mask: 4 },
    },
    {
      hook: 'inode_create', args: [t.inode, t.dentry, 0o644],
      object: { kind: 'dentry', name: 'a b', path: '/dir/a b', dev: 'tmpfs', ino: 5 },
    },
    {
      hook: 'path_unlink', args: [{ mnt: t.mount, dentry: t.dir }, t.dentry],
      object: { kind: 'path', path: '/mnt/dir/a b', dev: 'tmpfs', ino: 5 },
    },
    { hook: 'bprm_check_security', args: [{ file: t.file }], object: { kind: 'file', path: '/mnt/dir/a b' } },
    { hook: 'mmap_file', args: [null, 1, 2], object: null, plain: { reqprot: 1, prot: 1, flags: 2 } },
    { hook: 'mmap_file', args: [t.file, 1, 2], object: { kind: 'file' } },
    { hook: 'file_mprotect', args: [{ vm_file: t.file }, 1, 3], object: { kind: 'file' } },
    {
      hook: 'task_kill', args: [task, null, 9, null], object: { kind: 'task', pid: 0, comm: 'swapper' },
      plain: { sig: 9 },
    },
    { hook: 'ipc_permission', args: [{ key: 77 }, 4], object: { kind: 'ipc', key: 77 } },
    {
      hook: 'key_permission', args: [{ key: { serial: 9, description: 'd' }, possessed: true }, task.cred, 1],
      object: { kind: 'key', serial: 9, description: 'd' },
    },
    { hook: 'kernel_module_request', args: ['net-pf-1'], object: { kind: 'kmod', name: 'net-pf-1' } },
    { hook: 'locked_down', args: [LOCKDOWN_KEXEC], object: { kind: 'lockdown', reason: 'LOCKDOWN_KEXEC' } },
    { hook: 'sb_remount', args: [t.inode.i_sb, null], object: { kind: 'super_block', dev: 'tmpfs', fstype: 'tmpfs' } },
    {
      hook: 'socket_create', args: [AF_INET, 1, 0, 0], object: null,
      plain: { family: 2, type: 1, protocol: 0, kern: 0 },
    },
    { hook: 'uring_sqpoll', args: [], object: null, plain: {} },
    { hook: 'file_open', args: [{ odd: true }], object: null },
  ]
  test.each(objects)('object of $hook', ({ hook, args, object, plain }) => {
    const stack = stackOf({ [hook]: () => -EACCES } as HookGroup)
    const key = stack.lsm[hook as 'capable'] as { ask(...args: readonly unknown[]): number }
    expect(key.ask(...args)).toBe(-EACCES)
    expect(stack.audit.records[0]).toMatchObject({ object, ...(plain && { args: plain }) })
  })
})

describe('faults and allows', () => {
  test('a fault is recorded with what was thrown, beside the denial it becomes', () => {
    const stack = stackOf({ task_getsid: () => { throw new Error('a bug') } })
    stack.lsm.task_getsid.ask(stack.current.task)
    expect(stack.audit.records).toMatchObject([
      { kind: 'fault', lsm: 'own', hook: 'task_getsid', fault: 'throw', message: 'a bug', object: { kind: 'task' } },
      { kind: 'denial', lsm: 'own', hook: 'task_getsid', rc: -EACCES },
    ])
  })

  test.each([
    { allows: true as const, kinds: ['allow task_getsid', 'denial task_getpgid', 'allow file_open'] },
    { allows: ['task_getsid'] as const, kinds: ['allow task_getsid', 'denial task_getpgid'] },
    { allows: false as const, kinds: ['denial task_getpgid'] },
  ])('allows: $allows', ({ allows, kinds }) => {
    const stack = stackOf({ task_getpgid: () => -EPERM }, { audit: { allows } })
    const { task } = stack.current
    stack.lsm.task_getsid.ask(task)
    stack.lsm.task_getpgid.ask(task)
    stack.lsm.file_open.ask(tree(stack).file)
    stack.lsm.task_free.tell(task)
    expect(stack.audit.records.map((r) => `${r.kind} ${'hook' in r ? r.hook : ''}`)).toEqual(kinds)
  })
})

test('what was allowed is told by the framework function\'s own parameters', () => {
  const stack = stackOf({}, { audit: { allows: true } })
  stack.lsm.mmap_file.ask(null, 1, 2)
  stack.lsm.getprocattr.ask(stack.current.task, 0, 'current', ref<string | null>(null))
  expect(stack.audit.records).toMatchObject([{ hook: 'mmap_file', args: { prot: 1, flags: 2 } }])
  expect(stack.audit.records).toHaveLength(1)
})

describe('the kernel\'s text', () => {
  test('head: seconds, milliseconds, serial', () => {
    const record: AuditRecord = { ...aText('avc:  denied'), serial: 45, time: 1700000000007.9 }
    expect(kernelText(record)).toBe('type=AVC msg=audit(1700000000.007:45): avc:  denied')
    expect(kernelText({ ...record, type: 4711 })).toMatch(/^type=UNKNOWN\[4711\] /)
  })

  test('records of the framework', () => {
    const hooks = ({ audit }: LsmContext): HookGroup => ({
      file_open: () => audit.deny(-EACCES, 'no "rule"', { want: 'r', n: 3 }),
    })
    const stack = stackOf(hooks, { audit: { allows: ['task_getsid'] } })
    Object.assign(stack.current.task, { pid: 2, tgid: 1, comm: 'my cat' })
    stack.lsm.file_open.ask(tree(stack).file)
    stack.lsm.task_getsid.ask(stack.current.task)
    const ids = 'auid=4294967295 uid=0 gid=0 euid=0 egid=0 fsuid=0 fsgid=0 ses=4294967295'
    const who = `pid=1 tid=2 comm=6D7920636174 ${ids}`
    const file = 'path=2F6D6E742F6469722F612062 dev="tmpfs" ino=5'
    const why = 'error=EACCES reason=6E6F202272756C6522 want="r" n=3'
    expect(stack.audit.records.map(kernelText)).toEqual([
      `type=LSM_DENIED msg=audit(1700000000.123:1): lsm=own hook=file_open ${who} ${file} ${why}`,
      `type=LSM_GRANTED msg=audit(1700000000.123:2): hook=task_getsid ${who} opid=1 ocomm=6D7920636174 rc=0`,
    ])
  })

  test.each([
    { say: 'plain', value: '/w/f', out: '"/w/f"' },
    { say: 'a blank', value: '/w/#3 (deleted)', out: '2F772F2333202864656C6574656429' },
    { say: 'a quote', value: 'a"b', out: '612262' },
    { say: 'a NUL in front', value: '\0mine', out: '006D696E65' },
    { say: 'not ASCII', value: 'ü', out: 'C3BC' },
    { say: 'DEL', value: '\x7f', out: '7F' },
    { say: 'nothing', value: '', out: '""' },
  ])('untrusted text: $say', ({ value, out }) => {
    expect(untrusted(value)).toBe(out)
  })

  const net = (more: object): AuditObject => ({
    kind: 'net', family: AF_INET, laddr: '', lport: 0, faddr: '', fport: 0, path: null, saddr: '', source: 0, daddr: '',
    dest: 0, netif: '', ...more,
  })
  // the lines of a live kernel (comm and pid left out)
  const lines: readonly { say: string; object: AuditObject; out: string }[] = [
    {
      say: 'path', object: { kind: 'path', path: '/w/m', dev: 'tmpfs', ino: 9 }, out: ' path="/w/m" dev="tmpfs" ino=9',
    },
    { say: 'path of nothing', object: { kind: 'path', path: '/w/m', dev: null, ino: null }, out: ' path="/w/m"' },
    {
      say: 'ioctl', object: { kind: 'ioctl_op', path: '/w/f', dev: 'tmpfs', ino: 2, cmd: 0x81234 },
      out: ' path="/w/f" dev="tmpfs" ino=2 ioctlcmd=0x1234',
    },
    {
      say: 'dentry', object: { kind: 'dentry', name: 'f', path: '/f', dev: 'tmpfs', ino: 2 },
      out: ' name="f" dev="tmpfs" ino=2',
    },
    {
      say: 'negative dentry', object: { kind: 'dentry', name: 'n', path: '/n', dev: null, ino: null },
      out: ' name="n"',
    },
    { say: 'inode', object: { kind: 'inode', name: '/', dev: 'tmpfs', ino: 1 }, out: ' name="/" dev="tmpfs" ino=1' },
    {
      say: 'inode without a name', object: { kind: 'inode', name: null, dev: 'tmpfs', ino: 1 },
      out: ' dev="tmpfs" ino=1',
    },
    { say: 'task', object: { kind: 'task', pid: 7, comm: 'sh' }, out: ' opid=7 ocomm="sh"' },
    { say: 'the idle task', object: { kind: 'task', pid: 0, comm: 'swapper' }, out: '' },
    { say: 'ipc', object: { kind: 'ipc', key: 77 }, out: ' ipc_key=77 ' },
    { say: 'capability', object: { kind: 'cap', cap: 21 }, out: ' capability=21 ' },
    { say: 'key', object: { kind: 'key', serial: 9, description: '' }, out: ' key_serial=9' },
    {
      say: 'key with a description', object: { kind: 'key', serial: 9, description: 'd' },
      out: ' key_serial=9 key_desc="d"',
    },
    { say: 'module', object: { kind: 'kmod', name: 'net-pf-1' }, out: ' kmod="net-pf-1"' },
    {
      say: 'InfiniBand key', object: { kind: 'ibpkey', pkey: 255, subnet_prefix: 'fe80::' },
      out: ' pkey=0xff subnet_prefix=fe80::',
    },
    { say: 'InfiniBand port', object: { kind: 'ibendport', device: 'mlx', port: 1 }, out: ' device=mlx port_num=1' },
    {
      say: 'lockdown', object: { kind: 'lockdown', reason: 'kexec of unsigned images' },
      out: ' lockdown_reason="kexec of unsigned images"',
    },
    { say: 'anonymous inode', object: { kind: 'anon_inode', anonclass: '[io_uring]' }, out: ' anonclass=[io_uring]' },
    { say: 'message of netlink', object: { kind: 'nlmsgtype', nlmsg_type: 18 }, out: ' nl-msgtype=18' },
    { say: 'super block', object: { kind: 'super_block', dev: 'vda1', fstype: 'ext4' }, out: ' dev="vda1"' },
    {
      say: 'socket', object: net({ laddr: '127.0.0.1', lport: 33712, faddr: '127.0.0.1', fport: 5556 }),
      out: ' laddr=127.0.0.1 lport=33712 faddr=127.0.0.1 fport=5556',
    },
    {
      say: 'listening socket', object: net({ laddr: '127.0.0.1', lport: 80, faddr: '0.0.0.0' }),
      out: ' laddr=127.0.0.1 lport=80',
    },
    { say: 'bind', object: net({ saddr: '127.0.0.1', source: 81 }), out: ' saddr=127.0.0.1 src=81' },
    { say: 'bind, IPv6', object: net({ family: AF_INET6, saddr: '::1', source: 81 }), out: ' saddr=::1 src=81' },
    { say: 'connect', object: net({ dest: 81 }), out: ' dest=81' },
    {
      say: 'packet', object: net({ saddr: '10.0.0.1', source: 1, daddr: '10.0.0.2', dest: 2, netif: 'lo' }),
      out: ' saddr=10.0.0.1 src=1 daddr=10.0.0.2 dest=2 netif=lo',
    },
    { say: 'abstract unix', object: net({ family: AF_UNIX, path: '\0mine' }), out: ' path=006D696E65' },
    { say: 'bound unix', object: net({ family: AF_UNIX, path: '/run/x' }), out: ' path="/run/x"' },
  ]
  test.each(lines)('$say', ({ object, out }) => {
    expect(objectText(object)).toBe(out)
    expect(commonText({ tgid: 27, comm: 'init' }, object)).toBe(` pid=27 comm="init"${out}`)
  })
})

describe('objects as they are described', () => {
  const stack = stackOf({})
  const t = tree(stack)
  const describe_ = <K extends AuditKind>(kind: K, source: AuditSources[K], host = noHost) =>
    describeObject(kind, source, host, stack.current.task)

  test('a path is told from the task\'s own root', () => {
    const fs = { users: 1, umask: 0, root: { mnt: t.mount, dentry: t.dir }, pwd: t.path }
    const inside = { ...stack.current.task, fs }
    expect(describeObject('path', t.path, noHost, inside)).toMatchObject({ path: '/a b' })
    expect(describe_('path', { mnt: t.mount, dentry: t.top })).toMatchObject({ path: '/mnt' })
  })

  test('a name its folder has forgotten is deleted', () => {
    const other = tree(stack)
    other.dir.d_children = new Map()
    expect(describe_('path', other.path)).toMatchObject({ path: '/mnt/dir/a b (deleted)' })
    expect(describe_('dentry', other.dentry)).toMatchObject({ path: '/dir/a b (deleted)' })
    other.dir.d_children.set('a b', other.dentry)
    expect(describe_('path', other.path)).toMatchObject({ path: '/mnt/dir/a b' })
  })

  test('a tree that has lost its root ends all the same', () => {
    const loop = stack.objects.dentry({ name: 'x', len: 1 }, t.inode.i_sb)
    loop.d_parent = loop
    expect(describe_('dentry', loop)).toMatchObject({ name: 'x' })
    expect(describe_('path', { mnt: t.mount, dentry: loop })).toMatchObject({ kind: 'path' })
  })

  test('a host knows names better', () => {
    const host = {
      ...noHost,
      d_path: () => 'socket:[3765]',
      d_find_alias: () => t.dentry,
      sock_name: () => ({ laddr: '::1', lport: 1, faddr: '', fport: 0, path: null }),
    }
    expect(describe_('file', t.file, host)).toMatchObject({ path: 'socket:[3765]' })
    expect(describe_('inode', t.inode, host)).toMatchObject({ name: 'a b' })
    const sk = stack.objects.sock(AF_INET6, 1, 6)
    const seen = { family: AF_INET6, laddr: '::1', lport: 1, dest: 80 }
    expect(describe_('net', { sk, dest: 80 }, host)).toMatchObject(seen)
  })

  test('a socket without a host has its ports', () => {
    const sk = stack.objects.sock(AF_INET, 1, 6)
    sk.sk_num = 22
    expect(describe_('net', { sk, netif: 'lo' })).toMatchObject({ family: AF_INET, lport: 22, laddr: '', netif: 'lo' })
  })

  test('an LSM describes, prints and emits', () => {
    const own = stackOf((ctx) => ({
      inode_permission: (inode) => {
        const object = ctx.audit.describe('inode', inode)
        const text = `avc:  denied  { read } for ${ctx.audit.common(object)} tclass=file`
        ctx.audit.emit({ kind: 'text', type: AUDIT_AVC, text, details: { tclass: 'file' } })
        return -EACCES
      },
    }))
    own.lsm.inode_permission.ask(tree(own).inode, 4)
    expect(own.audit.records.map((record) => record.serial)).toEqual([1, 2])
    const line = 'avc:  denied  { read } for  pid=0 comm="swapper" dev="tmpfs" ino=5 tclass=file'
    expect(own.audit.records[0]).toMatchObject({ lsm: 'own', text: line })
  })
})

describe('JSON lines', () => {
  test('a denial', () => {
    const stack = stackOf((ctx) => ({ capable: (_cred, _ns, cap) => ctx.audit.deny(-EPERM, `no ${cap}`) }))
    const { cred } = stack.current.task
    stack.lsm.capable.ask(cred, cred.user_ns, CAP_SYS_ADMIN, 0)
    expect(JSON.parse(jsonLine(stack.audit.records[0]!))).toEqual({
      schema: 1, kind: 'denial', time: '2023-11-14T22:13:20.123Z', serial: 1, hook: 'capable', lsm: 'own', rc: -1,
      error: 'EPERM',
      subject: {
        pid: 0, tid: 0, comm: 'swapper', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 4294967295,
        ses: 4294967295, label: null,
      },
      object: { kind: 'cap', cap: 21, name: 'CAP_SYS_ADMIN' },
      args: { opts: 0 }, reason: 'no 21', details: null,
    })
  })

  test('a text has its type as name and number', () => {
    expect(toJson({ ...aText('x'), serial: 3, time: 0 })).toEqual({
      schema: 1, kind: 'text', time: '1970-01-01T00:00:00.000Z', serial: 3, lsm: 'own', type: 'AVC', typeNumber: 1400,
      text: 'x', details: null,
    })
  })

  test('sinks write a line a record', () => {
    const lines: string[] = []
    const write = (line: string) => lines.push(line)
    const audit = new Audit({ sinks: [jsonLinesSink(write), kernelTextSink(write)], now: () => 5 })
    audit.record(() => aText('one\ntwo'))
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(lines[1]).toMatch(/^type=AVC msg=audit\(0\.005:1\): one\\ntwo\n$/)
  })
})

describe('ring, rate and sinks', () => {
  test('the ring keeps the last, and counts what went', () => {
    const ring = new Ring<number>(3)
    for (let i = 1; i <= 7; i++) ring.push(i)
    expect(ring.toArray()).toEqual([5, 6, 7])
    expect(ring.dropped).toBe(4)
    ring.clear()
    ring.push(8)
    expect(ring.toArray()).toEqual([8])
  })

  test.each([0, -1, 1.5, Number.NaN])('a ring of %d is refused', (capacity) => {
    expect(() => new Ring(capacity)).toThrow(RangeError)
  })

  test('so many a second; a clock that goes back starts anew', () => {
    const limit = new RateLimit(2)
    const passed = [0, 10, 999, 1000, 1001, 1999, 500].filter((now) => limit.allows(now))
    expect(passed).toEqual([0, 10, 1000, 1001, 500])
    limit.perSecond = 0
    expect(limit.allows(501) && limit.allows(501) && limit.allows(501)).toBe(true)
  })

  test.each<[what: string, limit: RateLimit, asked: readonly (readonly [process: number, label: string])[],
    passed: readonly boolean[]]>([
    ['a process has its own', new RateLimit(1), [[1, 'a'], [1, 'a'], [2, 'a'], [3, 'b']], [true, false, true, true]],
    ['a label has four times that', new RateLimit(1), [1, 2, 3, 4, 5].map((process) => [process, 'a'] as const),
      [true, true, true, true, false]],
    ['another label has it too', new RateLimit(1), [...[1, 2, 3, 4, 5].map((process) => [process, 'a'] as const),
      [6, 'b']], [true, true, true, true, false, true]],
    ['all together have the total', new RateLimit(2, 3), [[1, 'a'], [2, 'b'], [3, 'c'], [4, 'd']],
      [true, true, true, false]],
    ['a total alone', new RateLimit(0, 2), [[1, 'a'], [1, 'a'], [2, 'b']], [true, true, false]],
    ['the total unless given', new RateLimit(1), Array.from({ length: 17 }, (_, i) => [i, `l${i}`] as const),
      Array.from({ length: 17 }, (_, i) => i < 16)],
  ])('%s', (_what, limit, asked, passed) => {
    expect(asked.map(([process, label]) => limit.allows(0, { process, label }))).toEqual(passed)
    expect(limit.allows(1000, { process: 1, label: 'a' })).toBe(true)
  })

  test('a flood of one process does not lose the only denial of another', () => {
    const stack = stackOf({ task_getsid: () => -EACCES }, { audit: { rateLimit: 10, now: () => 0 } })
    const { current, objects } = stack
    const { task } = current
    const other = objects.task(7, 7, task.cred, task.cred)
    for (let i = 0; i < 5000; i++) stack.lsm.task_getsid.ask(task)
    current.task = other
    stack.lsm.task_getsid.ask(task)
    expect(stack.audit.records).toHaveLength(11)
    expect(stack.audit.records.at(-1)).toMatchObject({ kind: 'denial', subject: { pid: 7 } })
    expect(stack.audit.lost).toBe(4990)
  })

  test('what the limit refuses is lost, not made, and takes no serial', () => {
    let made = 0
    let now = 0
    const audit = new Audit({ rateLimit: 1, now: () => now })
    const record = () => audit.record(() => (made++, aText('x')))
    record()
    record()
    now = 1000
    record()
    expect([made, audit.lost, audit.records.map((r) => r.serial)]).toEqual([2, 1, [1, 2]])
  })

  test('lost counts what the ring pushed out as well', () => {
    const audit = new Audit({ capacity: 1 })
    for (let i = 0; i < 3; i++) audit.record(() => aText('x'))
    expect(audit.lost).toBe(2)
  })

  test('a sink that throws disturbs nobody; one that is removed hears no more', () => {
    const heard: number[] = []
    const audit = new Audit()
    audit.addSink(() => {
      throw new Error('full disk')
    })
    const remove = audit.addSink(({ serial }) => heard.push(serial))
    audit.record(() => aText('x'))
    remove()
    audit.record(() => aText('x'))
    expect([heard, audit.sinkErrors]).toEqual([[1], 2])
  })

  test('a sink that works through the stack does not feed itself', () => {
    const stack = stackOf({ task_getsid: () => -EACCES })
    let calls = 0
    stack.audit.addSink(() => {
      calls++
      stack.lsm.task_getsid.ask(stack.current.task)
    })
    stack.lsm.task_getsid.ask(stack.current.task)
    expect(calls).toBe(1)
    expect(stack.audit.records).toHaveLength(2)
  })

  test('onAudit is a sink', () => {
    const seen: AuditRecord[] = []
    const stack = stackOf({ task_getsid: () => -EACCES }, { onAudit: (record) => void seen.push(record) })
    stack.lsm.task_getsid.ask(stack.current.task)
    expect(seen).toEqual(stack.audit.records)
  })
})

test('an error in the arguments of a call never reaches the caller', () => {
  const stack = stackOf({ inode_getsecurity: () => -EPERM })
  expect(() => stack.lsm.secctx_to_secid.ask('x', 1, ref(0))).not.toThrow()
})
