/** The header of our types: what a compiler needs of it. */
import { expect, test } from 'vitest'
import { headerOf } from './c-header.ts'
import { vmlinuxBtf } from './vmlinux.ts'

const header = headerOf(vmlinuxBtf())
const at = (text: string): number => header.indexOf(text)

test.each([
  ['a struct', /^struct task_struct \{$/m], ['an enum', /^enum bpf_func_id \{$/m],
  ['a number', /\tBPF_FUNC_map_lookup_elem = 1,/], ['a pointer to a struct', /\tstruct task_struct \*\w+;/],
  ['an array', /\tchar comm\[16\];/], ['a typedef', /^typedef \w.* u64;$/m],
  ['relocations', /preserve_access_index/],
])('it has %s', (_what, pattern) => {
  expect(header).toMatch(pattern)
})

test('a type stands before the one that has it as a member', () => {
  for (const found of header.matchAll(/^\tstruct (\w+) \w+(?:\[\d+\])?;$/gm)) {
    const defined = at(`\nstruct ${found[1]} {`)
    expect(defined, found[1]).toBeGreaterThan(-1)
    expect(defined, found[1]).toBeLessThan(found.index)
  }
})

test('each is there once', () => {
  const heads = [...header.matchAll(/^(?:struct|union|enum) \w+ \{$/gm)].map(([head]) => head)
  expect(heads.length).toBeGreaterThan(100)
  expect(new Set(heads).size).toBe(heads.length)
})
