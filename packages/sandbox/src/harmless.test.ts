/** Calls that count as harmless are made by root, who may do all, on files of every kind: none of these changes. */
import {
  AT_FDCWD, O_CREAT, O_DIRECTORY, O_PATH, O_RDONLY, O_RDWR, O_TMPFILE, O_TRUNC, S_IFIFO, S_IFREG, SIGKILL,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { CALL_SHAPES } from '@lsmkit/kernel/fuzz'
import { sockaddrIn, sockaddrUn } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { mayChange } from './harmless.ts'
import { createSandbox } from './index.ts'
import { insideOf } from './inside.ts'
import { takeSnapshot } from './snapshot.ts'
import { argumentMaker, generator } from './testing/call-arguments.ts'

const TRIES = 40

test('a harmless call changes no file', async () => {
  const box = await createSandbox({ inline: true })
  await box.fs.mkdir('/files/dir/full', { recursive: true })
  await box.fs.writeFile('/files/file', 'text')
  await box.fs.symlink('/files/file', '/files/link')
  await box.fs.setxattr('/files/file', 'user.note', new Uint8Array([1]))
  const { kernel } = insideOf(box)
  const { sys, init, machine, syscall } = kernel
  expect(sys.mknod(init, '/files/fifo', S_IFIFO | 0o666, 0)).toBe(0)
  expect(sys.mknod(init, '/files/other', S_IFREG | 0o666, 0)).toBe(0)
  /** All but times of access. */
  const state = (): string => JSON.stringify(takeSnapshot(kernel, init, ['/']).entries, (key, value: unknown) =>
    key === 'atime' ? null : value instanceof Uint8Array ? [...value] : value)
  let fds: number[] = []
  const root = (): Task => {
    const task = machine.as(init, () => machine.tasks.findByVpid(sys.fork(init))) as Task
    const pipe: number[] = []
    fds = [
      sys.openat(task, AT_FDCWD, '/files/file', O_RDWR, 0), sys.openat(task, AT_FDCWD, '/files/fifo', O_RDWR, 0),
      sys.openat(task, AT_FDCWD, '/files', O_RDONLY | O_DIRECTORY, 0),
      sys.openat(task, AT_FDCWD, '/files/file', O_PATH, 0),
    ]
    sys.pipe2(task, pipe as never, 0)
    fds.push(...pipe)
    return task
  }
  const paths = ['/files/file', '/files/link', '/files/dir', '/files/fifo', '/files/dir/new', '/files']
  const numbers = [0, 1, 2, 3, 7, 16, 4096, SIGKILL, O_RDWR, O_CREAT | O_RDWR, O_TRUNC | O_RDWR, O_TMPFILE | O_RDWR, -1]
  const before = state()
  const worked = new Set<string>()
  for (const [name, shape] of Object.entries(CALL_SHAPES)) {
    const changes = mayChange(kernel, name)
    const random = generator(name.length * 31 + name.charCodeAt(0))
    const argumentsFor = argumentMaker({
      name, shape, random, paths, numbers, names: ['', 'user.note', 'user.new'], buffers: [], fds: () => fds,
      addresses: [sockaddrUn('/files/socket'), sockaddrIn('127.0.0.1', 7)],
    })
    let task = null as Task | null
    for (let i = 0; i < TRIES; i++) {
      task = task === null || task.exit_state !== 0 || i % 10 === 0 ? root() : task
      const args = argumentsFor(i)
      if (changes !== null && changes(task, ...args)) continue
      if (syscall(task, name, ...args) >= 0) worked.add(name)
    }
    if (task !== null && task.exit_state === 0) sys.exit_group(task, 0)
    expect(state(), name).toBe(before)
  }
  // what is tested at all, and what is never harmless
  expect(worked.size).toBeGreaterThan(40)
  for (const name of ['openat', 'write', 'read', 'fcntl', 'stat']) expect(worked).toContain(name)
  for (const name of ['unlinkat', 'mkdirat', 'ftruncate', 'setxattr', 'utimensat']) expect(worked).not.toContain(name)
  await box.close()
})
