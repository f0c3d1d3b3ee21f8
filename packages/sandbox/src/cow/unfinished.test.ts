/** A process that is killed in the middle of `apply`: each file is whole, and what was replaced is found again. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox, hostFolder } from '../index.ts'
import type { Sandbox, SandboxError } from '../index.ts'

const repo = mkdtempSync(join(tmpdir(), 'lsmkit-cow-killed-'))
const names = ['a', 'b', 'c', 'd', 'e', 'sub/f', 'sub/g']
const contents = (): string[] => names.map((name) => {
  try {
    return readFileSync(join(repo, name), 'utf8')
  } catch {
    return 'gone'
  }
})
beforeAll(() => {
  mkdirSync(join(repo, 'sub'))
  for (const name of names) writeFileSync(join(repo, name), `old ${name}`)
})
afterAll(() => rmSync(repo, { recursive: true, force: true }))

/** Changes five files, removes one and renames one, and is killed by its fifth rename on the host. */
const program = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { createSandbox, hostFolder } from '@lsmkit/sandbox'
const box = await createSandbox({
  inline: true, allow: { read: ['/p'], write: ['/p'] },
  mounts: { '/p': hostFolder(${JSON.stringify(repo)}, { copyOnWrite: true }) },
})
for (const name of ['a', 'b', 'c', 'd', 'sub/f']) await box.fs.writeFile('/p/' + name, 'new ' + name)
await box.fs.unlink('/p/e')
await box.fs.rename('/p/sub/g', '/p/h')
const { renameSync } = fs
let left = 5
fs.renameSync = (...args) => { if (--left === 0) process.kill(process.pid, 'SIGKILL'); renameSync(...args) }
syncBuiltinESMExports()
await box.apply('**')
`
const open = (): Promise<Sandbox> => createSandbox({
  inline: true, allow: { read: ['/p'], write: ['/p'] }, mounts: { '/p': hostFolder(repo, { copyOnWrite: true }) },
})

test('the next box says so, and what was there comes back', async () => {
  const args = ['--conditions=lsmkit:source', '--input-type=module', '-e', program]
  const { signal, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  expect([signal, stderr]).toEqual(['SIGKILL', ''])
  const [directory, ...others] = readdirSync(repo).filter((name) => name.startsWith('.lsmkit-apply-'))
  expect(others).toEqual([])
  // whole files, of before or of after
  for (const [i, text] of contents().entries()) expect([`old ${names[i]}`, `new ${names[i]}`, 'gone']).toContain(text)
  expect(contents()).not.toEqual(names.map((name) => `old ${name}`))

  const box = await open()
  expect((await box.explain()).unfinished).toEqual([`/p/${directory}`])
  expect(String(await box.explain())).toContain(`unfinished: /p/${directory} is left of an apply`)
  await box.fs.writeFile('/p/later', 'x')
  const error = await box.apply('**').then(() => null, (thrown: SandboxError) => thrown)
  expect(error).toMatchObject({ code: 'unfinished', message: expect.stringContaining(`/p/${directory}`) })
  for (const { path, reason } of error!.places) {
    const [, file] = /`(.*)`/.exec(reason)!
    renameSync(join(repo, file!), join(repo, path.slice('/p/'.length)))
  }
  rmSync(join(repo, 'h'), { force: true })
  expect(contents()).toEqual(names.map((name) => `old ${name}`))
  rmSync(join(repo, directory!), { recursive: true })
  expect((await box.apply('**')).applied).toEqual(['/p/later'])
  await box.close()
})
