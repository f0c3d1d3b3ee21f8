/** Tasks and their credentials: who may do what to whom, and what a copy inherits. */
import {
  CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, EACCES, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, PTRACE_MODE_ATTACH_REALCREDS, SIGTERM,
} from '@lsmkit/abi'
import { noHost, ref } from '@lsmkit/core'
import type { LsmTable, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { Machine, bytes } from '../testing/machine.ts'

type Act = (lsm: LsmTable, p: Task) => number

const acts: readonly (readonly [name: string, modes: string, act: Act])[] = [
  ['task_setpgid', 'w', (lsm, p) => lsm.task_setpgid.ask(p, 1)],
  ['task_getpgid', 'r', (lsm, p) => lsm.task_getpgid.ask(p)],
  ['task_getsid', 'r', (lsm, p) => lsm.task_getsid.ask(p)],
  ['task_setnice', 'w', (lsm, p) => lsm.task_setnice.ask(p, 0)],
  ['task_setioprio', 'w', (lsm, p) => lsm.task_setioprio.ask(p, 0)],
  ['task_getioprio', 'r', (lsm, p) => lsm.task_getioprio.ask(p)],
  ['task_setscheduler', 'w', (lsm, p) => lsm.task_setscheduler.ask(p)],
  ['task_getscheduler', 'r', (lsm, p) => lsm.task_getscheduler.ask(p)],
  ['task_movememory', 'w', (lsm, p) => lsm.task_movememory.ask(p)],
  ['task_kill', 'w', (lsm, p) => lsm.task_kill.ask(p, null, SIGTERM, null)],
]

test.each([
  { rule: 'A B rw', unconfined: '', rc: 0 },
  { rule: 'A B rwb', unconfined: '', rc: 1 },
  { rule: 'A B b', unconfined: 'A', rc: 2 },
  { rule: 'A B b', unconfined: 'B', rc: 3 },
  { rule: 'A B r', unconfined: '', rc: -EACCES },
])('tracing under `$rule`, with `$unconfined` unconfined, answers $rc: who asks takes all but 0 for no', (row) => {
  const m = new Machine().rules(row.rule)
  if (row.unconfined !== '') m.policy.unconfined = m.label(row.unconfined)
  const child = m.task('B')
  expect(m.as(m.task('A'), () => m.lsm.ptrace_access_check.ask(child, PTRACE_MODE_ATTACH_REALCREDS))).toBe(row.rc)
})

describe.each(acts)('%s needs %s', (_name, modes, act) => {
  test.each([...'rwxatl'])('a rule with %s', (letter) => {
    const m = new Machine().rules(`A B ${letter}`)
    const target = m.task('B')
    expect(m.as(m.task('A'), () => act(m.lsm, target))).toBe(letter === modes ? 0 : -EACCES)
  })

  test('CAP_MAC_OVERRIDE of the one who acts, not of the one acted upon', () => {
    const m = new Machine()
    const [strong, weak] = [m.task('A', { caps: [CAP_MAC_OVERRIDE] }), m.task('B')]
    expect(m.as(strong, () => act(m.lsm, weak))).toBe(0)
    expect(m.as(weak, () => act(m.lsm, m.task('C', { caps: [] })))).toBe(-EACCES)
  })
})

test.each([
  { appendSignals: false, rule: 'A B w', rc: 0 },
  { appendSignals: false, rule: 'A B a', rc: -EACCES },
  { appendSignals: true, rule: 'A B a', rc: 0 },
  { appendSignals: true, rule: 'A B w', rc: -EACCES },
])('a signal with appendSignals $appendSignals under `$rule`: $rc', ({ appendSignals, rule, rc }) => {
  const m = new Machine({ appendSignals }).rules(rule)
  const target = m.task('B')
  expect(m.as(m.task('A'), () => m.lsm.task_kill.ask(target, null, SIGTERM, null))).toBe(rc)
  const file = m.by('A', () => m.file(m.inode('_')))
  const owner = { pid: 0, uid: 0, euid: 0, signum: 0, file }
  expect(m.lsm.file_send_sigiotask.ask(target, owner, SIGTERM)).toBe(rc)
})

test('what others see is the objective cred: an override changes only what the task acts with', () => {
  const m = new Machine().rules('A B w')
  const target = m.task('B')
  target.cred = m.task('C').cred
  expect(m.as(m.task('A'), () => m.lsm.task_kill.ask(target, null, SIGTERM, null))).toBe(0)
  expect(m.labelOf(target)).toBe('B')
})

describe('credentials', () => {
  test('a copy has label, rules and relabel list, and its own lists', () => {
    const m = new Machine()
    const task = m.root('A')
    m.as(task, () => {
      m.write('relabel-self', 'B C')
      m.write('load-self2', 'A B r')
    })
    const copy = m.copyCred(task.cred)
    const child = m.task('X')
    child.cred = child.real_cred = copy
    expect(m.as(child, () => [m.read('relabel-self'), m.read('load-self2')])).toEqual(['B C ', 'A B r\n'])
    m.as(child, () => m.write('load-self2', 'A B w'))
    expect(m.as(task, () => m.read('load-self2'))).toBe('A B r\n')
  })

  test('a transfer takes the label and leaves the lists', () => {
    const m = new Machine()
    const task = m.root('A')
    m.as(task, () => m.write('load-self2', 'A B r'))
    const blank = m.stack.objects.cred(m.userNs)
    m.lsm.cred_alloc_blank.ask(blank, 0)
    m.lsm.cred_transfer.tell(blank, task.cred)
    const heir = m.task('X')
    heir.cred = heir.real_cred = blank
    expect([m.labelOf(heir), m.as(heir, () => m.read('load-self2'))]).toEqual(['A', ''])
  })

  test('kernel_act_as takes a number, and `?` for one that nobody has', () => {
    const m = new Machine()
    const { cred } = m.task('A')
    m.lsm.kernel_act_as.ask(cred, m.label('B'))
    expect(m.credLabel(cred)).toBe('B')
    m.lsm.kernel_act_as.ask(cred, 4096)
    expect(m.credLabel(cred)).toBe('?')
  })

  test('kernel_create_files_as takes the label of an inode', () => {
    const m = new Machine()
    const { cred } = m.task('A')
    m.lsm.kernel_create_files_as.ask(cred, m.inode('F'))
    expect(m.credLabel(cred)).toBe('F')
  })

  test('cred_free lets go of the lists', () => {
    const m = new Machine()
    const task = m.root('A')
    m.as(task, () => m.write('load-self2', 'A B r'))
    const { cred } = task
    m.lsm.cred_free.tell(cred)
    expect(cred.security).toBeNull()
  })
})

test("task_to_inode gives /proc/PID its task's label", () => {
  const m = new Machine()
  const inode = m.newInode()
  m.lsm.task_to_inode.tell(m.task('B'), inode)
  m.lsm.d_instantiate.tell(m.dentry(inode), inode)
  expect(m.inodeLabel(inode)).toBe('B')
})

describe('the attribute current', () => {
  const set = (m: Machine, task: Task, text: string): number =>
    m.as(task, () => m.lsm.setprocattr.ask(0, 'current', bytes(text), text.length))

  test.each([
    { text: 'foo', rc: 3 },
    { text: 'foo\0', rc: 4 },
    { text: 'foo\n', rc: 4 },
    { text: 'foo\n\0', rc: 5 },
    { text: 'foo\0\n', rc: -EINVAL },
    { text: 'foo\n\n', rc: -EINVAL },
    { text: 'foo ', rc: -EINVAL },
    { text: '', rc: -EINVAL },
    { text: '\n', rc: -EINVAL },
    { text: '-foo', rc: -EINVAL },
    { text: 'x'.repeat(255), rc: 255 },
    { text: 'x'.repeat(256), rc: -EINVAL },
    { text: '*', rc: -EPERM },
    { text: '@', rc: -EPERM },
    { text: '@\n', rc: -EPERM },
    { text: '_', rc: 1 },
    { text: '@@', rc: 2 },
  ])('`$text`: $rc', ({ text, rc }) => {
    const m = new Machine()
    const task = m.task('A', { caps: [CAP_MAC_ADMIN] })
    expect(set(m, task, text)).toBe(rc)
    expect(m.labelOf(task)).toBe(rc < 0 ? 'A' : text.replace(/[\n\0]/g, ''))
  })

  test('an unprivileged writer makes no label', () => {
    const m = new Machine()
    expect(set(m, m.task('A'), 'New')).toBe(-EPERM)
    expect(m.policy.labels.find('New')).toBe(0)
  })

  test('relabel-self lets a task change once', () => {
    const m = new Machine()
    const task = m.root('A')
    m.as(task, () => m.write('relabel-self', 'B C'))
    task.cred.cap_effective.lo = task.cred.cap_effective.hi = 0
    expect([set(m, task, 'D'), set(m, task, 'C'), set(m, task, 'B')]).toEqual([-EPERM, 1, -EPERM])
    expect(m.labelOf(task)).toBe('C')
  })

  test('other names: none is read, some are known', () => {
    const m = new Machine()
    const write = (name: string): number => m.lsm.setprocattr.ask(0, name, bytes('B'), 1)
    expect([write('exec'), write('fscreate'), write('prev'), write('nothing')]).toEqual([
      -EOPNOTSUPP,
      -EOPNOTSUPP,
      -EOPNOTSUPP,
      -EINVAL,
    ])
    expect(m.lsm.getprocattr.ask(m.idle, 0, 'exec', ref(null))).toBe(-EINVAL)
    const value = ref<string | null>(null)
    expect([m.lsm.getprocattr.ask(m.idle, 0, 'current', value), value.value]).toEqual([1, '_'])
  })

  test('without room for another cred nothing changes', () => {
    const m = new Machine()
    m.stack.host = noHost
    expect([set(m, m.idle, 'B'), m.labelOf(m.idle), m.write('relabel-self', 'B')]).toEqual([-ENOMEM, '_', -ENOMEM])
  })
})
