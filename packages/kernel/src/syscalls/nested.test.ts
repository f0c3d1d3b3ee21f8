/**
 * System calls made from within a system call, as somebody else: by sinks, filters, drivers, pseudo files and all else
 * that a host is called back by. Whoever made the outer call is `current` behind each of them, and in the end it is who
 * it was before.
 */
import {
  AT_FDCWD, EACCES, ENOENT, EPERM, O_RDONLY, O_RDWR, O_WRONLY, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP,
  SECCOMP_MODE_FILTER, S_IFCHR,
} from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { fileOperations } from '../state/vfs/driver.ts'
import { bootKernel } from '../boot/kernel.ts'
import { bootForTest, plainCapability } from '../testing/boot.ts'
import { MKDEV } from '../vfs/devnum.ts'

const SYSCALL_RET_ALLOW = 0x7fff0000

/** A kernel with a file of root's, and a call that is made as init from within others: what is seen behind it. */
const world = (options: Parameters<typeof bootForTest>[0] = {}) => {
  const kernel = bootForTest(options)
  const { sys, init, file, fork, stack, machine } = kernel
  file('/secret', 'secret', 0o600)
  file('/log', '', 0o600)
  const log = sys.openat(init, AT_FDCWD, '/log', O_WRONLY, 0)
  const user = fork(init, 1000)
  const seen: Task[] = []
  const nested = (): void => {
    sys.write(init, log, new TextEncoder().encode('.'))
    seen.push(stack.current.task)
  }
  /** Runs it from a state in which nobody of them is current. */
  const outside = fork(init, 7)
  const during = <T>(run: () => T): T => machine.as(outside, () => {
    const result = run()
    expect(stack.current.task).toBe(outside)
    return result
  })
  return { ...kernel, user, nested, seen, during }
}

test('a sink that writes as init lends nobody its rights', () => {
  const { stack, sys, user, nested, seen, during } = world({
    lsms: [defineLsm({ name: 'says', abi: '1.0', hooks: { inode_permission: () => 0 } })],
  })
  stack.audit.addSink(nested)
  expect(during(() => sys.openat(user, AT_FDCWD, '/secret', O_RDONLY, 0))).toBe(-EACCES)
  expect(seen.length).toBeGreaterThan(0)
  expect(new Set(seen)).toEqual(new Set([user]))
})

describe('behind a nested call the caller is current again', () => {
  test('in a hook, an observer, a program and a modifier', () => {
    const w = world()
    const { stack, sys, user, nested, seen, during } = w
    stack.attach('file_open', () => (nested(), 0))
    stack.observe('file_open', { entry: nested, exit: nested })
    stack.modifyReturn('file_open', () => (nested(), 0))
    expect(during(() => sys.openat(user, AT_FDCWD, '/tmp', O_RDONLY, 0))).toBeGreaterThanOrEqual(0)
    expect(seen).toEqual([user, user, user, user])
  })

  test('in a filter of system calls, which answers in the place of one', () => {
    const entered: string[] = []
    const w = world({
      syscallFilter: {
        attach: () => 0,
        inherit() {},
        enter: (task, nr) => {
          entered.push(`${task.pid} ${nr}`)
          w.nested()
          return nr === 39 ? { kind: 'answer', rc: -EPERM } : null
        },
      },
    })
    const { sys, user, seen, during } = w
    sys.prctl(user, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    sys.prctl(user, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {
      len: 1, filter: [{ code: 6, jt: 0, jf: 0, k: SYSCALL_RET_ALLOW }],
    } as never, 0, 0)
    expect(during(() => sys.getpid(user))).toBe(-EPERM)
    expect(during(() => sys.openat(user, AT_FDCWD, '/secret', O_RDONLY, 0))).toBe(-EACCES)
    expect(entered.length).toBeGreaterThan(1)
    expect(new Set(seen)).toEqual(new Set([user]))
  })

  test('in a driver of a device', () => {
    const { sys, init, user, nested, seen, during, machine } = world()
    const act = (rc: number) => () => (nested(), rc)
    machine.registerChrdev(MKDEV(0xf0, 1), fileOperations({
      open: act(0), read: act(0), write: act(1), llseek: act(0), poll: act(1), release: nested,
    }))
    sys.mknod(init, '/tmp/device', S_IFCHR | 0o666, 0xf001)
    sys.chmod(init, '/tmp/device', 0o666)
    during(() => {
      const fd = sys.openat(user, AT_FDCWD, '/tmp/device', O_RDWR, 0)
      expect(fd).toBeGreaterThanOrEqual(0)
      sys.read(user, fd, new Uint8Array(1))
      sys.write(user, fd, new Uint8Array(1))
      sys.lseek(user, fd, 0, 0)
      sys.poll(user, [{ fd, events: 1, revents: 0 }], 1, 0)
      sys.close(user, fd)
    })
    expect(seen).toEqual([user, user, user, user, user, user])
  })

  test('in pseudo files of an LSM', () => {
    const act = <T>(result: T) => () => (w.nested(), result)
    const files = [{
      name: 'own/file', mode: 0o666, open: act(0), read: act('text'), write: act(1), release: act(undefined),
    }]
    const w = world({
      lsms: [defineLsm({
        name: 'declares',
        abi: '1.0', hooks: {},
        pseudoFs: () => [{ type: 'securityfs', magic: 0, mountPoint: '/sys/kernel/security', files: () => files }],
      })],
    })
    const { sys, user, seen, during } = w
    during(() => {
      const fd = sys.openat(user, AT_FDCWD, '/sys/kernel/security/own/file', O_RDWR, 0)
      expect(fd).toBeGreaterThanOrEqual(0)
      expect(sys.read(user, fd, new Uint8Array(9))).toBe(4)
      expect(sys.write(user, fd, new Uint8Array(1))).toBe(1)
      sys.close(user, fd)
    })
    expect(seen).toEqual([user, user, user, user])
  })

  test('in onRequestKey, whatever helper it starts', () => {
    const { sys, init, user, nested, seen, during, machine, stack } = world()
    machine.onRequestKey = ({ spawn }) => {
      nested()
      const helper = spawn() as Task
      expect(stack.current.task).toBe(user)
      sys.exit_group(helper, 0)
      seen.push(stack.current.task)
      return -ENOENT
    }
    during(() => sys.request_key(user, 'user', 'k', 'how', 0))
    expect(seen).toEqual([user, user])
    expect(sys.getpid(init)).toBe(1)
  })

  test('in timers, which run when no call is under way', () => {
    const { sys, user, nested, seen, during, machine } = world()
    machine.hrtimers.start(0, nested)
    during(() => sys.getpid(user))
    expect(seen).toEqual([user])
  })

  test('in onPanic and where the host is woken', () => {
    const w = world({ onPanic: () => w.nested() })
    const { sys, init, user, nested, seen, during, machine, stack, fork } = w
    const link = stack.observe('task_alloc', {})
    machine.onFork.push(() => { throw new Error('a bug of the kernel') })
    expect(during(() => sys.fork(user))).toBe(-EACCES)
    machine.onFork.pop()
    link.detach()
    const child = fork(init, 1000)
    machine.onWake = nested
    during(() => sys.exit_group(child, 0))
    expect(seen[0]).toBe(user)
    expect(new Set(seen.slice(1))).toEqual(new Set([child]))
  })
})

test('what a call has put off waits for its end, not for that of one made from within', () => {
  const { sys, user, init, stack, file, machine } = world()
  file('/tmp/f', 'x', 0o666)
  const order: string[] = []
  stack.observe('file_release', { entry: () => void order.push('released') })
  stack.observe('file_open', { entry: () => {
    machine.callRcu(() => void order.push('put off'))
    sys.getpid(init)
    order.push('open')
  } })
  expect(sys.openat(user, AT_FDCWD, '/tmp/f', O_RDONLY, 0)).toBeGreaterThanOrEqual(0)
  expect(order).toEqual(['open', 'put off'])
  expect(machine.depth).toBe(0)
})

test('the wall clock stands for the whole outer call', () => {
  let now = 1_700_000_000_000
  const { sys, init, stack, file, machine } = world({ clock: () => (now += 1000) })
  file('/tmp/f', 'x', 0o666)
  const stamps: number[] = []
  stack.observe('file_open', {
    entry: () => {
      stamps.push(machine.now().sec)
      sys.getpid(init)
      stamps.push(machine.now().sec)
    },
  })
  sys.openat(init, AT_FDCWD, '/tmp/f', O_RDONLY, 0)
  expect(stamps[0]).toBe(stamps[1])
})

test('a driver that throws, and a nested call that is refused, leave the caller current', () => {
  const { sys, init, user, during, machine } = world({ onPanic: () => {} })
  machine.registerChrdev(MKDEV(0xf0, 2), fileOperations({
    open() {
      sys.openat(init, AT_FDCWD, '/nothing', O_RDONLY, 0)
      throw new Error('a bug of the driver')
    },
  }))
  sys.mknod(init, '/tmp/broken', S_IFCHR | 0o666, 0xf002)
  sys.chmod(init, '/tmp/broken', 0o666)
  expect(during(() => sys.openat(user, AT_FDCWD, '/tmp/broken', O_RDWR, 0))).toBe(-EACCES)
  expect(machine.depth).toBe(0)
})

test('two kernels of one stack: calls of one within those of the other', () => {
  const stack = createStack({ lsms: [plainCapability()] })
  const [one, other] = [bootKernel({ stack }), bootKernel({ stack })]
  const seen: Task[] = []
  const link = stack.observe('file_open', {
    entry: () => {
      link.detach()
      other.sys.mkdir(other.init, '/d', 0o755)
      seen.push(stack.current.task)
      one.sys.getpid(one.init)
      seen.push(stack.current.task)
    },
  })
  const before = stack.current.task
  expect(one.sys.fork(one.init)).toBe(2)
  const child = one.machine.tasks.find(2)!
  one.sys.openat(child, AT_FDCWD, '/', O_RDONLY, 0)
  expect(seen).toEqual([child, child])
  expect(stack.current.task).toBe(before)
  expect([one.machine.depth, other.machine.depth]).toEqual([0, 0])
})

test('two kernels of two stacks know nothing of each other', () => {
  const [one, other] = [bootForTest(), bootForTest()]
  const user = one.fork(one.init, 1000)
  one.file('/secret', 'x', 0o600)
  one.stack.observe('inode_permission', { entry: () => void other.sys.getpid(other.init) })
  expect(one.sys.openat(user, AT_FDCWD, '/secret', O_RDONLY, 0)).toBe(-EACCES)
  expect(one.stack.current.task).not.toBe(other.init)
})

test('a socket that a nested call makes while a packet is received belongs to its own group', () => {
  const { machine } = bootForTest()
  expect(machine.softirq(() => machine.inSoftirq)).toBe(true)
  expect(machine.softirq(() => {
    machine.depth++
    const within = machine.inSoftirq
    machine.depth--
    return [within, machine.inSoftirq]
  })).toEqual([false, true])
  expect(machine.inSoftirq).toBe(false)
})
