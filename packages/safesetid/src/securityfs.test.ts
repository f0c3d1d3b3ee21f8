import { EEXIST, EINVAL, ENOMEM, EPERM, ERANGE, KMALLOC_MAX_SIZE } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aSafeSetId } from '../test/setid.ts'

const OLD = '5:5\n'

describe.each(['uid', 'gid'] as const)('safesetid/%s_allowlist_policy', (kind) => {
  test('is where the kernel has it', () => {
    const { files, stack } = aSafeSetId()
    expect(files.find(({ name }) => name === `safesetid/${kind}_allowlist_policy`)).toMatchObject({ mode: 0o600 })
    expect(stack.pseudoFs.at(-1)).toMatchObject({ type: 'securityfs', mountPoint: '/sys/kernel/security' })
  })

  test.each([
    { text: '1:2\n2:2\n', rc: 8 },
    { text: '', rc: 0 },
    { text: '0x10:010\n8:8\n', rc: 13 },
    { text: '+1:1\n', rc: 5 },
    { text: '4294967294:4294967294\n', rc: 22 },
    { text: '1:1\n\0rubbish', rc: 12 },
    { text: '\0', rc: 1 },
    { text: '1:2', rc: -EINVAL },
    { text: '1:2\n3:4', rc: -EINVAL },
    { text: '\n', rc: -EINVAL },
    { text: '1\n', rc: -EINVAL },
    { text: ':\n', rc: -EINVAL },
    { text: '1:\n', rc: -EINVAL },
    { text: ':1\n', rc: -EINVAL },
    { text: '1:2:3\n', rc: -EINVAL },
    { text: ' 1:2\n', rc: -EINVAL },
    { text: '1 :2\n', rc: -EINVAL },
    { text: '1:2 \n', rc: -EINVAL },
    { text: '-1:2\n', rc: -EINVAL },
    { text: '08:2\n', rc: -EINVAL },
    { text: '0x:2\n', rc: -EINVAL },
    { text: '1:2\r\n', rc: -EINVAL },
    { text: '4294967295:1\n', rc: -EINVAL },
    { text: '1:4294967295\n', rc: -EINVAL },
    { text: '4294967296:1\n', rc: -ERANGE },
    { text: '1:99999999999999999999\n', rc: -ERANGE },
    { text: '1:2\n2:2\n1:2\n', rc: -EEXIST },
    { text: '1:2\n01:0x2\n', rc: -EEXIST },
    { text: '1:2\n1:2\nbad\n', rc: -EEXIST },
    { text: 'bad\n1:2\n1:2\n', rc: -EINVAL },
  ])('$text -> $rc', ({ text, rc }) => {
    const f = aSafeSetId()
    expect(f.write(kind, OLD)).toBe(OLD.length)
    expect(f.write(kind, text)).toBe(rc)
    expect(f.shown(kind)).toBe(rc < 0 ? OLD : text.replace(/\0[^]*$/, ''))
  })

  test('a new policy replaces the old one whole', () => {
    const f = aSafeSetId()
    f.write(kind, '1000:1001\n1001:1001\n')
    f.write(kind, '2000:2000\n')
    const change = kind === 'uid' ? f.setuid : f.setgid
    expect(change([1000], [9]).rc).toBe(0)
    expect(change([2000], [9]).rc).toBeLessThan(0)
    expect(f.write(kind, '')).toBe(0)
    expect(change([2000], [9]).rc).toBe(0)
  })

  test('a way out is closed and told of, and the text stays', () => {
    const f = aSafeSetId()
    const text = '1000:1001\n'
    expect(f.write(kind, text)).toBe(text.length)
    expect(f.shown(kind)).toBe(text)
    expect(f.log).toEqual([
      `SafeSetID: insecure policy detected: ${kind} 1000 is constrained but transitively unconstrained through ` +
      `${kind} 1001`,
    ])
    const change = kind === 'uid' ? f.setuid : f.setgid
    expect(change([1001], [1001]).rc).toBe(0)
    expect(change([1001], [1002]).rc).toBeLessThan(0)
  })

  test('who opened it needs CAP_MAC_ADMIN in the initial namespace; who writes does not', () => {
    const f = aSafeSetId()
    const user = f.build.aTask({ uid: 1000 })
    const own = f.build.aUserNamespace({ parent: f.root.cred.user_ns, owner: 1000 })
    const contained = f.build.aTask({ uid: 1000, euid: 0, user_ns: own })
    expect(f.write(kind, '1:1\n', { opener: user })).toBe(-EPERM)
    expect(f.write(kind, '1:1\n', { opener: contained })).toBe(-EPERM)
    expect(f.write(kind, 'rubbish', { opener: user, pos: 1 })).toBe(-EPERM)
    f.stack.current.task = user
    expect(f.write(kind, '1:1\n')).toBe(4)
  })

  test('only a write at the beginning is one', () => {
    expect(aSafeSetId().write(kind, '1:1\n', { pos: 1 })).toBe(-EINVAL)
  })

  test('what is too long, and what there is no room for', () => {
    const f = aSafeSetId()
    const long = `1:1\n\0${'x'.repeat(KMALLOC_MAX_SIZE - 5)}`
    expect(f.write(kind, long)).toBe(-EINVAL)
    expect(f.write(kind, long.slice(1))).toBe(-EINVAL)
    expect(f.write(kind, long.slice(0, -1))).toBe(KMALLOC_MAX_SIZE - 1)
    let held = 0
    f.setHost({ charge: (bytes) => held + bytes <= 1000 && ((held += bytes), true) })
    const flood = Array.from({ length: 100 }, (_, id) => `${id}:${id}\n`).join('')
    expect(f.write(kind, flood)).toBe(-ENOMEM)
    expect(f.shown(kind)).toBe('1:1\n')
    expect(f.write(kind, '2:2\n')).toBe(4)
  })
})

test('what is charged is given back', () => {
  const f = aSafeSetId()
  let held = 0
  f.setHost({ charge: (bytes) => ((held += bytes), true) })
  f.write('uid', '1:2\n')
  f.write('gid', '1:1\n')
  expect(held).toBe(4 + 2 * 8 + 4 + 8)
  f.write('uid', '')
  f.write('gid', '')
  expect(held).toBe(0)
})
