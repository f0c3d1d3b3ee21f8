import { EACCES, ENOENT, O_WRONLY } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { Tenant } from './index.ts'

/** Files under a folder can be written once. */
const writeOnce = (folder: string) => {
  const written = new Set<string>()
  return defineLsm({
    name: 'write-once',
    abi: '1.0',
    hooks: {
      file_open(file) {
        const { d_name, d_parent } = file.f_path.dentry
        if ((file.f_flags & O_WRONLY) === 0 || d_parent?.d_name.name !== folder) return 0
        if (written.has(d_name.name)) return -EACCES
        written.add(d_name.name)
        return 0
      },
    },
  })
}

test('each tenant has its own files and its own policy', () => {
  const [archive, scratch] = [new Tenant('archive', [writeOnce('/')]), new Tenant('scratch', [])]

  expect([archive.write('/a', 'one'), scratch.write('/a', 'two')]).toEqual([0, 0])
  expect([archive.write('/a', 'new'), scratch.write('/a', 'new')]).toEqual([-EACCES, 0])
  expect([archive.read('/a'), scratch.read('/a')]).toEqual(['one', 'new'])

  expect(scratch.write('/mine', 'x')).toBe(0)
  expect(archive.read('/mine')).toBe(-ENOENT)
  expect(archive.denials).toMatchObject([{ lsm: 'write-once', hook: 'file_open' }])
  expect(scratch.denials).toEqual([])
})

test('calls of both interleave, and each asks its own modules', () => {
  const tenants = ['a', 'b', 'c'].map((name) => new Tenant(name, [writeOnce('/')]))
  for (const turn of [0, 1]) {
    expect(tenants.map((tenant) => tenant.write('/log', 'x'))).toEqual(tenants.map(() => (turn === 0 ? 0 : -EACCES)))
  }
})
