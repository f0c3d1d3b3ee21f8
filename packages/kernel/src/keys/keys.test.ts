/** Keys and keyrings beside what security/keys promises: permissions, possession, searches, quotas, ends. */
import {
  CLONE_NEWUSER, EACCES, EDEADLK, EDQUOT, EEXIST, EFAULT, EINVAL, EKEYEXPIRED, EKEYREJECTED, EKEYREVOKED, ELOOP, ENODEV,
  ENOENT, ENOKEY, ENOTDIR, EOPNOTSUPP, EPERM, KEY_POS_ALL, KEY_REQKEY_DEFL_NO_CHANGE, KEY_REQKEY_DEFL_THREAD_KEYRING,
  KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_REQUESTOR_KEYRING, KEY_SPEC_SESSION_KEYRING, KEY_SPEC_THREAD_KEYRING,
  KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEY_USR_ALL, KEYCTL_ASSUME_AUTHORITY, KEYCTL_CAPABILITIES,
  KEYCTL_CHOWN, KEYCTL_CLEAR, KEYCTL_DESCRIBE, KEYCTL_GET_KEYRING_ID, KEYCTL_GET_PERSISTENT, KEYCTL_GET_SECURITY,
  KEYCTL_INSTANTIATE, KEYCTL_INVALIDATE, KEYCTL_JOIN_SESSION_KEYRING, KEYCTL_LINK, KEYCTL_MOVE, KEYCTL_MOVE_EXCL,
  KEYCTL_READ, KEYCTL_REJECT, KEYCTL_RESTRICT_KEYRING, KEYCTL_REVOKE, KEYCTL_SEARCH, KEYCTL_SESSION_TO_PARENT,
  KEYCTL_SET_REQKEY_KEYRING, KEYCTL_SET_TIMEOUT, KEYCTL_SETPERM, KEYCTL_UNLINK, KEYCTL_UPDATE, O_RDONLY, AT_FDCWD,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)

const world = (options: Parameters<typeof bootForTest>[0] = {}) => {
  let seconds = 1000
  const boot = bootForTest({ clock: () => seconds * 1000, ...options })
  const { sys, init } = boot
  const add = (task: Task, name: string, ring = KEY_SPEC_PROCESS_KEYRING, payload = 'pay'): number =>
    sys.add_key(task, 'user', name, bytes(payload), payload.length, ring)
  const ring = (task: Task, name: string, into = KEY_SPEC_PROCESS_KEYRING): number =>
    sys.add_key(task, 'keyring', name, null, 0, into)
  const ctl = (task: Task, option: number, a: unknown = 0, b: unknown = 0, c: unknown = 0, d: unknown = 0): number =>
    sys.keyctl(task, option, a as number, b as number, c as number, d as number)
  const read = (task: Task, key: number): string | number => {
    const buf = new Uint8Array(64)
    const n = ctl(task, KEYCTL_READ, key, buf, 64)
    return n < 0 ? n : text(buf.subarray(0, n))
  }
  const file = (task: Task, path: string): string => {
    const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
    const buf = new Uint8Array(8192)
    const n = sys.read(task, fd, buf)
    sys.close(task, fd)
    return text(buf.subarray(0, n))
  }
  const pass = (more: number): void => {
    seconds += more
  }
  return { ...boot, init, add, ring, ctl, read, file, pass }
}

describe('add_key', () => {
  test.each([
    { type: 'user', name: 'k', payload: 'x', rc: 1, why: 'made' },
    { type: 'user', name: 'k', payload: '', rc: -EINVAL, why: 'without payload' },
    { type: 'user', name: null, payload: 'x', rc: -EINVAL, why: 'without description' },
    { type: 'user', name: '', payload: 'x', rc: -EINVAL, why: 'an empty description' },
    { type: 'user', name: 'd'.repeat(4096), payload: 'x', rc: -EINVAL, why: 'longer than a page' },
    { type: 'logon', name: 'k', payload: 'x', rc: -EINVAL, why: 'a logon key without its service' },
    { type: 'logon', name: ':k', payload: 'x', rc: -EINVAL, why: 'a logon key of an empty service' },
    { type: 'logon', name: 's:k', payload: 'x', rc: 1, why: 'a logon key' },
    { type: 'keyring', name: 'r', payload: '', rc: 1, why: 'a keyring' },
    { type: 'keyring', name: 'r', payload: 'x', rc: -EINVAL, why: 'a keyring has no payload' },
    { type: 'keyring', name: '.r', payload: '', rc: -EPERM, why: 'keyrings with a dot are the kernel\'s' },
    { type: '.request_key_auth', name: 'k', payload: 'x', rc: -EPERM, why: 'types with a dot are the kernel\'s' },
    { type: 'nothing', name: 'k', payload: 'x', rc: -ENODEV, why: 'an unknown type' },
    { type: '', name: 'k', payload: 'x', rc: -EINVAL, why: 'no type' },
    { type: 't'.repeat(32), name: 'k', payload: 'x', rc: -EINVAL, why: 'too long a type' },
    { type: null, name: 'k', payload: 'x', rc: -EFAULT, why: 'a null type' },
  ])('$why: $rc', ({ type, name, payload, rc }) => {
    const { sys, init } = world()
    const got = sys.add_key(init, type, name, bytes(payload), payload.length, KEY_SPEC_PROCESS_KEYRING)
    expect(Math.min(got, 1)).toBe(rc)
  })

  test('the same description is the same key with a new payload', () => {
    const { init, add, read } = world()
    const key = add(init, 'k')
    expect([add(init, 'k', KEY_SPEC_PROCESS_KEYRING, 'newer'), read(init, key)]).toEqual([key, 'newer'])
  })

  test('a keyring of the same description is another keyring in its place', () => {
    const { init, ring, ctl } = world()
    const first = ring(init, 'r')
    expect(ring(init, 'r')).not.toBe(first)
    expect(ctl(init, KEYCTL_DESCRIBE, first)).toBe(-ENOKEY)
  })

  test('only into a keyring, of which the caller may write', () => {
    const { sys, init, fork, add, ctl } = world()
    const key = add(init, 'k')
    expect(add(init, 'l', key)).toBe(-ENOTDIR)
    expect(add(init, 'l', 12345678)).toBe(-ENOKEY)
    const user = fork(init, 1000)
    expect(add(user, 'l', ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING))).toBe(-EACCES)
    expect(sys.add_key(init, 'user', 'k', null, 5, KEY_SPEC_PROCESS_KEYRING)).toBe(-EFAULT)
  })
})

describe('who may use a key', () => {
  test('its possessor by possession, its owner by owning it', () => {
    const { init, fork, add, ctl, read } = world()
    const key = add(init, 'k')
    expect(read(init, key)).toBe('pay')
    const other = fork()
    // the same uid, but nothing leads to the key: viewing is the owner's right, reading is not
    expect(ctl(other, KEYCTL_DESCRIBE, key)).toBeGreaterThan(0)
    expect(read(other, key)).toBe(-EACCES)
    ctl(init, KEYCTL_SETPERM, key, KEY_POS_ALL | KEY_USR_ALL)
    expect(read(other, key)).toBe('pay')
    expect(read(fork(init, 1000), key)).toBe(-EACCES)
  })

  test('what may be searched may be read', () => {
    const { init, add, ctl, read } = world()
    const key = add(init, 'k')
    ctl(init, KEYCTL_SETPERM, key, 0x08000000)
    expect(read(init, key)).toBe('pay')
    expect(ctl(init, KEYCTL_DESCRIBE, key)).toBe(-EACCES)
    expect(ctl(init, KEYCTL_UPDATE, key, bytes('x'), 1)).toBe(-EACCES)
  })

  test('chown and setperm are for owners, giving away for CAP_SYS_ADMIN', () => {
    const { init, fork, ctl, add } = world()
    const user = fork(init, 1000)
    const key = add(user, 'k')
    expect(ctl(user, KEYCTL_CHOWN, key, 1001, -1)).toBe(-EACCES)
    expect(ctl(user, KEYCTL_CHOWN, key, -1, 55)).toBe(-EACCES)
    expect(ctl(user, KEYCTL_CHOWN, key, -1, -1)).toBe(0)
    expect(ctl(user, KEYCTL_SETPERM, key, 0x40000000)).toBe(-EINVAL)
    expect(ctl(user, KEYCTL_SETPERM, key, 0x3f3f3f3f)).toBe(0)
    expect(ctl(init, KEYCTL_CHOWN, key, 1001, 55)).toBe(0)
    const buf = new Uint8Array(64)
    const n = ctl(init, KEYCTL_DESCRIBE, key, buf, 64)
    expect(text(buf.subarray(0, n))).toBe('user;1001;55;3f3f3f3f;k\0')
    expect(ctl(user, KEYCTL_SETPERM, key, 0)).toBe(-EACCES)
  })

  test('an LSM has the last word, and is told what a key is made for', () => {
    const asked: string[] = []
    const lsm = defineLsm({
      name: 'keeper',
      abi: '1.0',
      hooks: {
        key_alloc: (key) => {
          asked.push(`alloc ${key.type.name} ${key.description}`)
          return 0
        },
        key_permission: ({ key, possessed }, _cred, need) => {
          asked.push(`${key.description} ${possessed ? 'own ' : ''}${need}`)
          return key.description === 'secret' ? -EACCES : 0
        },
        key_post_create_or_update: (_ring, key, _payload, length, _flags, create) =>
          void asked.push(`${create ? 'made' : 'updated'} ${key.description} ${length}`),
        key_getsecurity: (_key, buffer) => {
          buffer.value = 'label'
          return 6
        },
      },
    })
    const { init, add, ctl, read } = world({ lsms: [lsm] })
    const key = add(init, 'k')
    expect(asked).toEqual(['alloc keyring _pid', '_pid own 3', '_pid own 3', 'alloc user k', 'made k 3'])
    asked.length = 0
    expect(add(init, 'k')).toBe(key)
    expect(asked).toEqual(['_pid own 3', '_pid own 3', 'k own 3', 'updated k 3'])
    const buf = new Uint8Array(6)
    expect([ctl(init, KEYCTL_GET_SECURITY, key, buf, 6), text(buf)]).toEqual([6, 'label\0'])
    const secret = add(init, 'secret')
    expect([ctl(init, KEYCTL_DESCRIBE, secret), read(init, secret)]).toEqual([-EACCES, -ENOKEY])
    expect(ctl(init, KEYCTL_UNLINK, secret, KEY_SPEC_PROCESS_KEYRING)).toBe(-EACCES)
  })

  test('of a key that may not be viewed, its label is missing where its description is refused', () => {
    const { init, fork, add, ctl } = world()
    const key = add(init, 'k')
    const other = fork(init, 1000)
    expect([ctl(other, KEYCTL_DESCRIBE, key), ctl(other, KEYCTL_GET_SECURITY, key)]).toEqual([-EACCES, -ENOKEY])
  })

  test('a key that an LSM refuses leaves nothing behind', () => {
    const lsm = defineLsm({
      name: 'no-keys', abi: '1.0', hooks: { key_alloc: (key) => (key.type.name === 'user' ? -EPERM : 0) },
    })
    const { init, add, file } = world({ lsms: [lsm] })
    add(init, 'k')
    expect([add(init, 'k'), file(init, '/proc/key-users')]).toEqual([-EPERM, '    0:     1 1/1 1/1000000 5/25000000\n'])
  })
})

describe('keyrings of tasks', () => {
  test('a thread and a process have theirs made at need, and lose them with fork and exec', () => {
    const { init, fork, ctl } = world()
    expect(ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0)).toBe(-ENOKEY)
    const thread = ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1)
    const process = ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1)
    expect(ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0)).toBe(thread)
    expect(process).toBeGreaterThan(0)
    const child = fork()
    expect(ctl(child, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0)).toBe(-ENOKEY)
    expect(ctl(child, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0)).toBeGreaterThan(0)
  })

  test('the session of somebody who has none is the user\'s; who makes something there gets one of his own', () => {
    const { init, ctl } = world()
    const users = ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING)
    expect(ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0)).toBe(users)
    expect(ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1)).not.toBe(users)
  })

  test('named sessions are joined by who may search them', () => {
    const { init, fork, ctl } = world()
    // possession does not count here: one that its owner may not search is made anew
    const first = ctl(init, KEYCTL_JOIN_SESSION_KEYRING, 'club')
    const named = ctl(init, KEYCTL_JOIN_SESSION_KEYRING, 'club')
    expect(named).not.toBe(first)
    const other = fork(init, 1000)
    expect(ctl(other, KEYCTL_JOIN_SESSION_KEYRING, 'club')).not.toBe(named)
    ctl(init, KEYCTL_SETPERM, named, 0x3f3f3f3f)
    expect(ctl(init, KEYCTL_JOIN_SESSION_KEYRING, 'club')).toBe(0)
    const fresh = fork()
    ctl(fresh, KEYCTL_JOIN_SESSION_KEYRING, null)
    expect(ctl(fork(fresh, 1001), KEYCTL_JOIN_SESSION_KEYRING, 'club')).toBe(named)
    expect(ctl(init, KEYCTL_JOIN_SESSION_KEYRING, '.club')).toBe(-EPERM)
  })

  test('a user has two keyrings of his own, one in the other, in each user namespace', () => {
    const { sys, init, fork, add, ctl } = world()
    const key = add(init, 'k', KEY_SPEC_USER_KEYRING)
    const again = fork()
    expect(ctl(again, KEYCTL_SEARCH, KEY_SPEC_USER_SESSION_KEYRING, 'user', 'k', 0)).toBe(key)
    const elsewhere = fork()
    sys.unshare(elsewhere, CLONE_NEWUSER)
    expect(ctl(elsewhere, KEYCTL_SEARCH, KEY_SPEC_USER_SESSION_KEYRING, 'user', 'k', 0)).toBe(-ENOKEY)
  })

  test('persistent keyrings are the user\'s, or for CAP_SETUID', () => {
    const { init, fork, ctl } = world()
    const user = fork(init, 1000)
    expect(ctl(user, KEYCTL_GET_PERSISTENT, 0, KEY_SPEC_PROCESS_KEYRING)).toBe(-EPERM)
    const own = ctl(user, KEYCTL_GET_PERSISTENT, -1, KEY_SPEC_PROCESS_KEYRING)
    expect(ctl(init, KEYCTL_GET_PERSISTENT, 1000, KEY_SPEC_PROCESS_KEYRING)).toBe(own)
  })

  test('a session is given to the parent, which must be of the same user and alone', () => {
    const { init, fork, ctl } = world()
    const parent = fork()
    const child = fork(parent)
    expect(ctl(fork(), KEYCTL_SESSION_TO_PARENT)).toBe(-EPERM)
    const session = ctl(child, KEYCTL_JOIN_SESSION_KEYRING, null)
    expect(ctl(child, KEYCTL_SESSION_TO_PARENT)).toBe(0)
    expect(ctl(parent, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0)).toBe(session)
    expect(ctl(child, KEYCTL_SESSION_TO_PARENT)).toBe(0)
    const other = fork(parent, 1000)
    ctl(other, KEYCTL_JOIN_SESSION_KEYRING, null)
    expect(ctl(other, KEYCTL_SESSION_TO_PARENT)).toBe(-EPERM)
    expect(init.cred.session_keyring).not.toBe(parent.cred.session_keyring)
  })
})

describe('links', () => {
  test('found through nested keyrings, no deeper than six', () => {
    const { init, add, ring, ctl } = world()
    const rings = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    let into = KEY_SPEC_PROCESS_KEYRING
    const keys = rings.map((name) => {
      into = ring(init, name, into)
      return add(init, `in ${name}`, into)
    })
    const found = rings.map((name) => ctl(init, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, 'user', `in ${name}`, 0))
    expect(found).toEqual([...keys.slice(0, 6), -ENOKEY, -ENOKEY])
  })

  test('no keyring in itself, and none so deep that nobody can tell', () => {
    const { init, ring, ctl } = world()
    const a = ring(init, 'a')
    const b = ring(init, 'b', a)
    expect(ctl(init, KEYCTL_LINK, a, b)).toBe(-EDEADLK)
    expect(ctl(init, KEYCTL_LINK, a, a)).toBe(-EDEADLK)
    let into = b
    for (const name of ['c', 'd', 'e', 'f', 'g', 'h']) into = ring(init, name, into)
    expect(ctl(init, KEYCTL_LINK, a, KEY_SPEC_USER_KEYRING)).toBe(-ELOOP)
  })

  test('many ways into keyrings are not all gone', () => {
    let asked = 0
    const count = defineLsm({ name: 'count', abi: '1.0', hooks: { key_permission: () => (asked++, 0) } })
    const { init, ring, ctl, sys } = world({ lsms: [count] })
    sys.keyctl(init, KEYCTL_JOIN_SESSION_KEYRING, null, 0, 0, 0)
    const [WIDTH, DEPTH] = [12, 5]
    let above = [KEY_SPEC_SESSION_KEYRING]
    let links = 0
    for (let level = 0; level < DEPTH; level++) {
      const made = Array.from({ length: WIDTH }, (_, i) => ring(init, `${level}.${i}`, above[0]))
      for (const into of above.slice(1)) for (const key of made) expect(ctl(init, KEYCTL_LINK, key, into)).toBe(0)
      links += above.length * WIDTH
      above = made
    }
    asked = 0
    expect(ctl(init, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, 'user', 'nowhere')).toBe(-ENOKEY)
    expect(asked).toBeLessThan(10 * links)
  })

  test('moved, unlinked, cleared', () => {
    const { init, add, ring, ctl, read } = world()
    const key = add(init, 'k')
    const to = ring(init, 'to')
    expect(ctl(init, KEYCTL_MOVE, key, KEY_SPEC_PROCESS_KEYRING, to, 8)).toBe(-EINVAL)
    expect(ctl(init, KEYCTL_MOVE, key, KEY_SPEC_PROCESS_KEYRING, to, KEYCTL_MOVE_EXCL)).toBe(0)
    add(init, 'k')
    const again = add(init, 'k')
    expect(ctl(init, KEYCTL_MOVE, again, KEY_SPEC_PROCESS_KEYRING, to, KEYCTL_MOVE_EXCL)).toBe(-EEXIST)
    expect(ctl(init, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING)).toBe(-ENOENT)
    expect(ctl(init, KEYCTL_CLEAR, key)).toBe(-ENOTDIR)
    expect(ctl(init, KEYCTL_CLEAR, to)).toBe(0)
    expect(read(init, key)).toBe(-ENOKEY)
    expect(ctl(init, KEYCTL_UNLINK, again, KEY_SPEC_PROCESS_KEYRING)).toBe(0)
    expect(ctl(init, KEYCTL_DESCRIBE, again)).toBe(-ENOKEY)
  })

  test('a restricted keyring takes no more', () => {
    const { init, add, ring, ctl } = world()
    const shut = ring(init, 'shut')
    expect(ctl(init, KEYCTL_RESTRICT_KEYRING, shut, 'user', 'x')).toBe(-ENOENT)
    expect(ctl(init, KEYCTL_RESTRICT_KEYRING, shut, null, 'x')).toBe(-EINVAL)
    expect(ctl(init, KEYCTL_RESTRICT_KEYRING, shut, null, null)).toBe(0)
    expect(ctl(init, KEYCTL_RESTRICT_KEYRING, shut, null, null)).toBe(-EEXIST)
    expect(add(init, 'k', shut)).toBe(-EPERM)
    expect(ctl(init, KEYCTL_LINK, add(init, 'k'), shut)).toBe(-EPERM)
  })
})

describe('the end of a key', () => {
  test('expired, it tells so until it is swept away', () => {
    const { init, add, ctl, read, pass } = world()
    const key = add(init, 'k')
    ctl(init, KEYCTL_SET_TIMEOUT, key, 10)
    pass(9)
    expect(read(init, key)).toBe('pay')
    pass(1)
    expect(ctl(init, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, 'user', 'k', 0)).toBe(-EKEYEXPIRED)
    expect(ctl(init, KEYCTL_UPDATE, key, bytes('x'), 1)).toBe(-EKEYEXPIRED)
    pass(300)
    expect(ctl(init, KEYCTL_UPDATE, key, bytes('x'), 1)).toBe(-ENOKEY)
  })

  test('revoked, it has no payload, and its keyring still holds it', () => {
    const { init, add, ctl, read } = world()
    const key = add(init, 'k')
    expect(ctl(init, KEYCTL_REVOKE, key)).toBe(0)
    expect(read(init, key)).toBe(-EKEYREVOKED)
    expect(ctl(init, KEYCTL_REVOKE, key)).toBe(-EKEYREVOKED)
    expect(add(init, 'k')).not.toBe(key)
  })

  test('invalidated, it is gone at once', () => {
    const { init, add, ctl } = world()
    const key = add(init, 'k')
    expect(ctl(init, KEYCTL_INVALIDATE, key)).toBe(0)
    expect(ctl(init, KEYCTL_DESCRIBE, key)).toBe(-ENOKEY)
    expect(ctl(init, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, 'user', 'k', 0)).toBe(-ENOKEY)
  })

  test('with its last holder, and the quota comes back', () => {
    const { sys, init, fork, add, file } = world()
    const before = file(init, '/proc/key-users')
    const user = fork(init, 1000)
    add(user, 'k')
    expect(file(init, '/proc/key-users')).toMatch(/^ 1000: {5}2 2\/2 2\/200 14\/20000$/m)
    sys.exit_group(user, 0)
    sys.wait4(init, -1, null, 0, null)
    expect(file(init, '/proc/key-users')).toBe(before)
  })

  test('no more keys and bytes than the quota', () => {
    const { init, fork, add, ctl } = world({ sysctl: { keys_maxkeys: 3, keys_maxbytes: 60 } })
    const user = fork(init, 1000)
    const key = add(user, 'a')
    expect(add(user, 'b', KEY_SPEC_PROCESS_KEYRING, 'x'.repeat(60))).toBe(-EDQUOT)
    expect(ctl(user, KEYCTL_UPDATE, key, bytes('x'.repeat(60)), 60)).toBe(-EDQUOT)
    expect(add(user, 'b')).toBeGreaterThan(0)
    expect(add(user, 'c')).toBe(-EDQUOT)
    ctl(user, KEYCTL_UNLINK, key, KEY_SPEC_PROCESS_KEYRING)
    expect(add(user, 'c')).toBeGreaterThan(0)
  })
})

describe('request_key', () => {
  test('what is there is found, and linked where it is wanted', () => {
    const { sys, init, add, ring, ctl } = world()
    const key = add(init, 'k')
    const to = ring(init, 'to')
    expect(sys.request_key(init, 'user', 'k', null, to)).toBe(key)
    expect(ctl(init, KEYCTL_SEARCH, to, 'user', 'k', 0)).toBe(key)
    expect(sys.request_key(init, 'user', 'nobody', null, 0)).toBe(-ENOKEY)
    expect(sys.request_key(init, 'nothing', 'k', null, 0)).toBe(-ENOKEY)
    expect(sys.request_key(init, 'keyring', 'nobody', 'x', 0)).toBe(-EPERM)
  })

  test('without a helper nobody makes it, and for a minute nobody asks again', () => {
    const { sys, init, pass } = world()
    const ask = () => sys.request_key(init, 'user', 'k', 'how', KEY_SPEC_PROCESS_KEYRING)
    expect([ask(), ask()]).toEqual([-ENOENT, -ENOKEY])
    pass(60)
    expect(ask()).toBe(-ENOENT)
  })

  test('the host\'s program makes it with the right that it was given, once', () => {
    const { sys, init, machine, ctl, read } = world()
    const seen: unknown[] = []
    machine.onRequestKey = ({ argv, spawn }) => {
      const helper = spawn() as Task
      const key = Number(argv[2])
      seen.push(argv.slice(0, 2), ctl(helper, KEYCTL_INSTANTIATE, key, bytes('x'), 1, 0))
      seen.push(Math.min(ctl(helper, KEYCTL_ASSUME_AUTHORITY, key), 1))
      const auth = ctl(helper, KEYCTL_GET_KEYRING_ID, KEY_SPEC_REQUESTOR_KEYRING)
      seen.push(auth === ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING))
      seen.push(ctl(helper, KEYCTL_INSTANTIATE, key, bytes('made'), 4, 0))
      seen.push(ctl(helper, KEYCTL_INSTANTIATE, key, bytes('twice'), 5, 0))
      sys.exit_group(helper, 0)
      return 0
    }
    const key = sys.request_key(init, 'user', 'k', 'how', KEY_SPEC_PROCESS_KEYRING)
    expect(seen).toEqual([['/sbin/request-key', 'create'], -EPERM, 1, true, 0, -EPERM])
    expect(read(init, key)).toBe('made')
  })

  test('who asked for a key that the program refuses is given its errno', () => {
    const { sys, init, machine, ctl } = world()
    machine.onRequestKey = ({ argv, spawn }) => {
      const helper = spawn() as Task
      ctl(helper, KEYCTL_ASSUME_AUTHORITY, Number(argv[2]))
      expect(ctl(helper, KEYCTL_REJECT, Number(argv[2]), 5, 512, 0)).toBe(-EINVAL)
      expect(ctl(helper, KEYCTL_REJECT, Number(argv[2]), 5, EKEYREJECTED, 0)).toBe(0)
      return 0
    }
    expect(sys.request_key(init, 'user', 'k', 'how', KEY_SPEC_PROCESS_KEYRING)).toBe(-EKEYREJECTED)
    // the user's session, where it is not, counts for more than the keyring where it was refused
    expect(sys.request_key(init, 'user', 'k', null, 0)).toBe(-ENOKEY)
  })

  test('the default keyring is the caller\'s to choose', () => {
    const { init, ctl } = world()
    expect(ctl(init, KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_NO_CHANGE)).toBe(0)
    expect(ctl(init, KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_THREAD_KEYRING)).toBe(0)
    expect(ctl(init, KEYCTL_SET_REQKEY_KEYRING, 99)).toBe(-EINVAL)
    expect(ctl(init, KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_NO_CHANGE)).toBe(KEY_REQKEY_DEFL_THREAD_KEYRING)
    expect(ctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0)).toBeGreaterThan(0)
  })
})

test('keyctl tells what it can, and refuses what it does not know', () => {
  const { init, ctl, add } = world()
  const buf = new Uint8Array(4).fill(0xff)
  expect([ctl(init, KEYCTL_CAPABILITIES, buf, 4), ...buf]).toEqual([2, 0xe3, 3, 0, 0])
  expect(ctl(init, 99)).toBe(-EOPNOTSUPP)
  expect(ctl(init, KEYCTL_READ, add(init, 'k'), new Uint8Array(2), 2)).toBe(3)
})

test('/proc/keys shows what the reader may view', () => {
  const { init, fork, add, ctl, file } = world()
  const key = add(init, 'k')
  ctl(init, KEYCTL_SET_TIMEOUT, key, 7200)
  const line = file(init, '/proc/keys').split('\n').find((each) => each.endsWith('k: 3'))
  expect(line).toBe(`${key.toString(16).padStart(8, '0')} I--Q---     1   2h 3f010000     0     0 user      k: 3`)
  expect(file(fork(init, 1000), '/proc/keys')).not.toContain('k: 3')
})
