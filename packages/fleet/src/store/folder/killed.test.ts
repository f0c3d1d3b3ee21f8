/** Writers that are killed and stopped anywhere lose nothing that they have reported, and hold up nobody. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pause } from '../waiting.ts'
import { folder } from './index.ts'

const program = join(import.meta.dirname, '../../testing/folder-writer.ts')

interface Writer {
  readonly child: ChildProcess
  readonly printed: () => string
}

const start = (path: string, name: string): Writer => {
  const child = spawn(process.execPath, ['--conditions=lsmkit:source', program, path, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout!.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  return { child, printed: () => printed }
}

const end = async ({ child }: Writer): Promise<void> => {
  const closed = new Promise((resolve) => child.on('close', resolve))
  child.kill('SIGKILL')
  await closed
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(10)
}
const lines = ({ printed }: Writer): readonly string[] => printed().split('\n').slice(0, -1)

test.skipIf(process.platform === 'win32')('what was reported is there, once', async () => {
  const path = mkdtempSync(join(tmpdir(), 'lsmkit-fleet-'))
  const writers = ['a', 'b', 'c'].map((name) => start(path, name))
  const [first, second, third] = writers as [Writer, Writer, Writer]
  try {
    await until(() => writers.every((writer) => lines(writer).length > 10))
    second.child.kill('SIGSTOP')
    await end(first)
    const before = lines(third).length
    // past several generations of the counter, with one writer stopped in the middle of whatever it did
    await until(() => lines(third).length > before + 100)
    second.child.kill('SIGCONT')
    const stopped = lines(second).length
    await until(() => lines(second).length > stopped + 10)
  } finally {
    await Promise.all([second, third].map(end))
  }
  const store = folder(path)
  const all = writers.flatMap(lines)
  const raised = all.filter((line) => line.startsWith('raised ')).length
  const count = Number(new TextDecoder().decode((await store.get('rollout', 'count'))!.value))
  // one killed after it wrote, and before it printed, is one more
  expect(count).toBeGreaterThanOrEqual(raised)
  expect(count).toBeLessThanOrEqual(raised + writers.length)
  const ids: string[] = []
  for await (const { id } of store.read('dec')) ids.push(id)
  const appended = all.filter((line) => line.startsWith('appended ')).map((line) => line.slice('appended '.length))
  expect(appended.filter((id) => !ids.includes(id))).toEqual([])
  expect(new Set(ids).size).toBe(ids.length)
  rmSync(path, { recursive: true, force: true })
})
