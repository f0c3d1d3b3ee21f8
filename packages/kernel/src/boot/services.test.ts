/** What programs on hooks ask of a kernel: its tasks, time, timers, signals. */
import {
  AT_FDCWD, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, EACCES, EFAULT, EINVAL, EPERM, MAY_READ, O_RDONLY, O_WRONLY, SIGUSR1,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { spaceOf } from '../state/mm/address-space.ts'
import { kernelServices } from './services.ts'
import { bootForTest } from '../testing/boot.ts'
import { fget } from '../state/vfs/fdtable.ts'

const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD

test('work of a task is done once its call is over, as that task; outside of calls nothing takes it', () => {
  const said: string[] = []
  let add = (_work: () => void): boolean => false
  const asker = defineLsm({
    name: 'asker', abi: '1.0', id: 200,
    hooks: (ctx) => {
      add = (work) => ctx.host.task_work_add?.(work) === true
      return {
        file_open() {
          const { task } = ctx.current
          add(() => said.push(ctx.current.task === task ? 'its own' : 'of another'))
          said.push('open')
          return 0
        },
      }
    },
  })
  const { sys, init, fork } = bootForTest({ lsms: [asker] })
  const child = fork()
  said.length = 0
  sys.open(child, '/', O_RDONLY, 0)
  expect(said).toEqual(['open', 'its own'])
  expect(add(() => said.push('never'))).toBe(false)
  sys.getpid(init)
  expect(said).toEqual(['open', 'its own'])
})

describe('timers', () => {
  const start = () => {
    const clock = { ms: 1000 }
    const kernel = bootForTest({ clock: () => clock.ms })
    return { ...kernel, clock, services: kernelServices(kernel.machine) }
  }

  test('run at the end of the call in which their time has come, in its order', () => {
    const { sys, init, clock, services } = start()
    const told: string[] = []
    services.call_later(2_000_000, () => told.push('second'))
    services.call_later(1_000_000, () => told.push('first'))
    const stop = services.call_later(1_500_000, () => told.push('stopped'))
    stop()
    sys.getpid(init)
    expect(told).toEqual([])
    clock.ms += 1
    sys.getpid(init)
    expect(told).toEqual(['first'])
    clock.ms += 5
    sys.getpid(init)
    sys.getpid(init)
    expect(told).toEqual(['first', 'second'])
  })

  test('one that starts itself again does not run twice in a call, and one that throws does not stop others', () => {
    const { sys, init, machine, clock, services } = start()
    const panics: string[] = []
    machine.onPanic = (where) => panics.push(where)
    let count = 0
    const again = (): void => {
      count++
      services.call_later(0, again)
    }
    services.call_later(0, () => {
      throw new Error('broken')
    })
    services.call_later(0, again)
    sys.getpid(init)
    expect([count, panics, machine.hrtimers.next]).toEqual([1, ['hrtimer'], 0])
    clock.ms += 1
    sys.getpid(init)
    expect(count).toBe(2)
  })

  test('time begins at boot', () => {
    const { clock, services } = start()
    clock.ms += 1.5
    expect(services.ktime_get_ns()).toBe(1_500_000)
  })
})

describe('tasks', () => {
  const kernel = bootForTest()
  const { sys, machine, fork, init } = kernel
  const services = kernelServices(machine)

  test('processes and their threads', () => {
    const parent = fork()
    const thread = sys.clone(parent, THREAD, 0, null, null, 0)
    expect([...services.for_each_process()]).toEqual(expect.arrayContaining([init, parent]))
    expect([...services.for_each_process()].map(({ pid }) => pid)).not.toContain(thread)
    expect([...services.for_each_thread(parent)].map(({ pid }) => pid)).toEqual([parent.pid, thread])
  })

  test('a signal reaches a process, but not process 1', () => {
    const target = fork()
    const send = (task: Task, signal: number) => services.send_signal(task, signal, false)
    expect([send(init, SIGUSR1), send(target, 65), send(target, 0)]).toEqual([-EPERM, -EINVAL, 0])
    const parent = target.real_parent!
    expect(services.send_signal(target, SIGUSR1, false)).toBe(0)
    const status = { value: 0 }
    machine.runRcu()
    expect([sys.wait4(parent, target.pid, status, 0, null), status.value]).toEqual([target.pid, SIGUSR1])
  })

  test('a file that the task may not read', () => {
    const stranger = fork(init, 1000)
    kernel.file('/secret', '', 0o600)
    const path = machine.vfs.user_path_at(-100, '/secret', 0)
    if (typeof path === 'number') throw new Error('no such file')
    const inode = path.dentry.d_inode!
    machine.current.task = stranger
    expect(services.inode_permission(inode, MAY_READ)).toBe(-EACCES)
    machine.current.task = init
    expect(services.inode_permission(inode, MAY_READ)).toBe(0)
  })

  test('bytes of a file that is open for reading, and of no other', () => {
    kernel.file('/data', 'content of a file')
    const contents = (path: string, flags: number): string | null => {
      const fd = sys.openat(init, AT_FDCWD, path, flags, 0)
      const bytes = services.contents_of(fget(init, fd)!)
      return bytes && new TextDecoder().decode(bytes)
    }
    expect(contents('/data', O_RDONLY)).toBe('content of a file')
    expect([contents('/data', O_WRONLY), contents('/', O_RDONLY)]).toEqual([null, null])
  })

  test('memory that nobody tells of', () => {
    expect(services.access_process_vm(fork(), 4096, new Uint8Array(4), false)).toBe(-EFAULT)
  })

  test('memory of a task, as far as it is there', () => {
    const task = fork()
    const bytes = Uint8Array.of(1, 2, 3, 4)
    spaceOf(task.mm!).memory = {
      read: (addr, len) => bytes.slice(addr, addr + len),
      write: (addr, data) => {
        const part = data.subarray(0, Math.max(0, bytes.length - addr))
        bytes.set(part, addr)
        return part.length
      },
    }
    const into = new Uint8Array(2)
    const access = (address: number, isWrite: boolean) => services.access_process_vm(task, address, into, isWrite)
    expect([access(1, false), [...into], access(3, false)]).toEqual([0, [2, 3], -EFAULT])
    into.fill(9)
    expect([access(2, true), [...bytes], access(3, true)]).toEqual([0, [1, 2, 9, 9], -EFAULT])
  })
})
