/** Contexts of programs lie in our types as user space knows them. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Btf } from '../btf/btf.ts'
import { contextStructs } from './contexts.ts'
import { vmlinuxBtf } from './vmlinux.ts'

const types = vmlinuxBtf()
const names = contextStructs().map(([name]) => name.replace('struct ', ''))

/** Name, place, size and kind of each member; those of unions and structs without a name among them. */
const membersOf = (btf: Btf, id: number, at = 0): string[] => btf.members(id).flatMap((member) => {
  const offset = at + member.bitOffset / 8
  const { kind, name } = btf.resolved(member.type)
  // what fills a pointer up to 8 bytes has no name and is no struct
  if (member.name === '') return kind === 'int' ? [] : membersOf(btf, member.type, offset)
  return [`${member.name} ${offset} ${btf.size(member.type)} ${kind}${kind === 'struct' ? ` ${name}` : ''}`]
})

const shapeOf = (btf: Btf, name: string) => {
  const id = btf.find(name, 'struct')
  return { size: btf.size(id), members: membersOf(btf, id).sort() }
}

test.each([
  ['xdp_md', 24, 'data_end 4 4 int'], ['__sk_buff', 192, 'cb 48 20 array'], ['sk_msg_md', 80, 'sk 72 8 ptr'],
  ['bpf_sock_ops', 224, 'reply 4 4 int'], ['bpf_perf_event_data', 184, 'regs 0 168 struct pt_regs'],
])('struct %s has %i bytes, and `%s`', (name, size, member) => {
  expect(shapeOf(types, name)).toEqual({ size, members: expect.arrayContaining([member]) })
})

const path = process.env.LSMKIT_VMLINUX_BTF
const title = path === undefined
  ? 'SKIPPED: give LSMKIT_VMLINUX_BTF, the .BTF section of a kernel 6.12, to compare its contexts'
  : `contexts of ${path}`

describe.skipIf(path === undefined)(title, () => {
  const kernel = path === undefined ? types : new Btf(readFileSync(path))

  test.each(names)('struct %s', (name) => {
    expect(shapeOf(types, name)).toEqual(shapeOf(kernel, name))
  })
})
