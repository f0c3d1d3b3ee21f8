/** `createSandbox({ files })`: contents at once, and contents that a function gives when they are first needed. */
import { describe, expect, test } from 'vitest'
import { createSandbox, hostFolder, memory } from '../index.ts'
import type { SandboxOptions } from '../index.ts'
import { tool } from '../testing/programs.ts'

const allow = { read: ['/data', '/out'], write: ['/out'] }
const inTree = async (files: NonNullable<SandboxOptions['files']>, more: SandboxOptions = {}) =>
  createSandbox({ allow, mounts: { '/out': memory() }, inline: true, files, ...more })

/** Gives its text, and counts how often it was asked. */
const counted = (text: string) => {
  const give = Object.assign(async () => {
    give.times++
    await new Promise((resolve) => setTimeout(resolve, 5))
    return text
  }, { times: 0 })
  return give
}

describe.each([true, false])('inline: %s', (inline) => {
  test('programs and the host read them; a function is called once, when it is first needed', async () => {
    const [late, unused] = [counted('late\n'), counted('')]
    const box = await inTree({ '/data/now': 'now\n', '/data/deep/late': late, '/data/unused': unused }, { inline })
    expect((await box.fs.readdir('/data')).toSorted()).toEqual(['deep', 'now', 'unused'])
    expect(late.times).toBe(0)
    const runs = await Promise.all([1, 2].map(() => box.run(tool('cat'), { args: ['/data/now', '/data/deep/late'] })))
    expect(runs.map(({ stdout }) => stdout)).toEqual(['now\nlate\n', 'now\nlate\n'])
    expect(await box.fs.readFile('/data/deep/late', 'utf8')).toBe('late\n')
    expect([late.times, unused.times]).toEqual([1, 0])
    await box.close()
  })
})

test.each<[string, (box: Awaited<ReturnType<typeof inTree>>) => Promise<unknown>, unknown, number]>([
  ['its size', async (box) => (await box.fs.stat('/data/late')).size, 5, 1],
  ['a user of the box', (box) => box.fs.as('guest').readFile('/data/late', 'utf8'), 'late\n', 1],
  ['a copy', async (box) => {
    await box.fs.cp('/data/late', '/out/copy')
    return box.fs.readFile('/out/copy', 'utf8')
  }, 'late\n', 1],
  ['writing anew', async (box) => {
    await box.fs.writeFile('/data/late', 'mine')
    return box.fs.readFile('/data/late', 'utf8')
  }, 'mine', 0],
  ['appending', async (box) => {
    await box.fs.appendFile('/data/late', 'more')
    return box.fs.readFile('/data/late', 'utf8')
  }, 'late\nmore', 1],
  ['another name', async (box) => {
    await box.fs.rename('/data/late', '/data/moved')
    return box.fs.readFile('/data/moved', 'utf8')
  }, 'late\n', 1],
  ['a snapshot', async (box) => {
    await box.fs.rename('/data/late', '/data/moved')
    const snapshot = await box.snapshot()
    await box.fs.unlink('/data/moved')
    await box.restore(structuredClone(snapshot))
    return box.fs.readFile('/data/moved', 'utf8')
  }, 'late\n', 1],
  ['a box after a yes', async (box) => {
    const { denials } = await box.run(tool('cat'), { args: ['/proc/version'] })
    const next = await box.with(denials[0]!.permit!)
    return (await next.run(tool('cat'), { args: ['/data/late'] })).stdout
  }, 'late\n', 1],
])('%s', async (_, use, answer, times) => {
  const late = counted('late\n')
  const box = await inTree({ '/data/late': late })
  expect(await use(box)).toEqual(answer)
  expect(late.times).toBe(times)
  await box.close()
})

test('what a function throws is the error of the call, and it is asked again', async () => {
  let fault: unknown = Object.assign(new Error('full'), { code: 'ENOSPC' })
  const box = await inTree({ '/data/x': () => { if (fault !== null) throw fault; return Uint8Array.of(65) } })
  await expect(box.fs.readFile('/data/x')).rejects.toMatchObject({ code: 'ENOSPC' })
  fault = new Error('other')
  const { stderr, status } = await box.run(tool('cat'), { args: ['/data/x'] })
  expect([stderr, status]).toEqual([expect.stringContaining('/data/x'), 1])
  fault = null
  expect(await box.fs.readFile('/data/x', 'utf8')).toBe('A')
  await box.close()
})

test('a program may be late too', async () => {
  const box = await inTree({ '/data/cat.wasm': () => tool('cat') }, { allow: { ...allow, exec: ['/data'] } })
  await box.fs.chmod('/data/cat.wasm', 0o755)
  expect(await box.run('/data/cat.wasm', { stdin: 'in' })).toMatchObject({ stdout: 'in', reason: '' })
  await box.close()
})

test('a snapshot whose functions the box has not is refused, and nothing changes', async () => {
  const box = await inTree({ '/data/late': () => 'x' })
  const other = await inTree({ '/data/own': 'own' })
  await expect(other.restore(await box.snapshot())).rejects.toMatchObject({ code: 'not-there' })
  expect(await other.fs.readFile('/data/own', 'utf8')).toBe('own')
  await box.close()
  await other.close()
})

test.each([
  ['relative', /not the path of a file/], ['/', /not the path of a file/], ['/data/../x', /not the path of a file/],
  ['/proc/x', /cannot be made/], ['/host/x', /lies in a folder of the host/],
])('%s is refused', async (path, message) => {
  const mounts = { '/host': hostFolder(import.meta.dirname) }
  await expect(inTree({ [path]: 'x' }, { mounts })).rejects.toThrow(message)
})
