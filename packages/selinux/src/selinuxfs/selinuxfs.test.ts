/** The files of selinuxfs: what each takes, answers and checks; a load that fails changes nothing. */
import { EACCES, EBUSY, EINVAL, ENOMEM, EPERM } from '@lsmkit/abi'
import type { PseudoFile, PseudoIo } from '@lsmkit/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { bytes, domain, Machine, object } from '../testing/machine.ts'
import { testPolicy } from '../testing/policy.ts'

const policy = testPolicy(`(boolean flag false) (booleanif flag (true (allow n_t o_t (file (read)))))
  (typetransition a_t d_t file "résumé" anon_t)`)
let m: Machine
beforeEach(() => {
  m = new Machine({ policy })
})

const find = (name: string): PseudoFile => {
  const tree = m.stack.pseudoFs.find(({ type }) => type === 'selinuxfs')!
  const file = tree.files().find((one) => one.name === name)
  if (file === undefined) throw new Error(`no file ${name}`)
  return file
}
const open = (): PseudoIo => ({ file: m.build.aFile(), pos: 0, answer: null, state: null })
const text = (value: string | Uint8Array | number): string | number =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : value
const read = (name: string): string | number => text(find(name).read!(open()))
const write = (name: string, what: string | Uint8Array): number =>
  find(name).write!(open(), typeof what === 'string' ? bytes(what) : what)
/** A question and its answer on one open file. */
const ask = (name: string, question: string): string | number => {
  const [io, file] = [open(), find(name)]
  const rc = file.write!(io, bytes(question))
  return rc < 0 ? rc : text(file.read!(io))
}
const classOf = (name: string): string => String(read(`class/${name}/index`))

describe('questions', () => {
  test('access: hexadecimal sets, the sequence number, and whether the domain is permissive', () => {
    const answer = ask('access', `${domain('x_t')} ${object('o_t')} ${classOf('fd')}`)
    expect(answer).toBe('1 ffffffff 0 ffffffff 1 0')
  })

  test('create, with a name too; relabel, member, user, context', () => {
    const pair = `${domain('a_t')} ${object('d_t')} ${classOf('file')}`
    expect(ask('create', pair)).toBe(`${object('o_t')}\0`)
    expect(ask('create', `${pair} special`)).toBe(`${object('anon_t')}\0`)
    expect(ask('create', `${pair} sp%65cial`)).toBe(`${object('anon_t')}\0`)
    expect([ask('create', `${pair} sp%zz`), ask('create', pair.replace(/ \d+$/, ' -1'))]).toEqual([-EINVAL, -EINVAL])
    for (const name of [' special%00zz%zz', 'special', ' r%C3%A9sum%c3%a9']) {
      expect(ask('create', `${pair}${name}`)).toBe(`${object('anon_t')}\0`)
    }
    expect([ask('relabel', pair), ask('member', pair)]).toEqual([`${object('d_t')}\0`, `${object('d_t')}\0`])
    expect(ask('context', domain('a_t'))).toBe(`${domain('a_t')}\0`)
  })

  test('user: how many, in decimal, and each', () => {
    const [count, ...contexts] = String(ask('user', `${domain('a_t')} u`)).split('\0')
    expect(contexts.pop()).toBe('')
    expect(contexts.length).toBeGreaterThan(9)
    expect(count).toBe(String(contexts.length))
  })

  test.each([
    ['access', 'u:r:a_t:s0 u:r:a_t:s0'], ['access', 'u:r:nobody_t:s0 u:r:a_t:s0 1'], ['context', 'nonsense'],
    ['user', 'x'],
  ])('%s %s is none', (name, question) => {
    expect(ask(name, question)).toBe(-EINVAL)
  })

  test('one a descriptor', () => {
    const [io, file] = [open(), find('context')]
    expect([file.write!(io, bytes(domain('a_t'))), file.write!(io, bytes('x'))]).toEqual([domain('a_t').length, -EBUSY])
  })

  test('validatetrans', () => {
    const question = `${object('o_t')} ${object('d_t')} ${classOf('file')} ${domain('a_t')}`
    expect([write('validatetrans', question), write('validatetrans', 'x')]).toEqual([question.length, -EINVAL])
    expect([-EPERM, question.length]).toContain(write('validatetrans', question))
  })

  test('need the right to ask', () => {
    expect(m.checks('n_t', () => void ask('context', domain('a_t'))))
      .toEqual(['DENIED n_t unlabeled_t security { check_context }'])
  })
})

describe('modes', () => {
  test('enforce', () => {
    const inode = m.label(m.build.anInode(), 'o_t')
    const permitted = (): number => m.as('n_t', () => m.lsm.inode_permission.ask(inode, 4))
    expect([read('enforce'), permitted()]).toEqual(['1', -EACCES])
    expect(write('enforce', '0\n')).toBe(2)
    expect([read('enforce'), permitted()]).toEqual(['0', 0])
    expect(write('enforce', '1')).toBe(1)
    expect(permitted()).toBe(-EACCES)
    expect(m.others).toEqual([
      'enforcing=0 old_enforcing=1 auid=4294967295 ses=4294967295 enabled=1 old-enabled=1 lsm=selinux res=1',
      'enforcing=1 old_enforcing=0 auid=4294967295 ses=4294967295 enabled=1 old-enabled=1 lsm=selinux res=1',
    ])
    expect(m.as('n_t', () => write('enforce', '0'))).toBe(-EACCES)
    expect(write('enforce', 'x')).toBe(-EINVAL)
  })

  test('booleans take effect when they are committed', () => {
    const inode = m.label(m.build.anInode(), 'o_t')
    const permitted = (): number => m.as('n_t', () => m.lsm.inode_permission.ask(inode, 4))
    expect([read('booleans/flag'), write('booleans/flag', '1'), read('booleans/flag'), permitted()])
      .toEqual(['0 0', 1, '0 1', -EACCES])
    expect([write('commit_pending_bools', '1'), read('booleans/flag'), permitted()]).toEqual([1, '1 1', 0])
    expect(m.others).toEqual(['bool=flag val=1 old_val=0 auid=4294967295 ses=4294967295'])
  })

  test('numbers', () => {
    expect([read('policyvers'), read('mls'), read('deny_unknown'), read('reject_unknown'), read('checkreqprot')])
      .toEqual(['33', '1', '1', '0', '0'])
    expect([read('policy_capabilities/open_perms'), read('policy_capabilities/ioctl_skip_cloexec')]).toEqual(['1', '0'])
    expect([read('class/file/perms/ioctl'), read('initial_contexts/kernel')]).toEqual(['1', 'u:r:kernel_t:s0\0'])
    expect([write('checkreqprot', '1'), write('disable', '1')]).toEqual([1, 1])
    expect([write('disable', new Uint8Array(5000)), write('checkreqprot', '+1'), write('checkreqprot', 'x')])
      .toEqual([5000, -EINVAL, -EINVAL])
    expect(m.log).toEqual([
      'SELinux: swapper (0) set checkreqprot to 1. This is no longer supported.',
      'SELinux: swapper (0) wrote to disable. This is no longer supported.',
    ])
  })

  test.each([
    ['checkreqprot', 'setcheckreqprot'], ['avc/cache_threshold', 'setsecparam'], ['validatetrans', 'validate_trans'],
  ])('%s asks who writes before it looks at what', (name, perm) => {
    expect(m.checks('n_t', () => write(name, new Uint8Array(5000))))
      .toEqual([`DENIED n_t unlabeled_t security { ${perm} }`, -EACCES])
  })

  test.each(['enforce', 'booleans/flag', 'commit_pending_bools'])('%s takes one piece of less than a page', (name) => {
    const io = { ...open(), pos: 1 }
    expect([write(name, new Uint8Array(4096)), find(name).write!(io, bytes('1')), write(name, '+1')])
      .toEqual([-ENOMEM, -EINVAL, -EINVAL])
  })

  test('the file of a boolean that went with its policy is of no use, and no hindrance', () => {
    const stale = find('booleans/flag')
    expect(write('load', testPolicy())).toBeGreaterThan(0)
    expect([stale.write!(open(), bytes('1')), stale.read!(open()), write('commit_pending_bools', '1')])
      .toEqual([-EINVAL, -EINVAL, 1])
  })

  test('status is a page of five words that counts from its first open on', () => {
    write('load', policy)
    const words = (): number[] => [...new Uint32Array((find('status').read!(open()) as Uint8Array).buffer)]
    expect(words()).toEqual([1, 0, 1, 0, 1])
    write('enforce', '0')
    expect(words()).toEqual([1, 2, 0, 0, 1])
    write('load', policy)
    expect(words()).toEqual([1, 4, 0, 3, 1])
    write('commit_pending_bools', '1')
    expect(words()).toEqual([1, 6, 0, 4, 1])
  })

  test('statistics of the cache', () => {
    expect(write('avc/cache_threshold', '64')).toBe(2)
    expect(read('avc/cache_threshold')).toBe('64')
    expect([write('avc/cache_threshold', '4294967295'), read('avc/cache_threshold')]).toEqual([10, '4294967295'])
    expect([write('avc/cache_threshold', '64'), write('avc/cache_threshold', '-1')]).toEqual([2, -EINVAL])
    expect(read('avc/cache_stats')).toMatch(/^lookups hits misses allocations reclaims frees\n\d+ \d+ \d+ \d+ \d+ \d+\n$/)
    expect(read('avc/hash_stats')).toMatch(/^entries: \d+\nbuckets used: \d+\/32\nlongest chain: \d+\n$/)
  })
})

describe('the policy', () => {
  test('is given back as it was when it was opened, to any number of readers', () => {
    const [first, second] = [open(), open()]
    const file = find('policy')
    expect([file.open!(first), write('load', testPolicy()), file.open!(second)])
      .toEqual([0, testPolicy().length, 0])
    expect(file.read!(first)).toEqual(policy)
    expect(file.read!(second)).toEqual(testPolicy())
  })

  test('a load looks at where and how much is written, then at who writes', () => {
    expect(m.checks('n_t', () => write('load', ''))).toEqual([-EINVAL])
    expect(m.checks('n_t', () => write('load', 'x')))
      .toEqual(['DENIED n_t unlabeled_t security { load_policy }', -EACCES])
  })

  test('a load is recorded, and open questions start anew', () => {
    expect(write('load', policy)).toBe(policy.length)
    expect(m.others).toEqual(['auid=4294967295 ses=4294967295 lsm=selinux res=1'])
    expect(ask('access', `${domain('x_t')} ${object('o_t')} ${classOf('fd')}`)).toBe('1 ffffffff 0 ffffffff 2 0')
  })

  test.each([
    ['nothing', new Uint8Array(0)], ['zeroes', new Uint8Array(64)],
    ['half of it', policy.subarray(0, policy.length >> 1)],
  ])(
    '%s is refused, and the old one decides as before', (_name, image) => {
      const inode = m.label(m.build.anInode(), 'o_t')
      expect(write('load', image)).toBe(-EINVAL)
      expect(['n_t', 'a_t'].map((type) => m.as(type, () => m.lsm.inode_permission.ask(inode, 4))))
        .toEqual([-EACCES, 0])
    },
  )
})
