/** /proc/PID/map_files: who may follow, and what the links lead to. */
import { ENOENT, EPERM, MAP_PRIVATE, O_CREAT, O_DIRECTORY, O_RDONLY, O_RDWR, PROT_READ } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'

test('a mapping of a file is a link to it, by its addresses', () => {
  let mayRestore = true
  const lsm = defineLsm({ name: 'keeper', abi: '1.0', hooks: { capable: () => (mayRestore ? 0 : -EPERM) } })
  const { sys, init } = bootForTest({ lsms: [lsm] })
  const fd = sys.open(init, '/f', O_CREAT | O_RDWR, 0o600)
  sys.write(init, fd, new Uint8Array(4096))
  const at = sys.mmap(init, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0)
  const link = `/proc/self/map_files/${at.toString(16)}-${(at + 4096).toString(16)}`
  const text = new Uint8Array(64)
  expect(new TextDecoder().decode(text.subarray(0, sys.readlink(init, link, text)))).toBe('/f')
  expect(sys.open(init, link, O_RDONLY, 0)).toBeGreaterThan(0)
  expect(sys.open(init, '/proc/self/map_files/0-1000', O_RDONLY, 0)).toBe(-ENOENT)
  const dir = sys.open(init, '/proc/self/map_files', O_RDONLY | O_DIRECTORY, 0)
  expect(sys.getdents64(init, dir, new Uint8Array(4096))).toBeGreaterThan(0)
  mayRestore = false
  expect(sys.open(init, link, O_RDONLY, 0)).toBe(-EPERM)
})
