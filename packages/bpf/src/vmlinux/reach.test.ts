/** Every member that programs of Linux 6.12 reach in two steps is in our types, of the same kind. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { membersOf, reachOf } from '../../scripts/reach.ts'
import { renderFile, renderMembers } from '../../scripts/render-members.ts'
import { roots } from '../../scripts/roots.ts'
import { Btf } from '../btf/btf.ts'
import { unkeptMembers } from './generated/unkept.ts'
import { reasons } from './reasons.ts'
import { unkeptOf } from './unkept.ts'
import { keptMembers, vmlinuxBtf } from './vmlinux.ts'

const types = vmlinuxBtf()

test('each member without a value has one of the reasons, and is in our types', () => {
  const wrong = Object.keys(unkeptMembers).flatMap((key) => {
    const [kind, name] = key.split(' ') as ['struct' | 'union', string]
    const id = name.startsWith('anon_') ? 0 : types.find(name, kind)
    const own = new Set(types.members(id).map((member) => member.name))
    return [...unkeptOf(key).values()].filter(({ name: member, reason }) =>
      !Object.hasOwn(reasons, reason) || (id !== 0 && !own.has(member))).map((one) => `${name}.${one.name}`)
  })
  expect(wrong).toEqual([])
})

test('each reason is some member\'s', () => {
  const all = Object.keys(unkeptMembers).flatMap((key) => [...unkeptOf(key).values()])
  const used = new Set(all.map((one) => one.reason))
  expect([...used].sort()).toEqual(Object.keys(reasons).sort())
})

test('the page of the package has each reason, with the number of its members', () => {
  const page = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const all = Object.keys(unkeptMembers).flatMap((key) => [...unkeptOf(key).values()])
  const rows = Object.entries(reasons).map(([reason, text]) =>
    `| ${all.filter((one) => one.reason === reason).length} | \`${reason}\`: ${text} |`)
  expect(rows.filter((row) => !page.includes(row))).toEqual([])
})

test('a member has a value or a reason, not both', () => {
  const both = [...keptMembers()].flatMap(([key, names]) => [...names].filter((name) => unkeptOf(key).has(name)))
  expect(both).toEqual([])
})

const path = process.env.LSMKIT_VMLINUX_BTF
const title = path === undefined
  ? 'SKIPPED: give LSMKIT_VMLINUX_BTF, the .BTF section of a kernel 6.12, to compare its members'
  : `members of ${path}`

/** As `bpf_core_fields_are_compat`: what decides whether a member is found. */
const kindOf = (btf: Btf, id: number): string => {
  const type = btf.resolved(id)
  if (type.kind === 'array') return `${kindOf(btf, type.type)}[]`
  return type.kind === 'union' ? 'struct' : type.kind === 'enum64' ? 'enum' : type.kind
}

describe.skipIf(path === undefined)(title, () => {
  const kernel = path === undefined ? types : new Btf(readFileSync(path))
  const reached = path === undefined ? [] : reachOf(kernel, roots())

  test('all are there, of the same kind', () => {
    const wrong = reached.filter(({ name }) => !name.startsWith('anon_')).flatMap(({ kind, name, members }) => {
      const own = new Map(membersOf(types, types.find(name, kind)).map((member) => [member.name, member]))
      return members.flatMap((member) => {
        const ours = own.get(member.name)
        const wanted = kindOf(kernel, member.type)
        const found = ours === undefined ? 'nothing' : kindOf(types, ours.type)
        return found === wanted ? [] : [`${name}.${member.name}: ${found}, not ${wanted}`]
      })
    })
    expect(wrong).toEqual([])
  })

  test('the table is what the script makes', () => {
    const rendered = renderMembers(kernel, roots(), keptMembers())
    expect(rendered.gaps).toEqual([])
    expect(readFileSync(new URL('generated/unkept.ts', import.meta.url), 'utf8')).toBe(renderFile(rendered))
  })
})
