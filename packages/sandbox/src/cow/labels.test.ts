/** Labels of modules in copy-on-write folders: `apply` writes those that programs have changed, and keeps others. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileError } from '@lsmkit/kernel/files'
import { HostTree } from '@lsmkit/kernel/hostfs'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createSandbox, hostFolder } from '../index.ts'
import type { Change, Sandbox } from '../index.ts'

const home = mkdtempSync(join(tmpdir(), 'lsmkit-cow-labels-'))
const repo = join(home, 'repo')
const at = (path: string): string => join(repo, path)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
afterAll(() => rmSync(home, { recursive: true }))

const onHost = <T>(act: (tree: HostTree) => T): T => {
  const tree = new HostTree(repo, (errno, syscall, name) => new FileError(errno, syscall, name), 'user')
  try {
    return act(tree)
  } finally {
    tree.close()
  }
}
const hostLabel = (path: string, name = 'SMACK64'): string | null => {
  const value = onHost((tree) => tree.label(path, name))
  return value === null ? null : new TextDecoder().decode(value)
}
const setHostLabel = (path: string, label: string): void =>
  onHost((tree) => tree.setLabel(path, 'SMACK64', bytes(label)))

/** Whether native calls can be had here, and the host's file system takes `user.` attributes. */
const isThere = (): boolean => {
  mkdirSync(repo, { recursive: true })
  try {
    setHostLabel('', 'Probe')
    return true
  } catch (error) {
    process.stderr.write(`SKIPPED: labels in \`user.*\` of the host: ${String(error)}\n`)
    return false
  }
}
const hasLabels = isThere()

beforeEach(() => {
  rmSync(repo, { recursive: true, force: true })
  mkdirSync(at('dir'), { recursive: true })
  for (const path of ['secret', 'plain', 'dir/file']) writeFileSync(at(path), path)
  if (!hasLabels) return
  for (const path of ['secret', 'dir', 'dir/file']) setHostLabel(path, 'Secret')
})

const open = (): Promise<Sandbox> => createSandbox({
  inline: true, modules: [{ module: '@lsmkit/smack' }],
  mounts: { '/w': hostFolder(repo, { copyOnWrite: true, native: true, labels: 'user' }) },
})
const label = ({ fs }: Sandbox, path: string, name: string): Promise<void> =>
  fs.setxattr(`/w/${path}`, 'security.SMACK64', bytes(name))
const labelIn = async ({ fs }: Sandbox, path: string): Promise<string> =>
  new TextDecoder().decode(await fs.getxattr(`/w/${path}`, 'security.SMACK64'))
const changesOf = async (box: Sandbox): Promise<string[]> => (await box.changes({ diffs: false }))
  .map(({ kind, path, labels, host }: Change) => [kind, path, ...labels, ...host === null ? [] : [host]].join(' '))

/** What programs do; the changes; labels of the host after `apply`. */
type Row = readonly [
  why: string, act: (box: Sandbox) => Promise<unknown>, changes: readonly string[],
  labels: Readonly<Record<string, string | null>>,
]
const table: readonly Row[] = [
  ['new contents keep the label of the file', ({ fs }) => fs.writeFile('/w/secret', 'new'),
    ['changed /w/secret'], { secret: 'Secret' }],
  ['new contents of a file without a label', ({ fs }) => fs.writeFile('/w/plain', 'new'),
    ['changed /w/plain'], { plain: null }],
  ['the same contents again', ({ fs }) => fs.writeFile('/w/secret', 'secret'), [], { secret: 'Secret' }],
  ['a label alone', (box) => label(box, 'plain', 'Tainted'),
    ['changed /w/plain security.SMACK64'], { plain: 'Tainted', secret: 'Secret' }],
  ['the label that it has', (box) => label(box, 'secret', 'Secret'), [], { secret: 'Secret' }],
  ['a label and contents', async (box) => {
    await box.fs.writeFile('/w/secret', 'public')
    await label(box, 'secret', 'Public')
  }, ['changed /w/secret security.SMACK64'], { secret: 'Public' }],
  ['permissions alone', ({ fs }) => fs.chmod('/w/secret', 0o600), ['changed /w/secret'], { secret: 'Secret' }],
  ['another name', ({ fs }) => fs.rename('/w/secret', '/w/moved'), ['renamed /w/moved'], { moved: 'Secret' }],
  ['another name and label', async (box) => {
    await box.fs.rename('/w/secret', '/w/moved')
    await label(box, 'moved', 'Public')
  }, ['renamed /w/moved security.SMACK64'], { moved: 'Public' }],
  ['new files and directories, one that nobody may write', async (box) => {
    await box.fs.mkdir('/w/new')
    await box.fs.writeFile('/w/new/file', 'x')
    await label(box, 'new/file', 'Made')
    await label(box, 'new', 'Box')
    await box.fs.chmod('/w/new/file', 0o444)
  }, ['added /w/new security.SMACK64', 'added /w/new/file security.SMACK64'], { new: 'Box', 'new/file': 'Made' }],
  ['a directory of the host', (box) => label(box, 'dir', 'Public'),
    ['changed /w/dir security.SMACK64'], { dir: 'Public', 'dir/file': 'Secret' }],
  ['a directory that moves', async (box) => {
    await box.fs.rename('/w/dir', '/w/moved')
    await label(box, 'moved', 'Public')
  }, ['renamed /w/moved security.SMACK64'], { moved: 'Public', 'moved/file': 'Secret' }],
]

describe.skipIf(!hasLabels)('labels', () => {
  test.each(table)('%s', async (_, act, changes, labels) => {
    await using box = await open()
    await act(box)
    expect(await changesOf(box)).toEqual(changes)
    if (changes.length > 0) await box.apply('**')
    expect(Object.fromEntries(Object.keys(labels).map((path) => [path, hostLabel(path)]))).toEqual(labels)
    expect(await changesOf(box)).toEqual([])
    const known = Object.entries(labels).filter(([, value]) => value !== null)
    expect(await Promise.all(known.map(async ([path]) => [path, await labelIn(box, path)]))).toEqual(known)
    await using next = await open()
    expect(await Promise.all(known.map(async ([path]) => [path, await labelIn(next, path)]))).toEqual(known)
  })

  test('a directory gets its old label again, and has the host\'s after discard', async () => {
    await using box = await open()
    await label(box, 'dir', 'Public')
    await box.apply('**')
    await label(box, 'dir', 'Secret')
    expect(await changesOf(box)).toEqual(['changed /w/dir security.SMACK64'])
    await box.discard()
    expect([await labelIn(box, 'dir'), hostLabel('dir')]).toEqual(['Public', 'Public'])
  })

  test('a failure in the middle takes labels back', async () => {
    await using box = await open()
    await label(box, 'dir', 'Public')
    await label(box, 'plain', 'Public')
    await box.fs.writeFile('/w/zz', 'x')
    // the kernel does not see it, so the box does not know that something is there
    execFileSync('mkfifo', [at('zz')])
    await expect(box.apply('**')).rejects.toMatchObject({ code: 'host-changed', places: [{ path: '/w/zz' }] })
    expect([hostLabel('dir'), hostLabel('plain')]).toEqual(['Secret', null])
  })

  test.each(['dir', 'secret'])('%s: the host has given it another label meanwhile', async (path) => {
    await using box = await open()
    await label(box, path, 'Public')
    setHostLabel(path, 'Other')
    expect(await changesOf(box)).toEqual([`changed /w/${path} security.SMACK64 changed`])
    await expect(box.apply('**')).rejects.toMatchObject({ code: 'host-changed' })
    expect(hostLabel(path)).toBe('Other')
    await box.apply('**', { overwrite: true })
    expect(hostLabel(path)).toBe('Public')
  })

  test('a file keeps its permissions and a folder without `labels` gets none', async () => {
    chmodSync(at('plain'), 0o640)
    await using box = await createSandbox({
      inline: true, modules: [{ module: '@lsmkit/smack' }], mounts: { '/w': hostFolder(repo, { copyOnWrite: true }) },
    })
    await box.fs.writeFile('/w/plain', 'new')
    await label(box, 'plain', 'Public')
    expect((await box.changes()).map(({ labels }) => labels)).toEqual([[]])
    await box.apply('**')
    expect([hostLabel('plain'), statSync(at('plain')).mode & 0o777]).toEqual([null, 0o640])
  })
})
