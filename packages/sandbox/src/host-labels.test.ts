/** Labels in a folder of the host outlive the kernel that gave them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_FDCWD, EACCES, EOPNOTSUPP, EPERM, O_CREAT, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { hostfs } from '@lsmkit/kernel/hostfs'
import type { HostfsOptions } from '@lsmkit/kernel/hostfs'
import { smack } from '@lsmkit/smack'
import { afterAll, describe, expect, test } from 'vitest'
import { createSandbox, hostFolder } from './index.ts'
import { insideOf } from './inside.ts'

const base = mkdtempSync(join(tmpdir(), 'lsmkit-labels-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const boot = (options: Partial<HostfsOptions> = {}): Kernel => bootKernel({
  stack: createStack({ lsms: [capability(), smack()] }),
  mounts: [{
    type: hostfs({ path: base, writable: true, native: true, labels: 'user', ...options }), target: '/w',
  }],
})
const setLabel = ({ sys, init }: Kernel, path: string, label: string, name = 'security.SMACK64'): number =>
  sys.setxattr(init, path, name, bytes(label), 0)
const labelOf = ({ sys, init }: Kernel, path: string, name = 'security.SMACK64'): string | number => {
  const value = new Uint8Array(64)
  const length = sys.getxattr(init, path, name, value)
  return length < 0 ? length : new TextDecoder().decode(value.subarray(0, length))
}
const make = ({ sys, init }: Kernel, path: string): void => {
  sys.close(init, sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o644))
}

/** Whether native calls can be had here, and the host's file system takes attributes of that space. */
const isThere = (labels: 'user' | 'security'): boolean => {
  try {
    writeFileSync(join(base, 'probe'), '')
    const rc = setLabel(boot({ labels }), '/w/probe', 'Probe')
    if (rc !== 0) process.stderr.write(`SKIPPED: labels in \`${labels}.*\` of the host: errno ${-rc}\n`)
    return rc === 0
  } catch (error) {
    process.stderr.write(`SKIPPED: labels in \`${labels}.*\` of the host: ${String(error)}\n`)
    return false
  } finally {
    rmSync(join(base, 'probe'), { force: true })
  }
}
const hasUser = isThere('user')
const hasSecurity = isThere('security')

describe.skipIf(!hasUser)('labels that are kept on the host', () => {
  test('the next kernel finds them: files, folders, and what is made in them', () => {
    const first = boot()
    make(first, '/w/plans')
    first.sys.mkdir(first.init, '/w/box', 0o755)
    expect([setLabel(first, '/w/plans', 'Secret'), setLabel(first, '/w/box', 'Box')]).toEqual([0, 0])
    first.sys.rename(first.init, '/w/plans', '/w/box/plans')
    const second = boot()
    expect([labelOf(second, '/w/box/plans'), labelOf(second, '/w/box')]).toEqual(['Secret', 'Box'])
    expect([setLabel(second, '/w/box/plans', 'Public'), labelOf(boot(), '/w/box/plans')]).toEqual([0, 'Public'])
  })

  test('a new file has the label of the program that made it', () => {
    const first = boot()
    const { sys, init } = first
    const fd = sys.openat(init, AT_FDCWD, '/proc/self/attr/current', O_WRONLY, 0)
    expect(sys.write(init, fd, bytes('Maker'))).toBe(5)
    sys.close(init, fd)
    make(first, '/w/made')
    sys.mkdir(init, '/w/folder', 0o755)
    sys.symlink(init, 'made', '/w/link')
    const second = boot()
    expect([labelOf(second, '/w/made'), labelOf(second, '/w/folder')]).toEqual(['Maker', 'Maker'])
    expect(second.sys.readlinkat(second.init, AT_FDCWD, '/w/link', new Uint8Array(9))).toBe(4)
  })

  test('a program reaches nothing of the host but labels', () => {
    const kernel = boot()
    make(kernel, '/w/file')
    expect(setLabel(kernel, '/w/file', 'x', 'user.note')).toBe(-EOPNOTSUPP)
    expect(setLabel(kernel, '/w/file', 'x', 'user.lsmkit.SMACK64')).toBe(-EOPNOTSUPP)
    expect(labelOf(kernel, '/w/file', 'security.capability')).toBe(-EOPNOTSUPP)
    const capabilities = Uint8Array.of(1, 0, 0, 2, ...new Uint8Array(16))
    expect(kernel.sys.setxattr(kernel.init, '/w/file', 'security.capability', capabilities, 0)).toBe(-EPERM)
  })

  // root reads everything
  test.skipIf(process.getuid?.() === 0)('a file that the process may not read has no known label: refused', () => {
    const first = boot()
    make(first, '/w/shut')
    expect([setLabel(first, '/w/shut', 'Secret'), first.sys.chmod(first.init, '/w/shut', 0o200)]).toEqual([0, 0])
    expect(labelOf(boot(), '/w/shut')).toBe(-EACCES)
  })

  test('a folder without `labels` keeps none', () => {
    const first = boot()
    make(first, '/w/known')
    setLabel(first, '/w/known', 'Secret')
    const plain = bootKernel({
      stack: createStack({ lsms: [capability(), smack()] }),
      mounts: [{ type: hostfs({ path: base, native: true }), target: '/w' }],
    })
    expect(labelOf(plain, '/w/known')).not.toBe('Secret')
    expect(readdirSync(base)).toContain('known')
  })
})

/** In a process of its own: prints the label of `file` in each folder. */
const program = `
  import { capability } from '@lsmkit/capability'
  import { createStack } from '@lsmkit/core'
  import { bootKernel } from '@lsmkit/kernel'
  import { hostfs } from '@lsmkit/kernel/hostfs'
  import { smack } from '@lsmkit/smack'
  for (const [path, labels] of JSON.parse(process.argv[1])) {
    const { sys, init } = bootKernel({
      stack: createStack({ lsms: [capability(), smack()] }),
      mounts: [{ type: hostfs({ path, native: true, labels }), target: '/w' }],
    })
    const value = new Uint8Array(64)
    const length = sys.getxattr(init, '/w/file', 'security.SMACK64', value)
    console.log(length < 0 ? length : new TextDecoder().decode(value.subarray(0, length)))
  }`

const spaces = (['user', 'security'] as const).filter((labels) => (labels === 'user' ? hasUser : hasSecurity))

test.skipIf(spaces.length === 0)('labels outlive the process', () => {
  const folders = spaces.map((labels) => {
    const folder = mkdtempSync(join(base, 'kept-'))
    const first = boot({ path: folder, labels })
    make(first, '/w/file')
    expect(setLabel(first, '/w/file', `Kept-${labels}`)).toBe(0)
    return [folder, labels]
  })
  const text = execFileSync(process.execPath, [
    '--no-warnings', '--conditions=lsmkit:source', '--experimental-strip-types', '--input-type=module', '-e', program,
    JSON.stringify(folders),
  ], { cwd: import.meta.dirname, encoding: 'utf8' })
  expect(text.trim().split('\n')).toEqual(spaces.map((labels) => `Kept-${labels}`))
})

test.skipIf(!hasUser)('folders of a box have them too', async () => {
  const folder = mkdtempSync(join(base, 'box-'))
  const openBox = () => createSandbox({
    inline: true, modules: [{ module: '@lsmkit/smack' }],
    mounts: { '/w': hostFolder(folder, { writable: true, native: true, labels: 'user' }) },
  })
  const first = await openBox()
  const { kernel } = insideOf(first)
  make(kernel, '/w/file')
  expect(setLabel(kernel, '/w/file', 'Secret')).toBe(0)
  await first.close()
  const second = await openBox()
  expect(labelOf(insideOf(second).kernel, '/w/file')).toBe('Secret')
  await second.close()
})

describe.each([
  { labels: 'user', is: hasUser, other: 'security' }, { labels: 'security', is: hasSecurity, other: 'user' },
] as const)('in $labels.*', ({ labels, is, other }) => {
  test.skipIf(!is)('the other space has none of it', () => {
    const folder = mkdtempSync(join(base, 'other-'))
    const first = boot({ path: folder, labels })
    make(first, '/w/file')
    expect(setLabel(first, '/w/file', 'Secret')).toBe(0)
    expect(labelOf(boot({ path: folder, labels }), '/w/file')).toBe('Secret')
    expect(labelOf(boot({ path: folder, labels: other }), '/w/file')).not.toBe('Secret')
  })
})

test('labels need native calls', () => {
  expect(() => hostfs({ path: base, labels: 'user' })).toThrow(expect.objectContaining({ code: 'no-native' }))
  expect(() => hostfs({ path: base, native: true, labels: 'trusted' as never })).toThrow('labels')
})
