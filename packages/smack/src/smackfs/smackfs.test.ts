/** Every file: who may write it, from where, how much, and what it gives to read. */
import { CAP_MAC_ADMIN, EBUSY, EFBIG, EINVAL, ENOMEM, EOVERFLOW, EPERM, ERANGE, SMACK_MAGIC } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { Machine } from '../testing/machine.ts'

const adminFiles = [
  'load',
  'load2',
  'change-rule',
  'revoke-subject',
  'cipso',
  'cipso2',
  'netlabel',
  'ipv6host',
  'direct',
  'mapped',
  'doi',
  'ptrace',
  'logging',
  'ambient',
  'syslog',
  'unconfined',
  'onlycap',
  'relabel-self',
]
const taskFiles = ['load-self', 'load-self2', 'access', 'access2']
const fixed = (subject: string, object: string, modes: string): string =>
  subject.padEnd(24) + object.padEnd(24) + modes

/** A write that the file takes. */
const good: Readonly<Record<string, string>> = {
  load: fixed('A', 'B', 'rwxa'),
  load2: 'A B r',
  'change-rule': 'A B r -',
  'revoke-subject': 'A',
  cipso: `${'A'.padEnd(24)}1   0   `,
  cipso2: 'A 1   0   ',
  netlabel: '10.0.0.0/8 A',
  ipv6host: '1:2:3:4:5:6:7:8 A',
  direct: '1',
  mapped: '1',
  doi: '1',
  ptrace: '1',
  logging: '1',
  ambient: 'A',
  syslog: 'A',
  unconfined: 'A',
  onlycap: 'A',
  'relabel-self': 'A',
  'load-self': fixed('A', 'B', 'rwxa'),
  'load-self2': 'A B r',
  access: fixed('A', 'B', 'rwxatl'),
  access2: 'A B r',
}

const tree = (m: Machine) => m.stack.pseudoFs.find(({ type }) => type === 'smackfs')!

describe('the tree', () => {
  test('is mounted at /sys/fs/smackfs and has these files', () => {
    const { magic, mountPoint, files } = tree(new Machine())
    expect([magic, mountPoint]).toEqual([SMACK_MAGIC, '/sys/fs/smackfs'])
    const modes = Object.fromEntries(files().map(({ name, mode }) => [name, mode]))
    const expected = [...adminFiles.map((name) => [name, 0o644]), ...taskFiles.map((name) => [name, 0o666])]
    expect(modes).toEqual({ ...Object.fromEntries(expected), 'relabel-self': 0o666 })
  })

  test('has no unconfined without bring-up', () => {
    expect(
      tree(new Machine({ bringup: false }))
        .files()
        .map(({ name }) => name),
    ).not.toContain('unconfined')
  })
})

describe.each(adminFiles)('%s', (name) => {
  test('needs CAP_MAC_ADMIN, and nothing changes without it', () => {
    const m = new Machine()
    const before = tree(m)
      .files()
      .map((file) => m.read(file.name))
    expect(m.as(m.task('A'), () => m.write(name, good[name]!))).toBe(-EPERM)
    expect(
      tree(m)
        .files()
        .map((file) => m.read(file.name))
        .filter((_, i) => !/cipso/.test(tree(m).files()[i]!.name)),
    ).toEqual(before.filter((_, i) => !/cipso/.test(tree(m).files()[i]!.name)))
  })

  test('takes a write from who has it, unless onlycap leaves the label out', () => {
    const m = new Machine()
    const task = m.task('A', { caps: [CAP_MAC_ADMIN] })
    expect(m.as(task, () => m.write(name, good[name]!))).toBe(good[name]!.length)
    m.policy.onlycap = [m.label('Z')]
    expect(m.as(task, () => m.write(name, good[name]!))).toBe(-EPERM)
  })

  test('root of a user namespace below has no privilege', () => {
    const m = new Machine()
    const task = m.task('A', { caps: [CAP_MAC_ADMIN], user_ns: m.childNs() })
    expect(m.as(task, () => m.write(name, good[name]!))).toBe(-EPERM)
  })

  test('kernel threads always may', () => {
    const m = new Machine()
    m.policy.onlycap = [m.label('Z')]
    const thread = m.task('A', { kernelThread: true })
    expect(m.as(thread, () => m.write(name, good[name]!))).toBe(good[name]!.length)
  })
})

test.each(taskFiles)('%s needs no privilege', (name) => {
  const m = new Machine()
  expect(m.as(m.task('A'), () => m.write(name, good[name]!))).toBe(good[name]!.length)
})

test.each([
  'load',
  'load2',
  'change-rule',
  'revoke-subject',
  'cipso',
  'cipso2',
  'netlabel',
  'ipv6host',
  'load-self',
  'load-self2',
  'relabel-self',
])('%s is written from its start only', (name) => {
  const m = new Machine()
  const { io, write } = m.open(name)
  io.pos = 1
  expect(write(good[name]!)).toBe(-EINVAL)
})

test('revoke-subject looks at the place before it looks at privilege', () => {
  const m = new Machine()
  const { io, write } = m.open('revoke-subject')
  io.pos = 1
  expect(m.as(m.task('A'), () => write('A'))).toBe(-EINVAL)
})

test.each(['doi', 'direct', 'mapped', 'ptrace', 'logging', 'ambient', 'syslog', 'unconfined', 'onlycap'])(
  '%s is written anywhere',
  (name) => {
    const m = new Machine()
    const { io, write } = m.open(name)
    io.pos = 1
    expect(write(good[name]!)).toBe(good[name]!.length)
  },
)

/** Sizes and values that are refused, by file. */
test.each([
  { file: 'load', text: fixed('A', 'B', 'rwx'), rc: -EINVAL },
  { file: 'load', text: fixed('A', 'B', 'rwxatlb'), rc: -EINVAL },
  { file: 'load', text: fixed('-A', 'B', 'rwxa'), rc: -EINVAL },
  { file: 'load', text: `${' '.repeat(24)}${'B'.padEnd(24)}rwxa`, rc: -EINVAL },
  { file: 'load2', text: '', rc: 0 },
  { file: 'load2', text: '\n', rc: -EINVAL },
  { file: 'load2', text: '\0A B r', rc: -EINVAL },
  { file: 'load2', text: `${'x'.repeat(256)} B r`, rc: -EINVAL },
  { file: 'load2', text: 'x'.repeat(5000), rc: -EINVAL },
  { file: 'change-rule', text: 'A B r', rc: -EINVAL },
  { file: 'revoke-subject', text: '', rc: -EINVAL },
  { file: 'revoke-subject', text: '/', rc: -EINVAL },
  { file: 'revoke-subject', text: 'x'.repeat(257), rc: -EINVAL },
  { file: 'cipso', text: `${'A'.padEnd(24)}1   0  `, rc: -EINVAL },
  { file: 'cipso', text: `${'A'.padEnd(24)}1   2   1   `, rc: -EINVAL },
  { file: 'cipso', text: 'x'.repeat(769), rc: -EINVAL },
  { file: 'cipso2', text: 'A', rc: -EOVERFLOW },
  { file: 'cipso2', text: 'A 1', rc: -EOVERFLOW },
  { file: 'cipso2', text: 'A 256 0   ', rc: -EINVAL },
  { file: 'cipso2', text: 'A 1   185 ', rc: -EINVAL },
  { file: 'cipso2', text: 'A 1   1   185 ', rc: -EINVAL },
  { file: 'cipso2', text: 'A 1   2   1   ', rc: -EINVAL },
  { file: 'cipso2', text: 'A 1   2   1', rc: -EOVERFLOW },
  { file: 'cipso2', text: 'x'.repeat(4097), rc: -EINVAL },
  { file: 'netlabel', text: '1.2.3.4X', rc: -EINVAL },
  { file: 'netlabel', text: '10.0.0.0/33 A', rc: -EINVAL },
  { file: 'netlabel', text: '10.0.0.0/8 -DELETE', rc: -EINVAL },
  { file: 'netlabel', text: `1.2.3.4 ${'x'.repeat(4088)}`, rc: -EINVAL },
  { file: 'ipv6host', text: '1:2:3:4:5:6:7:8/129 A', rc: -EINVAL },
  { file: 'ipv6host', text: '1:2:3:4:5:6:7:8/64', rc: -EINVAL },
  { file: 'ipv6host', text: '1:2:3:4:5:6:7:8 -CIPSO', rc: -EINVAL },
  { file: 'direct', text: '256', rc: -ERANGE },
  { file: 'doi', text: '0', rc: -EINVAL },
  { file: 'ptrace', text: '3', rc: -EINVAL },
  { file: 'ptrace', text: '-1', rc: -EINVAL },
  { file: 'logging', text: '4', rc: -EINVAL },
  { file: 'ambient', text: '', rc: -EINVAL },
  { file: 'ambient', text: 'x'.repeat(4097), rc: -EINVAL },
  { file: 'syslog', text: '-', rc: -EINVAL },
  { file: 'unconfined', text: 'x'.repeat(4097), rc: -EINVAL },
  { file: 'onlycap', text: 'x'.repeat(4097), rc: -EINVAL },
  { file: 'onlycap', text: '_ -x', rc: -EINVAL },
  { file: 'relabel-self', text: '', rc: -EINVAL },
  { file: 'relabel-self', text: ' '.repeat(4097), rc: -EINVAL },
])('$file: `$text`', ({ file, text, rc }) => {
  const m = new Machine()
  // a label that was made stays, and cipso lists all of them
  const contents = (): unknown => (file.startsWith('cipso') ? null : m.read(file))
  const before = contents()
  expect(m.write(file, text)).toBe(rc)
  expect(contents()).toBe(before)
})

describe('load2', () => {
  test('of a page or more it takes whole lines, and says how much', () => {
    const m = new Machine()
    const line = 'A B r\n'
    const text = line.repeat(700)
    expect(m.write('load2', text)).toBe(Math.floor(4095 / line.length) * line.length)
    expect(m.write('load2', 'C D r'.padEnd(4095))).toBe(4095)
    expect(m.write('load2', `${'E F r'.padEnd(4095)}\n`)).toBe(-EINVAL)
  })

  test('rules in front of a mistake are in force', () => {
    const m = new Machine()
    expect(m.write('load2', 'A B r C D w -E F x G H r')).toBe(-EINVAL)
    expect(m.read('load2')).toBe('C D w\nA B r\n')
  })

  test('a no-break space of Latin-1 separates', () => {
    const m = new Machine()
    expect(m.write('load2', 'A\u00a0B\u00a0r')).toBe(5)
    expect(m.read('load2')).toBe('A B r\n')
  })

  test('a flood of labels or rules ends with ENOMEM, and all that is there still works', () => {
    const m = new Machine({ maxLabels: 3, maxRules: 2 })
    expect(m.write('load2', 'A B r\nA C r\n')).toBe(12)
    expect(m.write('load2', 'A D r')).toBe(-ENOMEM)
    expect(m.write('load2', 'B A r')).toBe(-ENOMEM)
    expect(m.write('load2', 'A B w')).toBe(5)
    expect(m.read('load2')).toBe('A C r\nA B w\n')
    expect(m.write('onlycap', '_ D')).toBe(-ENOMEM)
    expect(m.write('unconfined', 'D')).toBe(-ENOMEM)
  })
})

describe('load-self2', () => {
  test("is the task's own, and goes along with a fork", () => {
    const m = new Machine()
    const task = m.task('A')
    m.as(task, () => m.write('load-self2', 'A B r C D w'))
    expect(m.read('load-self2')).toBe('')
    expect(m.as(task, () => m.read('load-self2'))).toBe('C D w\nA B r\n')
    const child = m.task('A')
    child.cred = child.real_cred = m.copyCred(task.cred)
    m.as(task, () => m.write('load-self2', 'A B -'))
    expect(m.as(child, () => m.read('load-self2'))).toBe('A B r\nC D w\n')
  })

  test('is bounded for each task', () => {
    const m = new Machine({ maxSelfRules: 1 })
    expect(m.as(m.task('A'), () => m.write('load-self2', 'A B r A C r'))).toBe(-ENOMEM)
  })
})

describe('access2', () => {
  test('one question a descriptor', () => {
    const m = new Machine().rules('A B r')
    const { write, read } = m.open('access2')
    expect([write('A B r'), read(), write('A B w'), read()]).toEqual([5, '1\0', -EBUSY, '1\0'])
  })

  test('what is no question uses the descriptor up too', () => {
    const { write, read } = new Machine().open('access2')
    expect([write('A'), write('A B r'), read()]).toEqual([-EINVAL, -EBUSY, ''])
  })

  test('a page is too much, and uses nothing up', () => {
    const m = new Machine().rules('A B r')
    const { write, read } = m.open('access2')
    expect([write('A B r'.padEnd(4088)), write('A B r'.padEnd(4087)), read()]).toEqual([-EFBIG, 4087, '1\0'])
  })

  test('labels are looked up and not made', () => {
    const m = new Machine()
    const { write, read } = m.open('access2')
    expect([write('New _ r'), read(), m.policy.labels.find('New')]).toEqual([7, '0\0', 0])
    expect(m.write('access2', 'New -x r')).toBe(8)
  })

  test('access takes 54 bytes and answers that it has', () => {
    const m = new Machine().rules('A B rwxatl')
    const { write, read } = m.open('access')
    expect([write(`${fixed('A', 'B', 'rwxatl')}b`), read()]).toEqual([54, '0\0'])
    const second = m.open('access')
    expect([second.write(fixed('A', 'B', 'rwxat-')), second.read()]).toEqual([54, '1\0'])
  })
})

describe('values', () => {
  test('are given whole or not at all', () => {
    const m = new Machine()
    m.write('ambient', 'ABC')
    expect([m.open('ambient').read(4), m.open('ambient').read(3)]).toEqual(['ABC\0', -EINVAL])
    expect([m.open('unconfined').read(1), m.open('unconfined').read(0)]).toEqual(['\0', -EINVAL])
    expect(m.open('syslog').read(2)).toBe('*\0')
  })

  test('unconfined is unset by what is not a label', () => {
    const m = new Machine()
    m.write('unconfined', 'A')
    expect(m.read('unconfined')).toBe('A\0')
    expect(m.write('unconfined', '-confine')).toBe(8)
    expect(m.read('unconfined')).toBe('\0')
  })

  test('onlycap is cleared by what is not a label in the first place, and by nothing', () => {
    const m = new Machine()
    m.write('onlycap', '_ A  B')
    expect(m.read('onlycap')).toBe('B A _ ')
    expect([m.write('onlycap', '-x _'), m.read('onlycap')]).toEqual([4, ''])
    m.write('onlycap', '_')
    expect([m.write('onlycap', ''), m.read('onlycap')]).toEqual([0, ''])
  })

  test('labels of 24 bytes and more are shown by load2 and cipso2 only', () => {
    const m = new Machine()
    const [short, long] = ['s'.repeat(23), 'l'.repeat(24)]
    m.write('load2', `${short} ${short} r ${long} ${short} r ${short} ${long} r`)
    expect(m.read('load')).toBe(`${short} ${short} r\n`)
    expect(String(m.read('load2')).split('\n')).toHaveLength(4)
    expect(String(m.read('cipso'))).not.toContain(long)
    expect(String(m.read('cipso2'))).toContain(long)
  })

  test('-CIPSO is shown, -DELETE is not', () => {
    const m = new Machine()
    m.write('netlabel', '10.0.0.0/8 -CIPSO')
    m.write('ipv6host', '1:2:3:4:5:6:7:8 A')
    m.write('ipv6host', '1:2:3:4:5:6:7:8 -DELETE')
    expect([m.read('netlabel'), m.read('ipv6host')]).toEqual(['10.0.0.0/8 -CIPSO\n', ''])
  })
})

test("relabel-self turns the order of the task's own rules, as every copy of a cred does", () => {
  const m = new Machine()
  const task = m.root('A')
  m.as(task, () => {
    m.write('load-self2', 'A B r A C r')
    m.write('relabel-self', 'B C')
    expect([m.read('load-self2'), m.read('relabel-self')]).toEqual(['A B r\nA C r\n', 'C B '])
  })
})
