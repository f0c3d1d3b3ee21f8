/** The table of kfuncs has those that a kernel 6.12 marks. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Btf } from '../btf/btf.ts'
import { kfuncPrototypes } from './prototypes.ts'

const names = kfuncPrototypes.map(({ name }) => name)

test('each has one line', () => {
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})

/** Marked for programs that are attached to them; nobody calls them. */
const ATTACHED_TO: ReadonlySet<string> = new Set(
  ['bpf_fentry_test1', 'bpf_modify_return_test', 'bpf_modify_return_test2'])

const path = process.env.LSMKIT_VMLINUX_BTF
const title = path === undefined
  ? 'SKIPPED: give LSMKIT_VMLINUX_BTF, the .BTF section of a kernel 6.12, to compare its kfuncs'
  : `kfuncs of ${path}`

describe.skipIf(path === undefined)(title, () => {
  test('all are in the table', () => {
    const kernel = new Btf(readFileSync(path!))
    const marked = [...kernel.ids('func')].filter((id) => kernel.tags(id).some(({ name }) => name === 'bpf_kfunc'))
      .map((id) => kernel.name(id)).filter((name) => !ATTACHED_TO.has(name))
    expect(marked.length).toBeGreaterThan(100)
    expect(marked.filter((name) => !names.includes(name))).toEqual([])
  })
})
