/** `createSandbox({ native })`: programs of the host under the policy of a box, in its folders. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, hostFolder } from '@lsmkit/sandbox'
import type { SandboxOptions } from '@lsmkit/sandbox'
import { defineLsm } from '@lsmkit/core'
import { createNativeBox } from './index.ts'
import { systemPrograms } from './presets/system-paths.ts'
import { testLandlock } from './testing/host.ts'

const own = (): ReturnType<typeof defineLsm> => defineLsm({ name: 'own', abi: '1.0', hooks: {} })

let root = ''
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-native-box-')))
  for (const name of ['repo', 'repo/src', 'repo/private']) mkdirSync(join(root, name))
  writeFileSync(join(root, 'repo/src/file'), 'text')
  writeFileSync(join(root, 'repo/private/key'), 'key')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const options = (more: SandboxOptions = {}): SandboxOptions => {
  const system = systemPrograms()
  return {
    inline: true, native: createNativeBox, accept: [],
    allow: { read: ['/repo/src', '/dev/null', ...system], exec: system, write: ['/repo/src', '/dev/null'] },
    mounts: {
      '/repo': hostFolder(join(root, 'repo'), { writable: true }),
      ...Object.fromEntries(system.map((path) => [path, hostFolder(path)])),
    },
    ...more,
  }
}

describe.skipIf(testLandlock() === 0)('box.exec', () => {
  test('works in folders of the host, by paths of the box', async () => {
    const box = await createSandbox(options())
    const run = await box.exec('sh', ['-c', 'cat file; echo more > new; cat ../private/key'], { cwd: '/repo/src' })
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 1, stdout: 'text' })
    expect(readFileSync(join(root, 'repo/src/new'), 'utf8')).toBe('more\n')
    await box.close()
  })

  test('a yes widens it too', async () => {
    const box = await createSandbox(options())
    const next = await box.with({ run: 0, allow: { read: ['/repo/private'] }, why: 'asked' })
    expect((await next.exec('cat', ['key'], { cwd: '/repo/private' })).stdout).toBe('key')
    expect((await box.exec('cat', ['key'], { cwd: '/repo/private' })).stdout).toBe('')
    await box.close()
    await next.close()
  })

  test('roles, and modules that cannot be held', async () => {
    const roles = { bare: { allow: { exec: systemPrograms() } } }
    const box = await createSandbox(options({ roles }))
    expect((await box.exec('cat', ['/dev/null'])).status).toBe(0)
    expect((await box.exec('cat', ['/dev/null'], { role: 'bare' })).status).toBe(1)
    await box.close()
    const labelled = await createSandbox(options({ modules: [own] }))
    await expect(labelled.exec('true')).rejects.toMatchObject({ code: 'not-held', gaps: ['modules'] })
    await labelled.close()
  })

  test('a box without it says so', async () => {
    const box = await createSandbox({ inline: true })
    await expect(box.exec('true')).rejects.toMatchObject({ code: 'not-there' })
    await box.close()
  })
})
