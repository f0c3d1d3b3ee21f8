/** Tracing, exec, the kernel log, io_uring, numbers for labels, and rules of audit. */
import {
  AUDIT_OBJ_USER, AUDIT_PID, AUDIT_SUBJ_USER, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_SYS_PTRACE, CAP_SYS_RAWIO, EACCES,
  EINVAL, ENOENT, EPERM, LSM_UNSAFE_PTRACE, LSM_UNSAFE_SHARE, PER_CLEAR_ON_SETID, PTRACE_MODE_ATTACH,
  PTRACE_MODE_NOAUDIT, PTRACE_MODE_READ,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { Machine } from '../testing/machine.ts'

describe('tracing', () => {
  const trace = (rule: number, mode: number, rules: string, caps: readonly number[] = [], onlycap = ''): number => {
    const m = new Machine().rules(rules)
    m.policy.ptrace = rule
    if (onlycap !== '') m.policy.onlycap = [m.label(onlycap)]
    const target = m.task('B')
    return m.as(m.task('A', { caps }), () => m.lsm.ptrace_access_check.ask(target, mode))
  }
  const [attach, read] = [PTRACE_MODE_ATTACH, PTRACE_MODE_READ]

  test.each([
    { rule: 0, mode: attach, rules: 'A B rw', rc: 0 },
    { rule: 0, mode: attach, rules: 'A B r', rc: -EACCES },
    { rule: 0, mode: read, rules: 'A B r', rc: 0 },
    { rule: 0, mode: read, rules: '', rc: -EACCES },
    { rule: 0, mode: attach, rules: '', caps: [CAP_MAC_OVERRIDE], rc: 0 },
    { rule: 1, mode: attach, rules: 'A B rw', rc: -EACCES },
    { rule: 1, mode: attach, rules: '', caps: [CAP_SYS_PTRACE], rc: 0 },
    { rule: 1, mode: attach, rules: '', caps: [CAP_SYS_PTRACE], onlycap: 'Z', rc: -EACCES },
    { rule: 1, mode: read, rules: 'A B r', rc: 0 },
    { rule: 2, mode: attach, rules: 'A B rw', caps: [CAP_SYS_PTRACE, CAP_MAC_OVERRIDE], rc: -EACCES },
    { rule: 2, mode: read, rules: 'A B r', rc: 0 },
  ])('rule $rule, mode $mode, `$rules`, caps $caps: $rc', ({ rule, mode, rules, caps, onlycap, rc }) => {
    expect(trace(rule, mode, rules, caps, onlycap)).toBe(rc)
  })

  test('equal labels may always', () => {
    const m = new Machine()
    for (const rule of [0, 1, 2]) {
      m.policy.ptrace = rule
      const target = m.task('A')
      expect(m.as(m.task('A'), () => m.lsm.ptrace_access_check.ask(target, PTRACE_MODE_ATTACH))).toBe(0)
    }
  })

  test('a probe leaves no record', () => {
    const m = new Machine()
    const target = m.task('B')
    const probe = (mode: number): number => m.as(m.task('A'), () => m.lsm.ptrace_access_check.ask(target, mode))
    expect([probe(PTRACE_MODE_ATTACH | PTRACE_MODE_NOAUDIT), m.records]).toEqual([-EACCES, []])
    probe(PTRACE_MODE_ATTACH)
    expect(m.records).toHaveLength(1)
  })

  test('traceme: the privilege of the one who will be traced counts', () => {
    const m = new Machine()
    const parent = m.task('P')
    const me = (caps: readonly number[]): number =>
      m.as(m.task('A', { caps }), () => m.lsm.ptrace_traceme.ask(parent))
    expect(me([])).toBe(-EACCES)
  })
})

describe('exec', () => {
  const run = ({ rules = '', unsafe = 0, tracer = '', label = 'A' } = {}) => {
    const m = new Machine().rules(rules)
    const inode = m.inode('_', { exec: 'B' })
    const task = m.task(label)
    if (tracer !== '') Object.assign(task, { ptrace: 1, parent: m.task(tracer) })
    return m.as(task, () => {
      const bprm = m.bprm(m.file(inode), m.copyCred(task.cred), unsafe)
      return { rc: m.lsm.bprm_creds_for_exec.ask(bprm), label: m.credLabel(bprm.cred), bprm }
    })
  }

  test('changes the label without any rule, clears personality bits and is secure', () => {
    const { rc, label, bprm } = run()
    expect([rc, label, bprm.per_clear, bprm.secureexec]).toEqual([0, 'B', PER_CLEAR_ON_SETID, true])
  })

  test('to the label it has is nothing', () => {
    const { label, bprm } = run({ label: 'B', unsafe: LSM_UNSAFE_SHARE })
    expect([label, bprm.per_clear, bprm.secureexec]).toEqual(['B', 0, false])
  })

  test.each([
    { unsafe: LSM_UNSAFE_SHARE, rc: -EPERM },
    { unsafe: LSM_UNSAFE_PTRACE, tracer: 'T', rules: 'T B rw', rc: 0 },
    { unsafe: LSM_UNSAFE_PTRACE, tracer: 'T', rules: 'T A rw', rc: -EACCES },
    { unsafe: LSM_UNSAFE_PTRACE, rc: 0 },
    { unsafe: LSM_UNSAFE_PTRACE | LSM_UNSAFE_SHARE, tracer: 'T', rules: 'T B rw', rc: -EPERM },
  ])('unsafe $unsafe, tracer `$tracer`, `$rules`: $rc', ({ rc, ...given }) => {
    const result = run(given)
    expect([result.rc, result.label]).toEqual([rc, rc === 0 ? 'B' : 'A'])
  })
})

test('the kernel log: its label, or CAP_MAC_OVERRIDE', () => {
  const m = new Machine()
  m.write('syslog', 'S')
  const read = (label: string, caps: readonly number[] = []): number =>
    m.as(m.task(label, { caps }), () => m.lsm.syslog.ask(3))
  expect([read('S'), read('A'), read('A', [CAP_MAC_OVERRIDE])]).toEqual([0, -EACCES, 0])
  m.write('syslog', '*')
  expect(read('S')).toBe(-EACCES)
})

test('io_uring: creds of the same label, or privilege', () => {
  const m = new Machine()
  const override = (label: string, caps: readonly number[] = []): number =>
    m.as(m.task('A', { caps }), () => m.lsm.uring_override_creds.ask(m.task(label).cred))
  expect([override('A'), override('B'), override('B', [CAP_MAC_OVERRIDE])]).toEqual([0, -EPERM, 0])
  const poll = (caps: readonly number[], kernelThread = false): number =>
    m.as(m.task('A', { caps, kernelThread }), () => m.lsm.uring_sqpoll.ask())
  expect([poll([]), poll([CAP_MAC_ADMIN]), poll([], true)]).toEqual([-EPERM, 0, -EPERM])
  expect(m.lsm.uring_cmd.ask({ file: null as never, cmd_op: 0, flags: 0 })).toBe(-EINVAL)
})

test('mappings below the lowest address', () => {
  const m = new Machine()
  const map = (addr: number, caps: readonly number[]): number =>
    m.as(m.task('A', { caps }), () => m.lsm.mmap_addr.ask(addr))
  expect([map(65536, []), map(65535, []), map(0, [CAP_SYS_RAWIO])]).toEqual([0, -EPERM, 0])
})

describe('numbers', () => {
  test('to texts and back', () => {
    const m = new Machine()
    const [secid, text, length] = [ref(0), ref<string | null>(null), ref(0)]
    const label = m.label('Bob')
    expect([m.lsm.secid_to_secctx.ask(label, text, length), text.value, length.value]).toEqual([0, 'Bob', 3])
    expect([m.lsm.secid_to_secctx.ask(4096, text, length), text.value]).toEqual([0, '?'])
    expect([m.lsm.secctx_to_secid.ask('Bob', 3, secid), secid.value]).toEqual([0, label])
    expect([m.lsm.secctx_to_secid.ask('Nobody', 6, secid), secid.value]).toEqual([0, 0])
    expect([m.lsm.ismaclabel.ask('SMACK64'), m.lsm.ismaclabel.ask('SMACK64EXEC')]).toEqual([1, 0])
  })

  test('of the running task, of a task, of an inode', () => {
    const m = new Machine()
    const secid = ref(0)
    const text = (): string => m.text(secid.value)
    m.by('A', () => m.lsm.current_getsecid_subj.tell(secid))
    expect(text()).toBe('A')
    m.lsm.task_getsecid_obj.tell(m.task('B'), secid)
    expect(text()).toBe('B')
    m.lsm.inode_getsecid.tell(m.inode('C'), secid)
    expect(text()).toBe('C')
  })
})

describe('rules of audit', () => {
  const [equal, different] = [0, 1]

  test('match a label by its number', () => {
    const m = new Machine()
    const rule = ref<object | null>(null)
    expect(m.lsm.audit_rule_init.ask(AUDIT_SUBJ_USER, equal, 'Bob', rule, 0)).toBe(0)
    const match = (label: string, field: number, op: number): number =>
      m.lsm.audit_rule_match.ask(m.label(label), field, op, rule.value!)
    expect([match('Bob', AUDIT_SUBJ_USER, equal), match('Eve', AUDIT_SUBJ_USER, equal)]).toEqual([1, 0])
    expect([match('Bob', AUDIT_OBJ_USER, different), match('Eve', AUDIT_OBJ_USER, different)]).toEqual([0, 1])
    expect([match('Bob', AUDIT_PID, equal), match('Bob', AUDIT_SUBJ_USER, 7)]).toEqual([0, 0])
    expect(m.lsm.audit_rule_match.ask(10, AUDIT_SUBJ_USER, equal, {})).toBe(-ENOENT)
  })

  test.each([
    { field: AUDIT_PID, op: equal, text: 'A', rc: -EINVAL },
    { field: AUDIT_OBJ_USER, op: 2, text: 'A', rc: -EINVAL },
    { field: AUDIT_OBJ_USER, op: different, text: '-', rc: -EINVAL },
    { field: AUDIT_OBJ_USER, op: different, text: 'A', rc: 0 },
  ])('field $field, operator $op, `$text`: $rc', ({ field, op, text, rc }) => {
    const rule = ref<object | null>(null)
    expect(new Machine().lsm.audit_rule_init.ask(field, op, text, rule, 0)).toBe(rc)
    expect(rule.value === null).toBe(rc !== 0)
  })

  test('are known by their fields', () => {
    const known = (type: number): number =>
      new Machine().lsm.audit_rule_known.ask({ fields: [{ type, op: 0, lsm_rule: null }] })
    expect([known(AUDIT_SUBJ_USER), known(AUDIT_OBJ_USER), known(AUDIT_PID)]).toEqual([1, 1, 0])
  })
})
