import {
  AUDIT_BPRM_FCAPS, capToShortHex, EINVAL, ENODATA, ENOMEM, ENOSYS, EOPNOTSUPP, EPERM, LSM_SETID_FS, LSM_SETID_RES,
  PR_CAP_AMBIENT, PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_GET_SECUREBITS, PR_SET_KEEPCAPS, PR_SET_SECUREBITS,
  PTRACE_MODE_ATTACH_REALCREDS, PTRACE_MODE_READ_FSCREDS, PER_CLEAR_ON_SETID,
} from '@lsmkit/abi'
import { createStack, hookDefs, initUserNamespace, nop_mnt_idmap, ref } from '@lsmkit/core'
import type { Binprm, Cred, File, LsmContext, Profile } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { copyCred, harness } from '../test/harness.ts'
import { capability, fileCapsFromText } from './index.ts'

const RAW = '2000'
const SETPCAP = '100'
const NICE = '800000'
const PTRACE = '80000'
const TIME = '2000000'

test('capability is first, has id 100, and registers its 18 hooks', () => {
  const { stack } = harness({ others: { file_open: () => 0 } })
  expect(stack.names).toEqual(['capability', 'other'])
  expect(stack.ids).toEqual([100, 200])
  const hooks = Object.keys(capability().hooks({ profile: '6.12' } as LsmContext))
  expect(hooks.toSorted()).toEqual([
    'bprm_creds_from_file', 'capable', 'capget', 'capset', 'inode_getsecurity', 'inode_killpriv', 'inode_need_killpriv',
    'mmap_addr', 'mmap_file', 'ptrace_access_check', 'ptrace_traceme', 'settime', 'task_fix_setuid', 'task_prctl',
    'task_setioprio', 'task_setnice', 'task_setscheduler', 'vm_enough_memory',
  ])
  expect(hooks.every((hook) => Object.hasOwn(hookDefs, hook))).toBe(true)
})

test('a profile without rules is refused; one of its own overrides the stack\'s', () => {
  expect(() => capability({ profile: '7.0' as Profile })).toThrow(expect.objectContaining({ code: 'bad-option' }))
  const stack = createStack({ lsms: [capability({ profile: '6.18' })], profile: '6.12' })
  stack.host = { ...stack.host, prepare_creds: () => stack.current.task.cred, commit_creds: () => 0 }
  expect(stack.lsm.task_prctl.ask(PR_SET_SECUREBITS, 0x100, 0, 0, 0)).toBe(0)
})

describe('questions inside hooks go through the stack', () => {
  test('another LSM can refuse the capability that settime needs', () => {
    const asked: number[] = []
    const { lsm, become } = harness({
      others: { capable: (_cred, _ns, cap) => (asked.push(cap), cap === 25 ? -EPERM : 0) },
    })
    become({ E: TIME })
    expect(lsm.settime.ask(null, null)).toBe(-EPERM)
    expect(asked).toEqual([25])
  })

  test('another LSM that refuses credentials keeps prctl from changing them', () => {
    const { lsm, become, current } = harness({ others: { cred_prepare: () => -EPERM } })
    become({ E: SETPCAP, P: SETPCAP })
    expect(lsm.task_prctl.ask(PR_CAPBSET_DROP, 13, 0, 0, 0)).toBe(-ENOMEM)
    expect(capToShortHex(current.task.cred.cap_bset)).toBe('1ffffffffff')
  })
})

describe('prctl', () => {
  test.each<{ rule: string; call: number[]; rc: number; profile?: Profile }>([
    { rule: 'not ours', call: [1, 9], rc: -ENOSYS },
    { rule: 'bounding: in', call: [PR_CAPBSET_READ, 13], rc: 1 },
    { rule: 'bounding: no capability', call: [PR_CAPBSET_READ, 41], rc: -EINVAL },
    { rule: 'bounding: negative', call: [PR_CAPBSET_READ, -1], rc: -EINVAL },
    { rule: 'drop: permission before validity', call: [PR_CAPBSET_DROP, 99], rc: -EPERM },
    { rule: 'keep-caps takes 0 or 1', call: [PR_SET_KEEPCAPS, 2], rc: -EINVAL },
    { rule: 'keep-caps', call: [PR_SET_KEEPCAPS, 1], rc: 0 },
    { rule: 'securebits: no change needs setpcap too', call: [PR_SET_SECUREBITS, 0], rc: -EPERM },
    { rule: 'securebits: 6.12 knows no bit above 7', call: [PR_SET_SECUREBITS, 0x100], rc: -EPERM },
    { rule: 'securebits: 6.18 gives 8 to 11 away', profile: '6.18', call: [PR_SET_SECUREBITS, 0x300], rc: 0 },
    { rule: 'securebits: alone', profile: '6.18', call: [PR_SET_SECUREBITS, 0x101], rc: -EPERM },
    { rule: 'ambient: raise', call: [PR_CAP_AMBIENT, 2, 13], rc: 0 },
    { rule: 'ambient: raise what is not inheritable', call: [PR_CAP_AMBIENT, 2, 8], rc: -EPERM },
    { rule: 'ambient: no operation', call: [PR_CAP_AMBIENT, 9, 13], rc: -EINVAL },
    { rule: 'ambient: an argument too many', call: [PR_CAP_AMBIENT, 1, 13, 1], rc: -EINVAL },
    { rule: 'ambient: clear with an argument', call: [PR_CAP_AMBIENT, 4, 13], rc: -EINVAL },
  ])('$rule', ({ call, rc, profile = '6.12' }) => {
    const { lsm, become, current } = harness({ profile })
    become({ P: '2100', I: RAW })
    const before = current.task.cred
    const [option = 0, arg2 = 0, arg3 = 0, arg4 = 0, arg5 = 0] = call
    expect(lsm.task_prctl.ask(option, arg2, arg3, arg4, arg5)).toBe(rc)
    // what is refused, and what only reads, leaves the very same credentials
    const changes = rc === 0
    expect(current.task.cred === before).toBe(!changes)
  })

  test('a lock: neither the bit nor the lock can be changed any more', () => {
    const { lsm, become } = harness()
    become({ E: SETPCAP, P: SETPCAP, securebits: 0x3 })
    const set = (bits: number) => lsm.task_prctl.ask(PR_SET_SECUREBITS, bits, 0, 0, 0)
    expect([set(0x2), set(0x1), set(0x7), set(-1), set(2 ** 32 + 3)]).toEqual([-EPERM, -EPERM, 0, -EPERM, -EPERM])
    expect(lsm.task_prctl.ask(PR_GET_SECUREBITS, 0, 0, 0, 0)).toBe(7)
  })
})

describe('capset', () => {
  const sets = ({ E = '0', I = '0', P = '0' }, of: ReturnType<typeof harness>) => {
    const wanted = of.cred({ E, I, P })
    return [wanted.cap_effective, wanted.cap_inheritable, wanted.cap_permitted] as const
  }
  test.each([
    { rule: 'raise E within P', old: { P: RAW }, want: { P: RAW, E: RAW }, rc: 0 },
    { rule: 'P cannot grow', old: { P: RAW }, want: { P: '2001' }, rc: -EPERM },
    { rule: 'E beyond the new P', old: { P: '2001' }, want: { P: RAW, E: '1' }, rc: -EPERM },
    { rule: 'I from P', old: { P: RAW }, want: { P: RAW, I: RAW }, rc: 0 },
    { rule: 'I beyond P, without setpcap in E', old: { P: SETPCAP }, want: { P: SETPCAP, I: '1' }, rc: -EPERM },
    { rule: 'I beyond P, with it', old: { P: SETPCAP, E: SETPCAP }, want: { P: SETPCAP, I: '1' }, rc: 0 },
    { rule: 'I beyond the bounding set', old: { P: RAW, B: '0' }, want: { P: RAW, I: RAW }, rc: -EPERM },
  ])('$rule: $rc', ({ old, want, rc }) => {
    const here = harness()
    const { cred } = here.become({ uid: 0, A: '0', ...old })
    const next = copyCred(cred, here.cred())
    expect(here.lsm.capset.ask(next, cred, ...sets(want, here))).toBe(rc)
    const result = rc === 0 ? want : old
    expect(capToShortHex(next.cap_permitted)).toBe(result.P)
  })

  test('ambient keeps to the new P and I; capget reads back', () => {
    const here = harness()
    const task = here.become({ P: '2001', I: '2001', A: '2001' })
    const next = copyCred(task.cred, here.cred())
    expect(here.lsm.capset.ask(next, task.cred, ...sets({ P: '2001', I: '1' }, here))).toBe(0)
    expect(capToShortHex(next.cap_ambient)).toBe('1')
    const { cap_effective, cap_inheritable, cap_permitted } = here.cred()
    expect(here.lsm.capget.ask(task, cap_effective, cap_inheritable, cap_permitted)).toBe(0)
    expect([cap_effective, cap_inheritable, cap_permitted].map(capToShortHex)).toEqual(['0', '2001', '2001'])
  })
})

describe('set*uid', () => {
  const fix = (old: object, ids: object, how = LSM_SETID_RES) => {
    const here = harness()
    const { cred } = here.become({ P: '2083', E: '2083', I: RAW, A: RAW, ...old })
    const next = Object.assign(copyCred(cred, here.cred()), ids)
    expect(here.lsm.task_fix_setuid.ask(next, cred, how)).toBe(how > 8 ? -EINVAL : 0)
    return [next.cap_permitted, next.cap_effective, next.cap_ambient].map(capToShortHex).join(' ')
  }
  const away = { uid: 1000, euid: 1000, suid: 1000, fsuid: 1000 }
  test('leaving root takes P, E and A', () => expect(fix({}, away)).toBe('0 0 0'))
  test('KEEP_CAPS keeps P alone', () => expect(fix({ securebits: 0x10 }, away)).toBe('2083 0 0'))
  test('NO_SETUID_FIXUP keeps all', () => expect(fix({ securebits: 4 }, away)).toBe('2083 2083 2000'))
  test('a saved root keeps P', () => expect(fix({}, { uid: 1000, euid: 1000 })).toBe('2083 0 2000'))
  test('euid back to root raises E', () => expect(fix({ euid: 1000, E: '0' }, { euid: 0 })).toBe('2083 2083 2000'))
  test('fsuid takes the file capabilities', () => expect(fix({}, { fsuid: 1000 }, LSM_SETID_FS)).toBe('2083 2080 2000'))
  test('and gives them back from P', () =>
    expect(fix({ fsuid: 1000, E: '80' }, { fsuid: 0 }, LSM_SETID_FS)).toBe('2083 83 2000'))
  test('an unknown way is -EINVAL', () => expect(fix({}, away, 16)).toBe('2083 2083 2000'))
})

describe('other tasks', () => {
  test('tracing: the right set for the mode, or CAP_SYS_PTRACE', () => {
    const { lsm, become, task } = harness()
    const child = task({ P: RAW })
    become({ P: RAW })
    expect(lsm.ptrace_access_check.ask(child, PTRACE_MODE_ATTACH_REALCREDS)).toBe(0)
    expect(lsm.ptrace_access_check.ask(child, PTRACE_MODE_READ_FSCREDS)).toBe(-EPERM)
    become({ E: PTRACE })
    expect(lsm.ptrace_access_check.ask(child, PTRACE_MODE_READ_FSCREDS)).toBe(0)
  })

  test('being traced: the parent must hold as much, or CAP_SYS_PTRACE', () => {
    const { lsm, become, task } = harness()
    become({ P: RAW })
    expect(lsm.ptrace_traceme.ask(task({ P: '2001' }))).toBe(0)
    expect(lsm.ptrace_traceme.ask(task({ E: RAW }))).toBe(-EPERM)
    expect(lsm.ptrace_traceme.ask(task({ E: PTRACE }))).toBe(0)
  })

  test.each(['task_setnice', 'task_setioprio', 'task_setscheduler'] as const)('%s', (hook) => {
    const { lsm, become, task } = harness()
    const other = task({ P: RAW })
    become({ P: '0' })
    expect(lsm[hook].ask(other, 5)).toBe(-EPERM)
    become({ P: RAW })
    expect(lsm[hook].ask(other, 5)).toBe(0)
    become({ E: NICE })
    expect(lsm[hook].ask(other, 5)).toBe(0)
  })
})

describe('memory', () => {
  test('a low address needs CAP_SYS_RAWIO in the initial namespace', () => {
    const { lsm, become, init_user_ns } = harness()
    become()
    expect([lsm.mmap_addr.ask(65536), lsm.mmap_addr.ask(0), lsm.mmap_file.ask(null, 0, 0)]).toEqual([0, -EPERM, 0])
    become({ E: '20000' })
    expect(lsm.mmap_addr.ask(0)).toBe(0)
    const inner = { ...initUserNamespace(), parent: init_user_ns, level: 1, owner: 5 }
    become({ E: '20000', user_ns: inner })
    expect(lsm.mmap_addr.ask(0)).toBe(-EPERM)
  })
})

describe('the attribute', () => {
  const value = fileCapsFromText('cap_net_raw=ep')
  test('a change of contents takes it away', () => {
    const { lsm, file, attributes } = harness()
    const plain = file()
    const capable = file(value)
    expect(lsm.inode_need_killpriv.ask(plain.dentry)).toBe(0)
    expect(lsm.inode_need_killpriv.ask(file(new Uint8Array(0)).dentry)).toBe(0)
    expect(lsm.inode_need_killpriv.ask(capable.dentry)).toBe(1)
    expect(lsm.inode_killpriv.ask(nop_mnt_idmap, capable.dentry)).toBe(0)
    expect(attributes.has(capable.inode)).toBe(false)
    expect(lsm.inode_killpriv.ask(nop_mnt_idmap, plain.dentry)).toBe(-ENODATA)
  })

  test('reading: the size, and the bytes when wanted', () => {
    const { lsm, file } = harness()
    const { inode } = file(value)
    const buffer = ref<Uint8Array | null>(null)
    const read = (name: string, alloc: boolean) => lsm.inode_getsecurity.ask(nop_mnt_idmap, inode, name, buffer, alloc)
    expect(read('foo', true)).toBe(-EOPNOTSUPP)
    expect([read('capability', false), buffer.value]).toEqual([20, null])
    expect([read('capability', true), buffer.value]).toEqual([20, value])
    const none = lsm.inode_getsecurity.ask(nop_mnt_idmap, file().inode, 'capability', buffer, true)
    expect(none).toBe(-ENODATA)
  })
})

describe('execve', () => {
  const run = (of: ReturnType<typeof harness>, attribute: Uint8Array | undefined, mnt_flags = 0) => {
    const { inode, dentry } = of.file(attribute)
    const mnt = { mnt_flags, mnt_sb: inode.i_sb, mnt_idmap: nop_mnt_idmap }
    const file = { f_path: { mnt, dentry }, f_inode: inode } as unknown as File
    const cred: Cred = copyCred(of.current.task.cred, of.cred())
    const bprm = { cred, file, filename: '/f', unsafe: 0, per_clear: 0, secureexec: false } as Binprm
    const rc = of.lsm.bprm_creds_from_file.ask(bprm, file)
    return { rc, bprm, permitted: capToShortHex(cred.cap_permitted) }
  }
  const attribute = fileCapsFromText('cap_net_raw=ep')

  test('the program gets what its file has, and is secure', () => {
    const here = harness()
    here.become({ uid: 1000, euid: 1000 })
    const { rc, bprm, permitted } = run(here, attribute)
    expect({ rc, permitted }).toEqual({ rc: 0, permitted: RAW })
    expect(bprm).toMatchObject({ secureexec: true, per_clear: PER_CLEAR_ON_SETID })
  })

  test('the audit trail is told, as the kernel writes it', () => {
    const here = harness()
    here.become({ uid: 1000, euid: 1000 })
    run(here, attribute)
    expect(here.stack.audit.records.filter(({ kind }) => kind === 'text')).toMatchObject([{
      lsm: 'capability',
      type: AUDIT_BPRM_FCAPS,
      text: 'fver=2 fp=0000000000002000 fi=0 fe=1 old_pp=0 old_pi=0 old_pe=0 old_pa=0 ' +
        'pp=0000000000002000 pi=0 pe=0000000000002000 pa=0 frootid=0',
    }])
  })

  test('not on a nosuid mount', () => {
    const here = harness()
    here.become({ uid: 1000, euid: 1000 })
    expect(run(here, attribute, 1)).toMatchObject({ rc: 0, permitted: '0', bprm: { secureexec: false } })
  })

  test.each([
    ['an attribute of no known shape', new Uint8Array(3), -EINVAL],
    ['no bytes', new Uint8Array(0), -EINVAL],
    ['more than the bounding set', fileCapsFromText('cap_chown=ep'), -EPERM],
  ])('%s fails, and leaves the process as it was', (_what, bytes, rc) => {
    const here = harness()
    const { cred } = here.become({ uid: 1000, euid: 1000, B: RAW, P: '1' })
    const before = JSON.stringify(cred)
    expect(run(here, bytes).rc).toBe(rc)
    expect(JSON.stringify(here.current.task.cred)).toBe(before)
    expect(here.stack.denial).toMatchObject({ hook: 'bprm_creds_from_file', lsm: 'capability', rc })
  })
})
