/** New network namespaces: what LSMs see of the kernel's own in them, and that all of it is undone when they refuse. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, CLONE_NEWNET, EACCES, EAGAIN, EEXIST, ENOMEM, EPERM, IPPROTO_SCTP, O_RDONLY,
  SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { KernfsNode } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { threadOf } from '../state/task/thread.ts'
import { bootForTest } from '../testing/boot.ts'

/** Refuses as it is told to, from the end of the boot on, and counts what comes and goes. */
const world = (refusal: { socket?: (family: number, protocol: number) => number; node?: (n: number) => number }) => {
  const nodes: KernfsNode[] = []
  const sockets: string[] = []
  let isUp = false
  let socks = 0
  const watch = defineLsm({
    name: 'watch',
    abi: '1.0',
    hooks: {
      socket_create(family, type, protocol, kern) {
        if (!isUp) return 0
        sockets.push(`${family} ${type} ${protocol} ${kern}`)
        return refusal.socket?.(family, protocol) ?? 0
      },
      sk_alloc_security: () => (isUp && socks++, 0),
      sk_free_security: () => void (isUp && socks--),
      kernfs_init_security(_dir, node) {
        if (!isUp) return 0
        nodes.push(node)
        return refusal.node?.(nodes.length) ?? 0
      },
    },
  })
  const kernel = bootForTest({ lsms: [watch] })
  isUp = true
  const pathOf = ({ name, parent }: KernfsNode): string => (parent === null ? name : `${pathOf(parent)}/${name}`)
  return { ...kernel, sockets, paths: () => nodes.map(pathOf), left: () => socks }
}

test('its sockets are the kernel\'s, and each node lies in one that was made before', () => {
  const { sys, init, sockets, paths, left } = world({})
  expect(sys.unshare(init, CLONE_NEWNET)).toBe(0)
  expect([sockets.length, left()]).toEqual([13, 13])
  expect(sockets.every((socket) => socket.endsWith(' 1'))).toBe(true)
  const all = paths()
  expect([all.length, new Set(all).size]).toEqual([81, 81])
  expect(all).toContain('devices/virtual/net/lo/queues/rx-0/rps_cpus')
  const made = new Set(['devices/virtual/net', 'class/net'])
  for (const path of all) {
    expect(made).toContain(path.slice(0, path.lastIndexOf('/')))
    made.add(path)
  }
})

test.each([
  ['a netlink socket', { socket: (family: number) => (family === AF_NETLINK ? -EACCES : 0) }, -ENOMEM],
  ['a socket of IPv6', { socket: (family: number) => (family === AF_INET6 ? -EACCES : 0) }, -EACCES],
  ['the last socket', { socket: (_: number, protocol: number) => (protocol === IPPROTO_SCTP ? -EAGAIN : 0) }, -EAGAIN],
  ['a node', { node: (n: number) => (n === 40 ? -EPERM : 0) }, -EPERM],
])('refused %s, nothing is left of it', (_what, refusal, rc) => {
  const { sys, init, left } = world(refusal)
  expect([sys.unshare(init, CLONE_NEWNET), left()]).toEqual([rc, 0])
})

test.each([[true, 13], [false, 12]])('a kernel with XFRM_USER %s makes %i sockets', (XFRM_USER, count) => {
  const { sys, init, trace } = bootForTest({ config: { XFRM_USER } })
  const asked = trace(() => sys.unshare(init, CLONE_NEWNET))
  expect(asked.filter((hook) => hook === 'socket_create').length).toBe(count)
})

describe('its sockets are freed', () => {
  test('with the last task in it', () => {
    const { sys, init, fork, left } = world({})
    const [a, b] = [fork(), fork()]
    sys.unshare(a, CLONE_NEWNET)
    sys.fork(a)
    const child = [...threadOf(a).children].at(-1)!
    sys.exit_group(a, 0)
    expect(left()).toBe(13)
    sys.exit_group(child, 0)
    expect(left()).toBe(0)
    sys.unshare(b, CLONE_NEWNET)
    sys.unshare(b, CLONE_NEWNET)
    expect(left()).toBe(13)
    expect(sys.unshare(init, CLONE_NEWNET)).toBe(0)
    expect(left()).toBe(26)
  })

  test('not while a socket of a program is there, or its file is open', () => {
    const { sys, init, fork, left } = world({})
    const task = fork()
    sys.unshare(task, CLONE_NEWNET)
    const fd = sys.open(init, `/proc/${task.pid}/ns/net`, O_RDONLY, 0)
    const dgram = sys.socket(task, AF_UNIX, SOCK_DGRAM, 0)
    const stream = sys.socket(task, AF_INET, SOCK_STREAM, 0)
    expect([left(), dgram >= 0, stream >= 0]).toEqual([15, true, true])
    sys.unshare(task, CLONE_NEWNET)
    expect(left()).toBe(28)
    sys.close(task, dgram)
    sys.close(init, fd)
    expect(left()).toBe(27)
    sys.close(task, stream)
    expect(left()).toBe(13)
    const again = sys.open(init, `/proc/${task.pid}/ns/net`, O_RDONLY, 0)
    sys.exit_group(task, 0)
    expect(left()).toBe(13)
    expect(sys.setns(init, again, CLONE_NEWNET)).toBe(0)
    sys.close(init, again)
    expect(left()).toBe(13)
  })

  test('a child that is not made leaves none', () => {
    const { sys, init, left } = world({})
    // a number that is taken
    expect(sys.clone3(init, { flags: CLONE_NEWNET, set_tid: [init.pid] }, 80)).toBe(-EEXIST)
    expect(left()).toBe(0)
  })
})
