/** Arguments that change in the middle of a call, from a hook on: what was checked is what is done. */
import {
  AF_INET, CLOCK_REALTIME, EACCES, KEY_SPEC_SESSION_KEYRING, KEYCTL_READ, RLIMIT_NOFILE, SECCOMP_SET_MODE_FILTER,
  SOCK_STREAM,
} from '@lsmkit/abi'
import { defineLsm, hookNames } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { sockaddrIn } from '../state/net/sockaddr.ts'
import { bootForTest } from '../testing/boot.ts'

const ADJ_SETOFFSET = 0x100
const REFUSED_PORT = 1025
const KILL = 0
const RET = 6

/** `change` is called when a hook is asked, once a call of `during`. */
const world = () => {
  let change: (() => void) | null = null
  const guard = defineLsm({
    name: 'guard',
    abi: '1.0', id: 999,
    hooks: { socket_connect: (_sock, { port }) => (port === REFUSED_PORT ? -EACCES : 0) },
  })
  const kernel = bootForTest({ lsms: [guard] })
  const asked = (): void => {
    change?.()
    change = null
  }
  for (const hook of hookNames) kernel.stack.observe(hook, { entry: asked })
  const during = <T>(what: () => void, call: () => T): T => {
    change = what
    const rc = call()
    expect(change, 'no hook was asked').toBeNull()
    return rc
  }
  return { ...kernel, during }
}

test('an address', () => {
  const { sys, init, during } = world()
  for (const port of [1024, REFUSED_PORT]) {
    const fd = sys.socket(init, AF_INET, SOCK_STREAM, 0)
    sys.bind(init, fd, sockaddrIn('127.0.0.1', port), 16)
    sys.listen(init, fd, 1)
  }
  const fd = sys.socket(init, AF_INET, SOCK_STREAM, 0)
  const address = sockaddrIn('127.0.0.1', 1024)
  expect(during(() => address.set(sockaddrIn('127.0.0.1', REFUSED_PORT)), () => sys.connect(init, fd, address, 16)))
    .toBe(0)
  const peer = new Uint8Array(16)
  sys.getpeername(init, fd, peer, { value: 16 })
  expect((peer[2]! << 8) | peer[3]!).toBe(1024)
})

test('the contents of a key', () => {
  const { sys, init, during } = world()
  const payload = Uint8Array.of(1, 2, 3)
  const key = during(() => payload.fill(9), () =>
    sys.add_key(init, 'user', 'k', payload, 3, KEY_SPEC_SESSION_KEYRING))
  const held = new Uint8Array(3)
  expect([sys.keyctl(init, KEYCTL_READ, key, held, 3, null), [...held]]).toEqual([3, [1, 2, 3]])
})

describe('structs', () => {
  test('the time', () => {
    const { sys, init, during, machine } = world()
    const timex = { modes: 1, time: { tv_sec: 1e6, tv_usec: 0 } }
    expect(during(() => { timex.modes = ADJ_SETOFFSET }, () => sys.clock_adjtime(init, CLOCK_REALTIME, timex))).toBe(0)
    expect(machine.clockOffset).toBe(0)
  })

  test('a limit', () => {
    const { sys, init, during } = world()
    const limit = { rlim_cur: 10, rlim_max: 20 }
    expect(during(() => { limit.rlim_cur = 1e9 }, () => sys.setrlimit(init, RLIMIT_NOFILE, limit))).toBe(0)
    const now = { rlim_cur: 0, rlim_max: 0 }
    sys.getrlimit(init, RLIMIT_NOFILE, now)
    expect(now).toEqual({ rlim_cur: 10, rlim_max: 20 })
  })

  test('a filter of system calls', () => {
    const attached: unknown[] = []
    const { sys, init, during, machine } = world()
    const { attach } = machine.syscallFilter
    machine.syscallFilter.attach = (...args) => {
      attached.push(structuredClone(args[1]))
      return attach.apply(machine.syscallFilter, args)
    }
    const allow = { code: RET, jt: 0, jf: 0, k: 0x7fff0000 }
    const prog = { len: 1, filter: [allow] }
    const rc = during(() => { prog.filter[0] = { code: RET, jt: 0, jf: 0, k: KILL } }, () =>
      sys.seccomp(init, SECCOMP_SET_MODE_FILTER, 0, prog))
    expect([rc, attached]).toEqual([0, [[allow]]])
  })

  test('groups', () => {
    const { sys, init, during } = world()
    const groups = [5, 6]
    expect(during(() => groups.fill(0), () => sys.setgroups(init, 2, groups))).toBe(0)
    expect(init.cred.group_info.gid).toEqual([5, 6])
  })
})
