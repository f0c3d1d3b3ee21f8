/** Copying the files of a box before the first change is not on the program's time. */
import { TaskFiles } from '@lsmkit/kernel/files'
import { afterAll, expect, test, vi } from 'vitest'
import { createSandbox, memory } from './index.ts'
import { tool } from './testing/programs.ts'

const COPY = 1_500
const LIMIT = 1_200

/** Stands still but for the copy. */
let now = 0
vi.spyOn(performance, 'now').mockImplementation(() => now)
afterAll(() => void vi.restoreAllMocks())

/** A copy lists each folder; from now on that of `/out` takes as long as if the box had many files. */
const slowCopies = (): void => {
  const { readdir } = TaskFiles.prototype
  vi.spyOn(TaskFiles.prototype, 'readdir').mockImplementation(function (this: TaskFiles, path) {
    if (path === '/out') now += COPY
    return readdir.call(this, path)
  })
}

test('a program that changes a file where a copy takes longer than it may run', async () => {
  const box = await createSandbox({
    inline: true, allow: { read: ['/out'], write: ['/out'] }, mounts: { '/out': memory() }, limits: { time: LIMIT },
  })
  slowCopies()
  const args = ['-c', 'cd /out; echo more >file; echo x >>file']
  const { status, reason, usage } = await box.run(tool('sh'), { args })
  expect({ status, reason }).toEqual({ status: 0, reason: '' })
  expect(now).toBe(COPY)
  expect(usage.time).toBeLessThan(LIMIT)
  expect(await box.fs.readFile('/out/file', 'utf8')).toBe('more\nx\n')
})
