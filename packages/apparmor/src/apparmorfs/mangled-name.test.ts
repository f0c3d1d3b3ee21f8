/** Folders of profiles with odd names, as Linux 6.12.118 makes them. */
import { expect, test } from 'vitest'
import { mangledName } from './mangled-name.ts'

test.each([
  ['/usr/bin/man', 'usr.bin.man'], ['../.x/y', 'x.y'], ['a b\tc', 'a_b_c'], ['a*b{c,d}@[e]', 'abcde'], ['///', ''],
  ['caf\u00e9 \u00d7\u20ac-_z', 'caf\udcc3_\udcc3\udce2-_z'],
])('%s', (name, folder) => {
  expect(mangledName(name)).toBe(folder)
})
