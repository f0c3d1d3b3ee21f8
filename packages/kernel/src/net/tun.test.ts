/** /dev/net/tun: devices are made, opened again, and go with their last end; LSMs are asked on the way. */
import {
  AF_INET, CLONE_NEWNET, EAGAIN, EBADFD, EBUSY, EEXIST, EINVAL, EIO, ENODEV, EPERM, ERESTARTSYS, IFF_ATTACH_QUEUE,
  IFF_DETACH_QUEUE, IFF_MULTI_QUEUE, IFF_NOFILTER, IFF_NO_PI, IFF_TAP, IFF_TUN, IFF_TUN_EXCL, O_NONBLOCK, O_RDWR,
  SIOCGIFADDR, SIOCGIFFLAGS, SIOCGIFINDEX, SIOCSIFFLAGS, SOCK_DGRAM, TUNGETFEATURES, TUNGETIFF, TUNSETIFF, TUNSETOWNER,
  TUNSETPERSIST, TUNSETQUEUE,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const world = (lsms: readonly Lsm[] = []) => {
  const kernel = bootForTest({ lsms })
  const { sys, init } = kernel
  const open = (task: Task = init, flags = 0) => sys.open(task, '/dev/net/tun', O_RDWR | flags, 0)
  const iff = (fd: number, ifr_flags: number, ifr_name = '', task: Task = init) => {
    const ifr = { ifr_name, ifr_flags }
    const rc = sys.ioctl(task, fd, TUNSETIFF, ifr)
    return rc < 0 ? rc : ifr.ifr_name
  }
  const ask = (cmd: number, ifr_name: string, more: object = {}, task: Task = init) => {
    const ifr = { ifr_name, ...more }
    const s = sys.socket(task, AF_INET, SOCK_DGRAM, 0)
    const rc = sys.ioctl(task, s, cmd, ifr)
    sys.close(task, s)
    return rc < 0 ? rc : ifr
  }
  return { ...kernel, open, iff, ask }
}

test('devices get names and numbers, and are seen while they are there', () => {
  const { sys, init, open, iff, ask } = world()
  const [a, b, c] = [open(), open(), open()]
  expect([iff(a, IFF_TUN), iff(b, IFF_TUN), iff(c, IFF_TAP, 'my%d')]).toEqual(['tun0', 'tun1', 'my0'])
  expect(ask(SIOCGIFINDEX, 'my0')).toMatchObject({ ifr_ifindex: 4 })
  expect(ask(SIOCGIFFLAGS, 'tun0')).toMatchObject({ ifr_flags: 0x1090 })
  expect([ask(SIOCSIFFLAGS, 'tun0', { ifr_flags: 1 }), ask(SIOCGIFFLAGS, 'tun0')]).toMatchObject(
    [{}, { ifr_flags: 0x10d1 }])
  expect(ask(SIOCGIFADDR, 'tun0')).toBe(-99)
  sys.close(init, a)
  expect([ask(SIOCGIFINDEX, 'tun0'), iff(open(), IFF_TUN)]).toEqual([-ENODEV, 'tun0'])
})

test.each<readonly [string, number, string, number]>([
  ['neither kind', 0, '', -EINVAL], ['the loopback device', IFF_TUN, 'lo', -EINVAL],
  ['it, to be new', IFF_TUN | IFF_TUN_EXCL, 'lo', -EBUSY], ['a name with a slash', IFF_TUN, 'a/b', -EINVAL],
  ['a name that is too long', IFF_TAP, 'x'.repeat(16), -EINVAL],
])('%s', (_what, flags, name, rc) => {
  const { open, iff } = world()
  expect(iff(open(), flags, name)).toBe(rc)
})

test('packets: none come, and those put in need a device that is up', () => {
  const { sys, init, open, iff, ask } = world()
  const fd = open(init, O_NONBLOCK)
  const packet = new Uint8Array(20)
  expect([sys.read(init, fd, packet), sys.write(init, fd, packet)]).toEqual([-EBADFD, -EBADFD])
  iff(fd, IFF_TUN)
  expect([sys.read(init, fd, packet), sys.write(init, fd, packet.subarray(0, 3)), sys.write(init, fd, packet)]).toEqual(
    [-EAGAIN, -EINVAL, -EIO])
  ask(SIOCSIFFLAGS, 'tun0', { ifr_flags: 1 })
  expect(sys.write(init, fd, packet)).toBe(20)
  const other = open()
  iff(other, IFF_TAP | IFF_NO_PI)
  expect([sys.read(init, other, packet), iff(other, IFF_TAP)]).toEqual([-ERESTARTSYS, -EEXIST])
})

test('what is asked of a device', () => {
  const { sys, init, open, iff } = world()
  const fd = open()
  const features = { value: 0 }
  expect([sys.ioctl(init, fd, TUNGETFEATURES, features), features.value]).toEqual([0, 0x7173])
  const ifr = { ifr_name: '', ifr_flags: 0 }
  expect(sys.ioctl(init, fd, TUNGETIFF, ifr)).toBe(-EBADFD)
  iff(fd, IFF_TAP | IFF_NO_PI)
  expect([sys.ioctl(init, fd, TUNGETIFF, ifr), ifr]).toEqual(
    [0, { ifr_name: 'tap0', ifr_flags: IFF_TAP | IFF_NO_PI | IFF_NOFILTER }])
})

test('a device that persists is its owner\'s', () => {
  const { sys, init, fork, open, iff, ask } = world()
  const [owner, other] = [fork(init, 1000), fork(init, 1001)]
  const fd = open()
  iff(fd, IFF_TAP, 'tap7')
  expect([sys.ioctl(init, fd, TUNSETPERSIST, 1), sys.ioctl(init, fd, TUNSETOWNER, 1000)]).toEqual([0, 0])
  const mine = open(owner)
  expect(iff(mine, IFF_TAP, 'tap7', owner)).toBe(-EBUSY)
  sys.close(init, fd)
  expect(ask(SIOCGIFINDEX, 'tap7')).toMatchObject({ ifr_name: 'tap7' })
  expect([iff(open(other), IFF_TAP, 'tap7', other), iff(open(other), IFF_TAP, 'tap8', other)]).toEqual([-EPERM, -EPERM])
  expect([iff(mine, IFF_TUN, 'tap7', owner), iff(mine, IFF_TAP, 'tap7', owner)]).toEqual([-EINVAL, 'tap7'])
})

test('many queues: each rests and comes back', () => {
  const { sys, init, open, iff } = world()
  const [a, b] = [open(), open()]
  const flags = IFF_TAP | IFF_MULTI_QUEUE
  expect([iff(a, flags, 'q'), iff(b, IFF_TAP, 'q'), iff(b, flags, 'q')]).toEqual(['q', -EINVAL, 'q'])
  const set = (fd: number, ifr_flags: number) => sys.ioctl(init, fd, TUNSETQUEUE, { ifr_name: '', ifr_flags })
  expect([set(b, IFF_ATTACH_QUEUE), set(b, IFF_DETACH_QUEUE), set(b, IFF_DETACH_QUEUE)]).toEqual([-EINVAL, 0, -EINVAL])
  expect([sys.write(init, b, new Uint8Array(64)), iff(b, flags, 'q')]).toEqual([-EBADFD, -EINVAL])
  expect([set(b, IFF_ATTACH_QUEUE), set(a, 0)]).toEqual([0, -EINVAL])
})

test('each network namespace has its own', () => {
  const { sys, fork, open, iff, ask } = world()
  iff(open(), IFF_TUN)
  const away = fork()
  sys.unshare(away, CLONE_NEWNET)
  expect([ask(SIOCGIFINDEX, 'tun0', {}, away), iff(open(away), IFF_TUN, '', away)]).toEqual([-ENODEV, 'tun0'])
  expect(ask(SIOCGIFINDEX, 'tun0', {}, away)).toMatchObject({ ifr_ifindex: 2 })
})

describe('LSMs', () => {
  test('are asked in order, of the making and of another opening', () => {
    const { sys, init, open, iff, trace } = world()
    const [a, b] = [open(), open()]
    const names = (run: () => void) => trace(run).filter((hook) => /tun|kernfs/.test(hook))
    const made = names(() => iff(a, IFF_TAP, 't'))
    expect([made.slice(0, 3), made.slice(3).length]).toEqual(
      [['tun_dev_create', 'tun_dev_alloc_security', 'tun_dev_attach'], 84])
    sys.ioctl(init, a, TUNSETPERSIST, 1)
    sys.close(init, a)
    expect(names(() => iff(b, IFF_TAP, 't'))).toEqual(['tun_dev_open', 'tun_dev_attach'])
  })

  test.each<readonly [string, Parameters<typeof defineLsm>[0]['hooks']]>([
    ['the making', { tun_dev_create: () => -EPERM }],
    ['the device', { tun_dev_alloc_security: () => -EPERM }],
    ['its end', { tun_dev_attach: () => -EPERM }],
    ['a node', { kernfs_init_security: (_dir, { name }) => (name === 'owner' ? -EPERM : 0) }],
  ])('refusing %s, there is none', (_what, hooks) => {
    const { sys, init, open, iff, ask } = world([defineLsm({ name: 'no', abi: '1.0', hooks })])
    const fd = open()
    expect([iff(fd, IFF_TUN, 't'), ask(SIOCGIFINDEX, 't')]).toEqual([-EPERM, -ENODEV])
    expect(sys.write(init, fd, new Uint8Array(64))).toBe(-EBADFD)
  })

  test('a sock for each open file comes and goes', () => {
    let left = 0
    const { sys, init, open, iff } = world([defineLsm({
      name: 'count',
      abi: '1.0', hooks: { sk_alloc_security: () => (left++, 0), sk_free_security: () => void left-- },
    })])
    left = 0
    const fd = open()
    iff(fd, IFF_TUN)
    expect([left, sys.close(init, fd), left]).toEqual([1, 0, 0])
  })
})
