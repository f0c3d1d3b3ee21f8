/** Enums of our types have the values of Linux 6.12. */
import { readFileSync } from 'node:fs'
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { Btf } from '../btf/btf.ts'
import { enums } from './enums.ts'
import { unkeptEnums } from './generated/unkept.ts'
import { vmlinuxBtf } from './vmlinux.ts'

const types = vmlinuxBtf()

/** Values by name, in one order. */
const valuesOf = (btf: Btf, name: string): Readonly<Record<string, bigint>> | null => {
  const id = btf.find(name, 'enum')
  const type = id === 0 ? null : btf.type(id)
  if (type?.kind !== 'enum') return null
  return Object.fromEntries([...type.values].sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name: value, value: number }) => [value, number]))
}

const isNamed = (name: string): boolean => !name.startsWith('anon_')
const named = [...types.ids('enum')].map((id) => types.name(id)).filter((name) => name !== '')

test('each enum that our types mention has its values', () => {
  expect(named.sort()).toEqual([...Object.keys(enums), ...Object.keys(unkeptEnums)].filter(isNamed).sort())
  for (const name of named) expect([name, Object.keys(valuesOf(types, name)!).length > 0]).toEqual([name, true])
})

test.each(Object.entries(enums))('names of enum %s that are constants of abi have their number', (_name, values) => {
  const constants = abi as unknown as Readonly<Record<string, unknown>>
  for (const [name, value] of values) {
    if (Object.hasOwn(constants, name)) expect([name, constants[name]]).toEqual([name, value])
  }
})

/** How a kernel is built, or its modules, decide about these. */
const OWN: ReadonlySet<string> = new Set(['cgroup_subsys_id', 'nf_nat_manip_type'])

const path = process.env.LSMKIT_VMLINUX_BTF
const title = path === undefined
  ? 'SKIPPED: give LSMKIT_VMLINUX_BTF, the .BTF section of a kernel 6.12, to compare its enums'
  : `enums of ${path}`

describe.skipIf(path === undefined)(title, () => {
  const kernel = path === undefined ? types : new Btf(readFileSync(path))

  test.each(named.filter((name) => !OWN.has(name)))('enum %s', (name) => {
    expect(valuesOf(types, name)).toEqual(valuesOf(kernel, name))
  })
})
