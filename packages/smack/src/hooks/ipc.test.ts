/** System V IPC, keys and notifications: what each call needs. */
import {
  CAP_MAC_OVERRIDE, EACCES, EINVAL, GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT,
  KEY_AUTHTOKEN_OVERRIDE, KEY_DEFER_PERM_CHECK, KEY_NEED_LINK, KEY_NEED_READ, KEY_NEED_SEARCH, KEY_NEED_SETATTR,
  KEY_NEED_UNLINK, KEY_NEED_UNSPECIFIED, KEY_NEED_VIEW, KEY_NEED_WRITE, KEY_SYSADMIN_OVERRIDE, MSG_INFO, MSG_STAT,
  MSG_STAT_ANY, SEM_INFO, SEM_STAT, SEM_STAT_ANY, SETALL, SETVAL, SHM_INFO, SHM_LOCK, SHM_STAT, SHM_STAT_ANY,
  SHM_UNLOCK,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { KernIpcPerm, LsmTable } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { Machine } from '../testing/machine.ts'

type Act = (lsm: LsmTable, perm: KernIpcPerm) => number

const ask = (rules: string, act: Act): number => {
  const m = new Machine().rules(rules)
  const perm = m.ipc('B')
  return m.as(m.task('A'), () => act(m.lsm, perm))
}

/** `r`, `rw`, `-` when nothing is needed, `?` when nobody knows the command. */
const needs = (act: Act): string => {
  if (ask('', act) === 0) return '-'
  if (ask('', act) === -EINVAL) return '?'
  return ['r', 'w', 'x', 'rw', 'rwx'].find((modes) => ask(`A B ${modes}`, act) === 0) ?? 'more'
}

const reads = (commands: readonly number[], call: (lsm: LsmTable, perm: KernIpcPerm, cmd: number) => number) =>
  commands.map((cmd) => needs((lsm, perm) => call(lsm, perm, cmd)))

describe('control commands', () => {
  test.each([
    [
      'shmctl',
      (lsm: LsmTable, perm: KernIpcPerm, cmd: number) => lsm.shm_shmctl.ask(perm, cmd),
      [IPC_STAT, SHM_STAT, SHM_STAT_ANY],
      [IPC_SET, SHM_LOCK, SHM_UNLOCK, IPC_RMID],
      [IPC_INFO, SHM_INFO],
    ],
    [
      'semctl',
      (lsm: LsmTable, perm: KernIpcPerm, cmd: number) => lsm.sem_semctl.ask(perm, cmd),
      [GETPID, GETNCNT, GETZCNT, GETVAL, GETALL, IPC_STAT, SEM_STAT, SEM_STAT_ANY],
      [SETVAL, SETALL, IPC_RMID, IPC_SET],
      [IPC_INFO, SEM_INFO],
    ],
    [
      'msgctl',
      (lsm: LsmTable, perm: KernIpcPerm, cmd: number) => lsm.msg_queue_msgctl.ask(perm, cmd),
      [IPC_STAT, MSG_STAT, MSG_STAT_ANY],
      [IPC_SET, IPC_RMID],
      [IPC_INFO, MSG_INFO],
    ],
  ] as const)('%s', (_name, call, reading, changing, open) => {
    expect(reads(reading, call)).toEqual(reading.map(() => 'r'))
    expect(reads(changing, call)).toEqual(changing.map(() => 'rw'))
    expect(reads(open, call)).toEqual(open.map(() => '-'))
    expect(reads([99], call)).toEqual(['?'])
  })
})

test.each([
  ['shm_associate', (lsm, perm, flags) => lsm.shm_associate.ask(perm, flags)],
  ['shm_shmat', (lsm, perm, flags) => lsm.shm_shmat.ask(perm, null, flags)],
  ['sem_associate', (lsm, perm, flags) => lsm.sem_associate.ask(perm, flags)],
  ['msg_queue_associate', (lsm, perm, flags) => lsm.msg_queue_associate.ask(perm, flags)],
  ['ipc_permission', (lsm, perm, flags) => lsm.ipc_permission.ask(perm, flags)],
] as const satisfies readonly (readonly [string, (lsm: LsmTable, perm: KernIpcPerm, flags: number) => number])[])(
  '%s: flags are letters',
  (_name, call) => {
    const by = (flags: number): string => needs((lsm, perm) => call(lsm, perm, flags))
    expect([by(0o400), by(0o040), by(0o004), by(0o020), by(0o100), by(0o600), by(0o777)]).toEqual([
      'r',
      'r',
      'r',
      'w',
      'x',
      'rw',
      'rwx',
    ])
    // an empty request is no free pass
    expect([ask('', (lsm, perm) => call(lsm, perm, 0)), ask('A B x', (lsm, perm) => call(lsm, perm, 0))]).toEqual([
      -EACCES,
      0,
    ])
  },
)

test('semop and msgrcv read and write whatever they do', () => {
  expect(needs((lsm, perm) => lsm.sem_semop.ask(perm, [], 0, 0))).toBe('rw')
  const m = new Machine().rules('T B rw')
  const [queue, target, strong] = [m.ipc('B'), m.task('T'), m.task('X', { caps: [CAP_MAC_OVERRIDE] })]
  const receive = (by: typeof target, whom: typeof target): number =>
    m.as(by, () => m.lsm.msg_queue_msgrcv.ask(queue, m.message(), whom, 0, 0))
  expect([receive(m.task('X'), target), receive(target, m.task('X')), receive(strong, m.task('X'))]).toEqual([
    0,
    -EACCES,
    0,
  ])
})

test("what is made has its maker's label", () => {
  const m = new Machine()
  const secid = ref(0)
  m.lsm.ipc_getsecid.tell(m.ipc('B'), secid)
  expect(m.text(secid.value)).toBe('B')
  for (const alloc of [m.lsm.sem_alloc_security, m.lsm.msg_queue_alloc_security]) {
    const perm = m.ipc('B')
    m.by('C', () => alloc.ask(perm))
    m.lsm.ipc_getsecid.tell(perm, secid)
    expect(m.text(secid.value)).toBe('C')
  }
  expect(m.lsm.msg_msg_alloc_security.ask(m.message())).toBe(0)
})

describe('keys', () => {
  const permission = (rules: string, need: number, { label = 'B', caps = [] as readonly number[] } = {}): number => {
    const m = new Machine().rules(rules)
    const key = m.key(label)
    const task = m.task('A', { caps })
    return m.as(task, () => m.lsm.key_permission.ask({ key, possessed: false }, task.cred, need))
  }

  test.each([KEY_NEED_READ, KEY_NEED_SEARCH, KEY_NEED_VIEW])('need %i is `r`', (need) => {
    expect([permission('A B r', need), permission('A B w', need)]).toEqual([0, -EACCES])
  })

  test.each([KEY_NEED_WRITE, KEY_NEED_LINK, KEY_NEED_SETATTR])('need %i is `w`', (need) => {
    expect([permission('A B w', need), permission('A B r', need)]).toEqual([0, -EACCES])
  })

  test.each([
    KEY_NEED_UNSPECIFIED,
    KEY_NEED_UNLINK,
    KEY_SYSADMIN_OVERRIDE,
    KEY_AUTHTOKEN_OVERRIDE,
    KEY_DEFER_PERM_CHECK,
  ])('need %i is nothing', (need) => expect(permission('', need)).toBe(0))

  test('an unknown need is EINVAL, privilege skips the rest, and a cred without a label gets nothing', () => {
    expect([permission('', 99), permission('', KEY_NEED_READ, { caps: [CAP_MAC_OVERRIDE] })]).toEqual([-EINVAL, 0])
    const m = new Machine()
    const blank = m.stack.objects.cred(m.userNs)
    m.lsm.cred_alloc_blank.ask(blank, 0)
    expect(m.lsm.key_permission.ask({ key: m.key('B'), possessed: false }, blank, KEY_NEED_READ)).toBe(-EACCES)
  })

  test('getsecurity gives the label and counts its NUL', () => {
    const m = new Machine()
    const buffer = ref<string | null>(null)
    expect([m.lsm.key_getsecurity.ask(m.key('Bob'), buffer), buffer.value]).toEqual([4, 'Bob'])
    expect([m.lsm.key_getsecurity.ask(m.key(''), buffer), buffer.value]).toEqual([0, null])
  })

  test('watching needs `r`, telling the watcher needs `w`', () => {
    const m = new Machine().rules('A B r;S A w')
    const [watcher, strong] = [m.task('A'), m.task('Q', { caps: [CAP_MAC_OVERRIDE] })]
    const watch = (label: string, by = watcher): number => m.as(by, () => m.lsm.watch_key.ask(m.key(label)))
    expect([watch('B'), watch('C'), watch('C', strong)]).toEqual([0, -EACCES, 0])
    const tell = (sender: string, type = 1): number =>
      m.lsm.post_notification.ask(watcher.cred, m.task(sender).cred, { type, subtype: 0, info: 0 })
    expect([tell('S'), tell('T'), tell('T', 0)]).toEqual([0, -EACCES, 0])
    expect(m.lsm.post_notification.ask(watcher.cred, null as never, { type: 1, subtype: 0, info: 0 })).toBe(0)
  })
})
