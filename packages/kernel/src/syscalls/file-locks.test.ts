/** Record locks: which one is told of, who would wait for ever, and what a closed descriptor takes along. */
import {
  AT_FDCWD, EAGAIN, EDEADLK, EINVAL, ERESTARTSYS, F_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_RDLCK, F_SETLK, F_SETLKW,
  F_UNLCK, F_WRLCK, O_CREAT, O_PATH, O_RDWR,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

/** Tasks with /tmp/a at 0 and /tmp/b at 1, each with a table of its own. */
const lockers = (count: number) => {
  const kernel = bootForTest()
  const { sys, fork, machine } = kernel
  const tasks = Array.from({ length: count }, () => {
    const task = fork()
    for (const name of ['/tmp/a', '/tmp/b']) sys.openat(task, AT_FDCWD, name, O_CREAT | O_RDWR, 0o666)
    return task
  })
  const flock = (type: number, start: number, len: number) =>
    ({ l_type: type, l_whence: 0, l_start: start, l_len: len, l_pid: 0 })
  const lock = (task: Task, fd: number, cmd: number, type: number, start: number, len: number): number => {
    const rc = sys.fcntl(task, fd, cmd, flock(type, start, len))
    if (rc === -ERESTARTSYS) machine.sleepOn!.subscribe(() => undefined)
    return rc
  }
  /** What is in the way of a write lock on all of it: start, length, pid. */
  const inTheWay = (task: Task): number[] => {
    const asked = flock(F_WRLCK, 0, 0)
    expect(sys.fcntl(task, 0, F_GETLK, asked)).toBe(0)
    return asked.l_type === F_UNLCK ? [] : [asked.l_start, asked.l_len, asked.l_pid]
  }
  return { ...kernel, tasks, lock, inTheWay }
}

test('of several locks in the way that of the first to come is told, and of his the first in the file', () => {
  const { tasks: [one, two, asks], lock, inTheWay } = lockers(3)
  lock(one!, 0, F_SETLK, F_RDLCK, 10, 10)
  lock(two!, 0, F_SETLK, F_RDLCK, 0, 5)
  expect(inTheWay(asks!)).toEqual([10, 10, one!.pid])
  lock(one!, 0, F_SETLK, F_RDLCK, 0, 3)
  expect(inTheWay(asks!)).toEqual([0, 3, one!.pid])
  lock(one!, 0, F_SETLK, F_UNLCK, 0, 0)
  lock(one!, 0, F_SETLK, F_RDLCK, 0, 1)
  expect(inTheWay(asks!)).toEqual([0, 5, two!.pid])
})

describe('who would wait for ever', () => {
  test('two who want what the other has: the second gets EDEADLK, and keeps what he has', () => {
    const { tasks: [one, two], lock } = lockers(2)
    lock(one!, 0, F_SETLK, F_WRLCK, 0, 10)
    lock(two!, 0, F_SETLK, F_WRLCK, 20, 10)
    expect(lock(two!, 0, F_SETLKW, F_WRLCK, 5, 3)).toBe(-ERESTARTSYS)
    expect(lock(one!, 0, F_SETLK, F_RDLCK, 22, 1)).toBe(-EAGAIN)
    expect(lock(one!, 0, F_SETLKW, F_RDLCK, 22, 1)).toBe(-EDEADLK)
    lock(one!, 0, F_SETLK, F_UNLCK, 0, 0)
    expect(lock(two!, 0, F_SETLKW, F_WRLCK, 5, 3)).toBe(0)
  })

  test('a circle of three over two files', () => {
    const { tasks: [one, two, three], lock } = lockers(3)
    lock(one!, 0, F_SETLK, F_WRLCK, 0, 1)
    lock(two!, 0, F_SETLK, F_WRLCK, 1, 1)
    lock(three!, 1, F_SETLK, F_WRLCK, 0, 1)
    expect(lock(one!, 0, F_SETLKW, F_WRLCK, 1, 1)).toBe(-ERESTARTSYS)
    expect(lock(two!, 1, F_SETLKW, F_WRLCK, 0, 1)).toBe(-ERESTARTSYS)
    expect(lock(three!, 0, F_SETLKW, F_WRLCK, 0, 1)).toBe(-EDEADLK)
  })

  test('whoever has given up waiting is in nobody’s way', () => {
    const { sys, machine, tasks: [one, two], lock } = lockers(2)
    lock(one!, 0, F_SETLK, F_WRLCK, 0, 1)
    lock(two!, 0, F_SETLK, F_WRLCK, 1, 1)
    const wanted = { l_type: F_WRLCK, l_whence: 0, l_start: 0, l_len: 1, l_pid: 0 }
    expect(sys.fcntl(two!, 0, F_SETLKW, wanted)).toBe(-ERESTARTSYS)
    machine.sleepOn!.subscribe(() => undefined)()
    expect(lock(one!, 0, F_SETLKW, F_WRLCK, 1, 1)).toBe(-ERESTARTSYS)
  })

  test('locks of open files are left to wait', () => {
    const { tasks: [one, two], lock } = lockers(2)
    lock(one!, 0, F_OFD_SETLK, F_WRLCK, 0, 1)
    lock(two!, 0, F_OFD_SETLK, F_WRLCK, 1, 1)
    expect(lock(two!, 0, F_OFD_SETLKW, F_WRLCK, 0, 1)).toBe(-ERESTARTSYS)
    expect(lock(one!, 0, F_OFD_SETLKW, F_WRLCK, 1, 1)).toBe(-ERESTARTSYS)
  })
})

test('closing a descriptor that stands for a place only leaves locks alone', () => {
  const { sys, tasks: [one, two], lock } = lockers(2)
  lock(one!, 0, F_SETLK, F_WRLCK, 0, 1)
  const place = sys.openat(one!, AT_FDCWD, '/tmp/a', O_PATH, 0)
  expect(sys.close(one!, place)).toBe(0)
  expect(lock(two!, 0, F_SETLK, F_WRLCK, 0, 1)).toBe(-EAGAIN)
})

test('half a byte is no place to begin', () => {
  const { tasks: [one], lock } = lockers(1)
  expect(lock(one!, 0, F_SETLK, F_WRLCK, 0.5, 1)).toBe(-EINVAL)
  expect(lock(one!, 0, F_SETLK, F_WRLCK, 0, Number.NaN)).toBe(-EINVAL)
})
