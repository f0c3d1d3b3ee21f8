/** A box whose kernel and guests are in a process of their own, and what that process may do. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, hostFolder } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox'
import { createNativeBox } from '../exec/native-box.ts'
import { hasAttributes, testLandlock } from '../testing/host.ts'
import { FrameReader, frameOf } from './frames.ts'
import { kernelProcess } from './kernel-process.ts'
import { wallPolicy } from './wall-policy.ts'

let root = ''
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-wall-')))
  for (const name of ['data', 'own', 'other']) {
    mkdirSync(join(root, name))
    writeFileSync(join(root, name, 'file'), name)
  }
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const policy = (): Policy => ({
  allow: { read: ['/data', '/own'], write: ['/own'] },
  mounts: { '/data': hostFolder(join(root, 'data')), '/own': hostFolder(join(root, 'own'), { writable: true }) },
})

const kernelsOf = (parent: number): string[] => readdirSync('/proc').filter((pid) => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === parent && /^Name:\s+(\d+|memfd|exe|lsmkit)/m.test(status)
  } catch {
    return false
  }
})

/** Large arrays are compared by what they hold, which takes no time. */
const digest = (message: unknown): unknown =>
  (message instanceof Uint8Array ? createHash('sha1').update(message).digest('hex') : message)

test('messages come whole, however the bytes come', () => {
  const parts = { a: 1n, b: new Uint8Array([1, 2]), c: undefined }
  const itself: { more?: unknown } = {}
  itself.more = itself
  const plain = [
    { kind: 'call', id: 1, args: ['/é\ud800', { deep: [null, true, 1.5] }] }, { a: -0, b: NaN }, { a: [undefined] },
    // eslint-disable-next-line no-sparse-arrays -- a hole is not null
    { a: [1, , 2] }, { ['__proto__']: 1 }, { toJSON: 1 }, { a: new Date(0) }, itself,
  ]
  const messages = [...plain, parts, 'x', new Map([[1, 2]]), null, 'y'.repeat(10_000),
    new Uint8Array(3 * 2 ** 20).fill(7)]
  const bytes = Buffer.concat(messages.map(frameOf))
  for (const size of [1021, 4096, 65_536, bytes.length]) {
    const found: unknown[] = []
    const reader = new FrameReader((message) => found.push(message))
    for (let at = 0; at < bytes.length; at += size) {
      const part = Buffer.from(bytes.subarray(at, at + size))
      reader.read(part)
      // its owner uses it again
      part.fill(0)
    }
    expect(found.map(digest)).toEqual(messages.map(digest))
  }
})

test('single bytes too', () => {
  const found: unknown[] = []
  const reader = new FrameReader((message) => found.push(message))
  for (const byte of Buffer.concat([frameOf({ a: 1 }), frameOf('x')])) reader.read(Buffer.of(byte))
  expect(found).toEqual([{ a: 1 }, 'x'])
})

test.each<[what: string, bytes: readonly number[], throws: boolean]>([
  ['a length without a body takes no memory of that size', [0xff, 0xff, 0xff, 0xff, 1], false],
  ['a body that V8 has not written', [2, 0, 0, 0, 1, 2], true],
  ['a body of no bytes waits for the next', [0, 0, 0, 0], false],
])('%s', (_, bytes, throws) => {
  const before = process.memoryUsage().arrayBuffers
  const read = () => new FrameReader(() => {}).read(Buffer.from(bytes))
  if (throws) expect(read).toThrow()
  else read()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24)
})

describe.skipIf(testLandlock() === 0)('the outer wall', () => {
  test('a box works behind it, and its process ends with it', async () => {
    const cat = readFileSync(new URL('../../../wasi/programs/cat.wasm', import.meta.url))
    const box = await createSandbox({ ...policy(), process: kernelProcess })
    expect((await box.run(cat, { args: ['/data/file'] })).stdout).toBe('data')
    const refused = await box.run(cat, { args: ['/proc/version'] })
    expect(refused.denials.map(({ path }) => path)).toEqual(['/proc/version'])
    await box.fs.writeFile('/own/new', 'new')
    expect(readFileSync(join(root, 'own/new'), 'utf8')).toBe('new')
    expect(kernelsOf(process.pid).length).toBeGreaterThan(0)
    await box.close()
    await expect.poll(() => kernelsOf(process.pid)).toEqual([])
  })

  test.skipIf(!hasAttributes())('a folder by native calls keeps its labels behind it', async () => {
    const kept = hostFolder(join(root, 'own'), { writable: true, native: true, labels: 'user' })
    const open = () => createSandbox({
      allow: { read: ['/kept'], write: ['/kept'] }, mounts: { '/kept': kept }, process: kernelProcess,
      modules: [{ module: import.meta.resolve('@lsmkit/smack'), export: 'smack' }],
    })
    const first = await open()
    await first.fs.writeFile('/kept/labelled', 'x')
    await first.fs.setxattr('/kept/labelled', 'security.SMACK64', Buffer.from('Label'))
    await first.close()
    const second = await open()
    expect(await second.fs.readdir('/kept')).toContain('labelled')
    expect(Buffer.from(await second.fs.getxattr('/kept/labelled', 'security.SMACK64')).toString()).toBe('Label')
    await second.close()
  })

  test.each<[what: string, program: string, printed: string]>([
    ['reads a folder of the policy', 'fs.readFileSync(`${root}/data/file`, "utf8")', 'data'],
    ['changes a writable one', 'fs.writeFileSync(`${root}/own/x`, "") ?? "done"', 'done'],
    ['changes no other', 'fs.writeFileSync(`${root}/data/x`, "")', 'EACCES'],
    ['reads nothing else', 'fs.readFileSync(`${root}/other/file`, "utf8")', 'EACCES'],
    ['lists nothing else', 'fs.readdirSync(root)', 'EACCES'],
    ['reads no account', 'fs.readFileSync("/etc/shadow", "utf8")', 'EACCES'],
    ['starts nothing outside of the system', 'child_process.spawnSync(`${root}/own/file`).error.code', 'EACCES'],
    ['sends no signal', 'process.kill(owner, 0)', 'EPERM'],
    ['has no network', 'net.connect(9, "127.0.0.1").on("error", (e) => console.log(e.code)) && ""', 'EACCES'],
  ])('an escape from V8 %s', async (_, program, printed) => {
    const { policy: wall, accept } = wallPolicy(policy(), null)
    const code = `const root = ${JSON.stringify(root)}, owner = ${process.pid}
      try { console.log(${program}) } catch (error) { console.log(error.code) }`
    const { stdout, stderr } = await createNativeBox(wall, { accept }).exec(process.execPath, ['-e', code])
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: printed, stderr: '' })
  })

  test('its death ends calls of the box with an error', async () => {
    const box = await createSandbox({ ...policy(), process: kernelProcess })
    const [keeper] = kernelsOf(process.pid)
    process.kill(Number(keeper), 'SIGTERM')
    await expect.poll(async () => box.fs.readFile('/data/file').catch((error) => error.code)).toBe('worker-ended')
    await box.close()
  })

  test('an inline box has none', async () => {
    await expect(createSandbox({ inline: true, process: kernelProcess })).rejects.toMatchObject({ code: 'bad-option' })
  })
})
