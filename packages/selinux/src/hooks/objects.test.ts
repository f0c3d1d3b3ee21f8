/**
 * Keys, BPF, perf events, io_uring, binder, IPC, tasks, audit rules, attributes: what each hook checks, on plain
 * objects.
 */
import {
  AUDIT_OBJ_LEV_HIGH, AUDIT_OBJ_TYPE, AUDIT_SUBJ_SEN, AUDIT_SUBJ_TYPE, AUDIT_SUBJ_USER, BPF_MAP_CREATE,
  BPF_MAP_UPDATE_ELEM, BPF_PROG_LOAD, CAP_BPF, CAP_SYS_ADMIN, EACCES, EINVAL, EPERM, ESTALE, FMODE_READ, FMODE_WRITE,
  IPC_RMID, IPC_STAT, KEY_NEED_LINK, KEY_NEED_READ, KEY_NEED_SEARCH, KEY_NEED_SETATTR, KEY_NEED_UNLINK, KEY_NEED_VIEW,
  KEY_NEED_WRITE, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, LSM_ATTR_PREV, LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_SHARE, O_RDONLY,
  O_RDWR, PERF_SECURITY_CPU, PERF_SECURITY_KERNEL, PERF_SECURITY_OPEN, PERF_SECURITY_TRACEPOINT, PTRACE_MODE_ATTACH,
  PTRACE_MODE_READ, S_IFREG, SIGCHLD, SIGKILL, SIGSTOP, SIGTERM,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bytes, domain, Machine, object } from '../testing/machine.ts'
import { testPolicy } from '../testing/policy.ts'

const m = new Machine()
const { lsm, build } = m

describe('keys', () => {
  const key = m.as('b_t', () => build.aKey())
  const ask = (need: number, who = 'a_t'): (string | number)[] => {
    const task = m.task(who)
    return m.checks(task, () => lsm.key_permission.ask({ key, possessed: false }, task.cred, need))
  }

  test.each([
    [KEY_NEED_VIEW, 'view'], [KEY_NEED_READ, 'read'], [KEY_NEED_WRITE, 'write'], [KEY_NEED_SEARCH, 'search'],
    [KEY_NEED_LINK, 'link'], [KEY_NEED_SETATTR, 'setattr'],
  ])('need %i is %s', (need, perm) => {
    expect(ask(need)).toEqual([`a_t b_t key { ${perm} }`, 0])
    expect(ask(need, 'n_t')).toEqual([`DENIED n_t b_t key { ${perm} }`, -EACCES])
  })

  test('some needs are the kernel\'s own business, others nobody\'s', () => {
    expect([ask(KEY_NEED_UNLINK, 'n_t'), ask(99)]).toEqual([[0], [-EPERM]])
  })

  test('a key tells its label, and may be watched by who may view it', () => {
    const buffer = ref<string | null>(null)
    expect(lsm.key_getsecurity.ask(key, buffer)).toBe(domain('b_t').length + 1)
    expect(buffer.value).toBe(`${domain('b_t')}\0`)
    expect(m.checks('a_t', () => lsm.watch_key.ask(key))).toEqual(['a_t b_t key { view }', 0])
  })
})

describe('BPF', () => {
  const map = () => ({
    id: 1, name: 'm', map_type: 1, key_size: 4, value_size: 4, max_entries: 1, map_flags: 0, security: null,
  })
  const prog = () => ({ id: 1, name: 'p', type: 29, expected_attach_type: 0, sleepable: false, security: null })

  test('commands', () => {
    expect(m.checks('a_t', () => lsm.bpf.ask(BPF_MAP_CREATE, {}, 0))).toEqual(['a_t a_t bpf { map_create }', 0])
    expect(m.checks('a_t', () => lsm.bpf.ask(BPF_PROG_LOAD, {}, 0))).toEqual(['a_t a_t bpf { prog_load }', 0])
    expect(m.checks('n_t', () => lsm.bpf.ask(BPF_PROG_LOAD, {}, 0)))
      .toEqual(['DENIED n_t n_t bpf { prog_load }', -EACCES])
    expect(m.checks('n_t', () => lsm.bpf.ask(BPF_MAP_UPDATE_ELEM, {}, 0))).toEqual([0])
  })

  test('maps and programs have the label of their maker, also when their descriptor is handed on', () => {
    const [own, program] = [map(), prog()]
    m.as('b_t', () => [lsm.bpf_map_create.ask(own, {}, null), lsm.bpf_prog_load.ask(program, {}, null)])
    expect(m.checks('a_t', () => lsm.bpf_map.ask(own, FMODE_READ | FMODE_WRITE)))
      .toEqual(['a_t b_t bpf { map_read map_write }', 0])
    expect(m.checks('a_t', () => lsm.bpf_prog.ask(program))).toEqual(['a_t b_t bpf { prog_run }', 0])
    const file = m.as('a_t', () => build.aFile({ private_data: own, f_flags: O_RDONLY }))
    m.label(file.f_inode, 'o_t')
    expect(m.checks('a_t', () => lsm.file_receive.ask(file))).toEqual([
      'a_t b_t bpf { map_read }', 'a_t o_t file { read }', 0,
    ])
    lsm.bpf_map_free.tell(own)
    lsm.bpf_prog_free.tell(program)
    expect(m.checks('a_t', () => lsm.bpf_prog.ask(program))).toEqual(['a_t unlabeled_t bpf { prog_run }', 0])
  })
})

describe('perf events and io_uring', () => {
  test.each([
    [PERF_SECURITY_OPEN, 'open'], [PERF_SECURITY_CPU, 'cpu'], [PERF_SECURITY_KERNEL, 'kernel'],
    [PERF_SECURITY_TRACEPOINT, 'tracepoint'],
  ])('perf type %i is %s', (type, perm) => {
    expect(m.checks('a_t', () => lsm.perf_event_open.ask(type))).toEqual([`a_t a_t perf_event { ${perm} }`, 0])
  })

  test('an event is its maker\'s', () => {
    const event = m.as('b_t', () => build.aPerfEvent())
    expect(m.checks('a_t', () => lsm.perf_event_read.ask(event))).toEqual(['a_t b_t perf_event { read }', 0])
    expect(m.checks('n_t', () => lsm.perf_event_write.ask(event)))
      .toEqual(['DENIED n_t b_t perf_event { write }', -EACCES])
    expect(m.checks('a_t', () => lsm.perf_event_open.ask(9))).toEqual([-EINVAL])
  })

  test('io_uring', () => {
    expect(m.checks('a_t', () => lsm.uring_sqpoll.ask())).toEqual(['a_t a_t io_uring { sqpoll }', 0])
    const cred = m.cred('b_t')
    expect(m.checks('a_t', () => lsm.uring_override_creds.ask(cred)))
      .toEqual(['a_t b_t io_uring { override_creds }', 0])
    const file = build.aFile()
    m.label(file.f_inode, 'o_t')
    expect(m.checks('n_t', () => lsm.uring_cmd.ask({ file, cmd_op: 0, flags: 0 })))
      .toEqual(['DENIED n_t o_t io_uring { cmd }', -EACCES])
  })

  test('uring_allowed is asked where the kernel has it', () => {
    const asked = (['6.12', '6.18', '7.3'] as const).map((profile) => {
      const machine = new Machine({}, {}, profile)
      const later = machine.lsm as { readonly uring_allowed?: { ask(): number } }
      return machine.checks('n_t', () => later.uring_allowed?.ask() ?? 0)
    })
    const refused = ['DENIED n_t n_t io_uring { allowed }', -EACCES]
    expect(asked).toEqual([[0], refused, refused])
  })

  test('an anonymous inode has a class of its own, and its name decides its label', () => {
    const inode = m.as('a_t', () => build.anInode())
    expect(m.checks('a_t', () => lsm.inode_init_security_anon.ask(inode, build.qstr('[io_uring]'), null)))
      .toEqual(['a_t anon_t anon_inode { create }', 0])
    expect(m.last[0]).toContain(' anonclass=[io_uring] ')
    const other = build.anInode()
    expect(m.checks('a_t', () => lsm.inode_init_security_anon.ask(other, build.qstr('x'), inode)))
      .toEqual(['a_t anon_t anon_inode { create }', 0])
    expect(m.checks('a_t', () => lsm.inode_init_security_anon.ask(other, build.qstr('x'), build.anInode())))
      .toEqual([-EACCES])
  })
})

describe('binder', () => {
  const [a, b] = [m.cred('a_t'), m.cred('b_t')]

  test.each([
    ['set_context_mgr', () => lsm.binder_set_context_mgr.ask(b), ['a_t b_t binder { set_context_mgr }', 0]],
    ['call', () => lsm.binder_transaction.ask(a, b), ['a_t b_t binder { call }', 0]],
    ['call for somebody else', () => lsm.binder_transaction.ask(b, a),
      ['a_t b_t binder { impersonate }', 'b_t a_t binder { call }', 0]],
    ['transfer', () => lsm.binder_transfer_binder.ask(a, b), ['a_t b_t binder { transfer }', 0]],
  ])('%s', (_name, call, checks) => {
    expect(m.checks('a_t', call)).toEqual(checks)
  })

  test('a file that is handed over', () => {
    const file = m.as('a_t', () => build.aFile({ f_flags: O_RDWR }))
    m.label(file.f_inode, 'o_t')
    expect(m.checks('a_t', () => lsm.binder_transfer_file.ask(a, b, file)))
      .toEqual(['b_t a_t fd { use }', 'b_t o_t file { read write }', 0])
  })
})

describe('System V IPC', () => {
  test('what a task makes has its label; messages get one when they are sent', () => {
    const shm = m.as('b_t', () => build.anIpc('shm'))
    expect(m.checks('a_t', () => lsm.shm_shmat.ask(shm, null, 0))).toEqual(['a_t b_t shm { read write }', 0])
    expect(m.checks('a_t', () => lsm.ipc_permission.ask(shm, 0o400))).toEqual(['a_t b_t shm { unix_read }', 0])
    expect(m.checks('n_t', () => lsm.shm_shmctl.ask(shm, IPC_RMID)))
      .toEqual(['DENIED n_t b_t shm { destroy }', -EACCES])
    expect(m.checks('n_t', () => lsm.shm_shmctl.ask(shm, 99))).toEqual([0])
    const [queue, msg] = [m.as('b_t', () => build.anIpc('msg_queue')), build.aMsg()]
    expect(m.checks('a_t', () => lsm.msg_queue_msgsnd.ask(queue, msg, 0))).toEqual([
      'a_t b_t msgq { write }', 'a_t b_t msg { send }', 'b_t b_t msgq { enqueue }', 0,
    ])
    const reader = m.task('a_t')
    expect(m.checks('n_t', () => lsm.msg_queue_msgrcv.ask(queue, msg, reader, 0, 0))).toEqual([
      'a_t b_t msgq { read }', 'a_t b_t msg { receive }', 0,
    ])
    const sem = m.as('b_t', () => build.anIpc('sem'))
    expect(m.checks('a_t', () => lsm.sem_semctl.ask(sem, IPC_STAT))).toEqual(['a_t b_t sem { getattr associate }', 0])
  })
})

describe('tasks', () => {
  const target = m.task('b_t')

  test.each([
    ['setpgid', () => lsm.task_setpgid.ask(target, 1), 'setpgid'],
    ['getpgid', () => lsm.task_getpgid.ask(target), 'getpgid'],
    ['getsid', () => lsm.task_getsid.ask(target), 'getsession'],
    ['nice', () => lsm.task_setnice.ask(target, 1), 'setsched'],
    ['getscheduler', () => lsm.task_getscheduler.ask(target), 'getsched'],
    ['movememory', () => lsm.task_movememory.ask(target), 'setsched'],
    ['signal 0', () => lsm.task_kill.ask(target, null, 0, null), 'signull'],
    ['SIGKILL', () => lsm.task_kill.ask(target, null, SIGKILL, null), 'sigkill'],
    ['SIGSTOP', () => lsm.task_kill.ask(target, null, SIGSTOP, null), 'sigstop'],
    ['SIGCHLD', () => lsm.task_kill.ask(target, null, SIGCHLD, null), 'sigchld'],
    ['SIGTERM', () => lsm.task_kill.ask(target, null, SIGTERM, null), 'signal'],
    ['attach', () => lsm.ptrace_access_check.ask(target, PTRACE_MODE_ATTACH), 'ptrace'],
  ])('%s', (_name, call, perm) => {
    expect(m.checks('a_t', call)).toEqual([`a_t b_t process { ${perm} }`, 0])
    expect(m.checks('n_t', call)).toEqual([`DENIED n_t b_t process { ${perm} }`, -EACCES])
  })

  test('looking into a task is reading its files', () => {
    expect(m.checks('a_t', () => lsm.ptrace_access_check.ask(target, PTRACE_MODE_READ)))
      .toEqual(['a_t b_t file { read }', 0])
  })

  test('capabilities by number and namespace', () => {
    const task = m.task('a_t')
    const { user_ns } = task.cred
    const inner = { ...user_ns, parent: user_ns, level: 1 }
    task.cred.user_ns = inner
    const ask = (ns: typeof user_ns, cap: number): (string | number)[] =>
      m.checks(task, () => lsm.capable.ask(task.cred, ns, cap, 0))
    expect(ask(inner, CAP_SYS_ADMIN)).toEqual(['a_t a_t cap_userns { sys_admin }', 0])
    expect(ask(inner, CAP_BPF)).toEqual(['a_t a_t cap2_userns { bpf }', 0])
    task.cred.user_ns = user_ns
    expect(ask(user_ns, CAP_SYS_ADMIN)).toEqual(['a_t a_t capability { sys_admin }', 0])
    expect(ask(user_ns, CAP_BPF)).toEqual(['a_t a_t capability2 { bpf }', 0])
  })
})

describe('attributes', () => {
  const get = (attr: number): string => {
    const [buf, size] = [new Uint8Array(256), ref<number | null>(256)]
    const rc = lsm.getselfattr.ask(attr, buf, size, 0)
    return rc < 0 ? String(rc) : new TextDecoder().decode(buf.subarray(32, 32 + buf[24]!))
  }
  const proc = (name: string, text: string): number => lsm.setprocattr.ask(101, name, bytes(text), bytes(text).length)

  test('are read and set; a newline at the end is no part of them', () => {
    const task = m.task('a_t')
    expect(m.checks(task, () => proc('exec', `${domain('b_t')}\n`)))
      .toEqual(['a_t a_t process { setexec }', domain('b_t').length + 1])
    m.as(task, () => expect([get(LSM_ATTR_CURRENT), get(LSM_ATTR_EXEC), get(LSM_ATTR_PREV)])
      .toEqual([`${domain('a_t')}\0`, `${domain('b_t')}\0`, 'u:r:kernel_t:s0\0']))
    expect(m.checks(task, () => proc('exec', '\n'))).toEqual(['a_t a_t process { setexec }', 1])
    m.as(task, () => expect(get(LSM_ATTR_EXEC)).toBe(''))
  })

  test.each([
    ['current', domain('b_t'), ['a_t a_t process { setcurrent }', 'a_t b_t process { dyntransition }']],
    ['fscreate', object('o_t'), ['a_t a_t process { setfscreate }']],
    ['keycreate', domain('b_t'), ['a_t a_t process { setkeycreate }', 'a_t b_t key { create }']],
    ['sockcreate', domain('b_t'), ['a_t a_t process { setsockcreate }']],
  ])('%s', (name, text, checks) => {
    expect(m.checks('a_t', () => proc(name, text))).toEqual([...checks, text.length])
    expect(m.checks('n_t', () => proc(name, text)).at(-1)).toBe(-EACCES)
  })

  test('what is not a context is refused; only fscreate takes one that the policy does not know, from an admin', () => {
    const task = m.task('a_t')
    m.as(task, () =>
      expect([proc('exec', 'u:r:nobody_t:s0'), proc('fscreate', 'u:r:nobody_t:s0')]).toEqual([-EINVAL, 15]))
    m.as('n_t', () => expect(proc('prev', 'x')).toBe(-EINVAL))
  })

  test('what was written and is not a context is told whole, but for a NUL at its end', () => {
    const own = new Machine({ policy: testPolicy('(allow n_t n_t (process (setfscreate)))') })
    const write = (text: string): number => own.lsm.setprocattr.ask(101, 'fscreate', bytes(text), bytes(text).length)
    own.as('n_t', () => expect(['a:b\0c\n', 'a:b\0'].map(write)).toEqual([-EINVAL, -EINVAL]))
    expect(own.others).toEqual(['op=fscreate invalid_context=613A620063', 'op=fscreate invalid_context="a:b"'])
  })
})

describe('execve', () => {
  const run = (unsafe: number, type = 'o_t') => {
    const task = m.task('a_t')
    const file = m.as(task, () => build.aFile())
    m.label(file.f_inode, type)
    const cred = m.as(task, () => m.stack.host.prepare_creds())!
    const bprm = build.aBinprm(file, { cred, unsafe })
    const checks = m.checks(task, () => lsm.bprm_creds_for_exec.ask(bprm))
    const sid = ref(0)
    lsm.cred_getsecid.tell(cred, sid)
    return { checks, domain: m.text(sid.value), secure: bprm.secureexec }
  }

  test('into the domain that the file leads to', () => {
    expect(run(0)).toEqual({
      checks: ['a_t b_t process { transition }', 'b_t o_t file { entrypoint }', 'a_t b_t process { noatsecure }', 0],
      domain: domain('b_t'), secure: false,
    })
  })

  test('or not', () => {
    const checks = ['a_t d_t file { execute_no_trans }', 0]
    expect(run(0, 'd_t')).toEqual({ checks, domain: domain('a_t'), secure: false })
  })

  test('with shared file system state, and where no privilege may be gained', () => {
    expect(run(LSM_UNSAFE_SHARE).checks).toContain('a_t b_t process { share }')
    expect(run(LSM_UNSAFE_NO_NEW_PRIVS).checks[0]).toBe('a_t b_t process2 { nnp_transition }')
  })
})

describe('audit rules', () => {
  const rule = (field: number, op: number, text: string): object | number => {
    const out = ref<object | null>(null)
    const rc = lsm.audit_rule_init.ask(field, op, text, out, 0)
    return rc < 0 ? rc : out.value!
  }
  const EQUAL = 0
  const NOT_EQUAL = 1
  const GREATER_OR_EQUAL = 7
  const matches = (context: string, field: number, op: number, text: string): number =>
    lsm.audit_rule_match.ask(m.sid(context), field, op, rule(field, op, text) as object)

  test.each([
    [AUDIT_SUBJ_TYPE, EQUAL, 'a_t', 1], [AUDIT_SUBJ_TYPE, EQUAL, 'b_t', 0], [AUDIT_OBJ_TYPE, NOT_EQUAL, 'b_t', 1],
    [AUDIT_SUBJ_USER, EQUAL, 'u', 1], [AUDIT_SUBJ_SEN, EQUAL, 's0:c0', 1], [AUDIT_SUBJ_SEN, GREATER_OR_EQUAL, 's0', 1],
    [AUDIT_OBJ_LEV_HIGH, GREATER_OR_EQUAL, 's0:c0,c1', 0],
  ])('field %i, operator %i, %s: %i', (field, op, text, answer) => {
    expect(matches('u:r:a_t:s0:c0', field, op, text)).toBe(answer)
  })

  test('that make no sense are refused', () => {
    expect([
      rule(AUDIT_SUBJ_TYPE, EQUAL, 'nobody_t'), rule(AUDIT_SUBJ_TYPE, GREATER_OR_EQUAL, 'a_t'), rule(1, EQUAL, 'x'),
      rule(AUDIT_SUBJ_SEN, EQUAL, 's0-s0:c0'),
    ]).toEqual([-EINVAL, -EINVAL, -EINVAL, -EINVAL])
  })

  test('are stale under a new policy', () => {
    const own = new Machine()
    const out = ref<object | null>(null)
    own.lsm.audit_rule_init.ask(AUDIT_SUBJ_TYPE, EQUAL, 'a_t', out, 0)
    const files = own.stack.pseudoFs.find(({ type }) => type === 'selinuxfs')!.files()
    const file = (name: string) => files.find((one) => one.name === name)!
    const io = { file: build.aFile(), pos: 0, answer: null, state: null }
    file('policy').open!(io)
    const image = file('policy').read!(io) as Uint8Array
    expect(file('load').write!({ ...io, state: null }, image)).toBe(image.length)
    expect(own.lsm.audit_rule_match.ask(own.sid(domain('a_t')), AUDIT_SUBJ_TYPE, EQUAL, out.value!)).toBe(-ESTALE)
  })
})

test('inodes of every type have the class of their type', () => {
  const inode = m.label(build.anInode({ i_mode: S_IFREG | 0o644 }), 'o_t')
  expect(m.checks('a_t', () => lsm.inode_permission.ask(inode, 2))).toEqual(['a_t o_t file { write }', 0])
})
