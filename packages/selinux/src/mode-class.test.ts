import { MAY_ACCESS, MAY_APPEND, MAY_EXEC, MAY_NOT_BLOCK, MAY_READ, MAY_WRITE, S_IFDIR, S_IFREG } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { AV } from './class-map.ts'
import { maskPerms } from './mode-class.ts'

const { dir, file } = AV

test.each([
  { what: 'a file', mode: S_IFREG, mask: MAY_READ, perms: file.read },
  { what: 'a file', mode: S_IFREG, mask: MAY_WRITE, perms: file.write },
  { what: 'a file', mode: S_IFREG, mask: MAY_EXEC, perms: file.execute },
  { what: 'a file: append takes the place of write', mode: S_IFREG, mask: MAY_WRITE | MAY_APPEND, perms: file.append },
  { what: 'a file', mode: S_IFREG, mask: MAY_READ | MAY_EXEC, perms: file.read | file.execute },
  { what: 'a directory', mode: S_IFDIR, mask: MAY_EXEC, perms: dir.search },
  { what: 'a directory', mode: S_IFDIR, mask: MAY_WRITE | MAY_EXEC, perms: dir.write | dir.search },
  { what: 'a directory knows no append', mode: S_IFDIR, mask: MAY_READ | MAY_APPEND, perms: dir.read },
  { what: 'other bits say nothing', mode: S_IFREG, mask: MAY_READ | MAY_ACCESS | MAY_NOT_BLOCK, perms: file.read },
  { what: 'nothing', mode: S_IFREG, mask: 0, perms: 0 },
])('$what, mask $mask: $perms', ({ mode, mask, perms }) => {
  expect(maskPerms(mode, mask)).toBe(perms)
})
