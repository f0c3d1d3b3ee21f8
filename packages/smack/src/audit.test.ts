/** Texts of records, by kind of object, and lines of the kernel log. */
import { AF_INET, AF_INET6, AF_UNIX, KEY_NEED_READ, MAY_APPEND, MAY_READ, MAY_WRITE, SIGTERM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { ETH_P_IPV6 } from './packet.ts'
import { Machine } from './testing/machine.ts'

/** The record of what task A does, without its pid and without inode numbers. */
const record = (act: (m: Machine) => unknown, m = new Machine()): string => {
  m.as(m.task('A'), () => act(m))
  return (m.records.at(-1) ?? 'none').replace(/(pid|ino)=\d+/g, '$1=N')
}
const head = (fn: string, modes = 'r', object = 'B'): string =>
  `lsm=SMACK fn=${fn} action=denied subject="A" object="${object}" requested=${modes} pid=N comm="A"`

describe('a refusal', () => {
  test.each([
    [
      'an inode',
      (m) => m.lsm.inode_permission.ask(m.inode('B'), MAY_READ),
      `${head('smack_inode_permission')} dev="fs" ino=N`,
    ],
    [
      'a name',
      (m) => m.lsm.inode_getxattr.ask(m.dentry(m.inode('B')), 'user.x'),
      `${head('smack_inode_getxattr')} name="f" dev="fs" ino=N`,
    ],
    [
      'a path',
      (m) => m.lsm.file_open.ask(m.file(m.inode('B'))),
      `${head('smack_file_open')} path="/f" dev="fs" ino=N`,
    ],
    [
      'a task',
      (m) => m.lsm.task_kill.ask(m.task('B'), null, SIGTERM, null),
      `${head('smack_task_kill', 'w')} opid=N ocomm="B"`,
    ],
    ['a segment', (m) => m.lsm.shm_associate.ask(m.ipc('B'), 0o400), `${head('smk_curacc_shm')} ipc_key=7 `],
    [
      'a key',
      (m) => m.lsm.key_permission.ask({ key: m.key('B'), possessed: false }, m.task('A').cred, KEY_NEED_READ),
      `${head('smack_key_permission')} key_serial=42 key_desc="k"`,
    ],
    [
      'a UNIX socket',
      (m) =>
        m.lsm.unix_may_send.ask(
          m.socket(),
          m.by('B', () => m.socket(AF_UNIX)),
        ),
      head('smack_unix_may_send', 'w'),
    ],
    [
      'a packet',
      (m) =>
        m.lsm.socket_sock_rcv_skb.ask(m.by('B', () => m.socket(AF_INET)).sk, m.packet({ secmark: m.label('A') })),
      `${head('smack_socket_sock_rcv_skb', 'w')} saddr=10.0.0.9 src=1000 daddr=10.0.0.1 dest=80 netif=lo`,
    ],
    [
      'an IPv6 packet',
      (m) =>
        m.lsm.socket_sock_rcv_skb.ask(
          m.by('B', () => m.socket(AF_INET6)).sk,
          m.packet({ protocol: ETH_P_IPV6, ip_protocol: 17, saddr: '2001::1' }),
        ),
      `${head('smk_ipv6_check', 'w').replace('"A"', '"_"')} saddr=2001::1 dest=1000`,
    ],
    [
      'a host',
      (m) => {
        m.policy.ipv4Hosts.set(0x0a000000, 8, m.label('B'))
        return m.lsm.socket_connect.ask(m.socket(AF_INET), m.address(AF_INET, '10.1.1.1', 80, 16), 16)
      },
      `${head('smk_ipv4_check', 'w')} daddr=10.1.1.1 dest=80`,
    ],
    [
      'an empty request',
      (m) => m.lsm.shm_associate.ask(m.ipc('B'), 0),
      'lsm=SMACK fn=smk_curacc_shm action=denied subject="A" object="B" labels_differ pid=N comm="A" ipc_key=7 ',
    ],
  ] as const satisfies readonly (readonly [string, (m: Machine) => unknown, string])[])(
    'about %s',
    (_kind, act, expected) => {
      const text = record(act).replace(/opid=\d+/, 'opid=N')
      expect(text).toBe(expected)
    },
  )

  test("letters stand in the kernel's order, and a label with unsafe bytes would be hexadecimal", () => {
    expect(record((m) => m.lsm.inode_permission.ask(m.inode('B'), MAY_APPEND | MAY_WRITE | MAY_READ))).toContain(
      'requested=rwa ',
    )
  })
})

describe.each([
  { profile: '6.12', empty: ' labels_differ', unconfined: '(UO)', other: '' },
  { profile: '7.3', empty: ' requested=-', unconfined: '-(UO)', other: ' subj_pid=N subj_comm="C"' },
] as const)('of $profile', ({ profile, empty, unconfined, other }) => {
  const machine = () => new Machine({}, profile)
  const granted = 'lsm=SMACK fn=smk_curacc_shm action=granted subject="A" object="B"'

  test('a request of nothing', () => {
    const text = record((m) => m.lsm.shm_associate.ask(m.ipc('B'), 0), machine())
    expect(text).toContain(`object="B"${empty} pid=N comm="A"`)
    const m = machine()
    m.policy.unconfined = m.label('B')
    const trial = record(() => m.lsm.shm_associate.ask(m.ipc('B'), 0), m)
    expect(trial).toContain(`${granted} requested=${unconfined} pid=N`)
  })

  test('a message that another task takes', () => {
    const take = (m: Machine, who: Task) => m.lsm.msg_queue_msgrcv.ask(m.ipc('B'), m.message(), who, 0, 0)
    const of = 'fn=smk_tskacc_msq action=denied subject="C" object="B" requested=rw'
    expect(record((m) => take(m, m.task('C')), machine())).toContain(`${of}${other} pid=N comm="A" ipc_key`)
    expect(record((m) => take(m, m.stack.current.task), machine())).toContain('requested=rw pid=N comm="A" ipc_key')
  })
})

describe('logging', () => {
  const ask = (logging: number, rules: string): string => {
    const m = new Machine().rules(rules)
    m.policy.logging = logging
    return record((machine) => machine.lsm.inode_permission.ask(machine.inode('B'), MAY_READ), m).split(
      ' subject',
    )[0]!
  }

  test.each([
    { logging: 0, rules: '', text: 'none' },
    { logging: 1, rules: '', text: 'denied' },
    { logging: 2, rules: '', text: 'none' },
    { logging: 1, rules: 'A B r', text: 'none' },
    { logging: 2, rules: 'A B r', text: 'granted' },
    { logging: 3, rules: '', text: 'denied' },
    { logging: 0, rules: 'A B rb', text: 'granted' },
  ])('$logging under `$rules`: $text', ({ logging, rules, text }) => {
    expect(ask(logging, rules)).toContain(text)
  })
})

describe('on trial', () => {
  const trial = (rules: string, unconfined: string, act: (m: Machine) => unknown) => {
    const m = new Machine().rules(rules)
    if (unconfined !== '') m.policy.unconfined = m.label(unconfined)
    const text = record(act, m)
    return { text, log: m.log.map((line) => line.replace(/(\(fs) \d+/, '$1 N')) }
  }
  const read = (m: Machine) => m.lsm.inode_permission.ask(m.inode('B'), MAY_READ)

  test('a rule with `b`', () => {
    const { text, log } = trial('A B rb', '', read)
    expect(text).toContain('action=granted subject="A" object="B" requested=r ')
    expect(log).toEqual(['Smack Bringup: (A B r) inode=(fs N) A'])
  })

  test('an unconfined subject', () => {
    const { text, log } = trial('', 'A', read)
    expect(text).toContain('action=granted subject="A" object="B" requested=r(US) ')
    expect(log).toEqual(['Smack Unconfined Subject: (A B r) inode=(fs N) A'])
  })

  test('an unconfined object', () => {
    const { text, log } = trial('', 'B', (m) => m.lsm.shm_associate.ask(m.ipc('B'), 0))
    expect(text).toContain('requested=(UO) ')
    expect(log).toEqual(['Smack Unconfined Object: (A B -) A shm'])
  })

  test.each([
    ['a file', (m) => m.lsm.file_open.ask(m.file(m.inode('B'))), 'Smack Bringup: (A B r) file=(fs N f) A'],
    ['a task', (m) => m.lsm.task_getpgid.ask(m.task('B')), 'Smack Bringup: (A B r) A to B'],
    [
      'a connection',
      (m) =>
        m.lsm.unix_may_send.ask(
          m.socket(),
          m.by('B', () => m.socket()),
        ),
      'Smack Bringup: (A B w) UDS send',
    ],
    [
      'statfs',
      (m) => m.lsm.sb_statfs.ask(m.superBlock(0xef53, { options: 'smackfsfloor=B' }).s_root!),
      'Smack Bringup: (A B r) A statfs',
    ],
  ] as const satisfies readonly (readonly [string, (m: Machine) => unknown, string])[])(
    'of %s',
    (_kind, act, line) => {
      const m = new Machine().rules('A B rwb')
      if (line.includes('statfs')) m.as(m.idle, () => m.superBlock(0xef53))
      const task = m.task('A', { caps: line.includes('statfs') ? [33] : [] })
      m.as(task, () => act(m))
      expect(m.log.map((text) => text.replace(/(\(fs) \d+/, '$1 N'))).toEqual([line])
    },
  )

  test('what an unconfined task has written is told of ever after', () => {
    const m = new Machine().rules('C B r')
    m.policy.unconfined = m.label('A')
    const inode = m.inode('B')
    m.as(m.task('A'), () => m.lsm.inode_permission.ask(inode, MAY_WRITE))
    m.log.length = 0
    m.as(m.task('C'), () => m.lsm.inode_permission.ask(inode, MAY_READ))
    m.as(m.task('C'), () => m.lsm.file_open.ask(m.file(inode)))
    expect(m.log.map((text) => text.replace(/(\(fs) \d+/, '$1 N'))).toEqual(
      Array(2).fill('Smack Unconfined Corruption: inode=(fs N) C'),
    )
  })

  test('is nothing without bring-up', () => {
    const m = new Machine({ bringup: false }).rules('A B rb')
    expect([record(read, m), m.log]).toEqual(['none', []])
  })
})
