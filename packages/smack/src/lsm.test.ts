/** The record: which hooks there are, and that two Smacks in one process know nothing of each other. */
import { existsSync, readFileSync } from 'node:fs'
import { EACCES, LSM_ID_SMACK, MAY_READ } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, hookNames } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { loadRules } from './rule-file/load-rules.ts'
import { smack } from './lsm.ts'
import { Policy } from './policy.ts'
import { Machine } from './testing/machine.ts'

const facts = new URL('../../../../shared/facts/lsm-hooks.tsv', import.meta.url)

/** Names of the hooks an instance implements, in the kernel's order. */
const implemented = (): string[] => {
  const lsm = smack()
  const seen: string[] = []
  createStack({
    lsms: [
      capability(),
      {
        ...lsm,
        hooks: (ctx) => {
          const group = lsm.hooks(ctx)
          seen.push(...Object.keys(group))
          return group
        },
      },
    ],
  })
  return hookNames.filter((name) => seen.includes(name))
}

test('120 hooks', () => {
  expect(implemented()).toHaveLength(120)
})

test.skipIf(!existsSync(facts))('the hooks that Linux 6.12 lists for Smack (needs ../shared)', () => {
  const rows = readFileSync(facts, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
  const listed = rows.filter((cells) => cells[17]?.split(',').includes('smack')).map(([hook]) => hook!)
  expect(implemented().sort()).toEqual(listed.sort())
})

test('a legacy major, exclusive, with two attributes for new inodes', () => {
  const { name, id, order, legacyMajor, exclusive, xattrs, blobs } = smack()
  expect({ name, id, order, legacyMajor, exclusive, xattrs }).toEqual({
    name: 'smack',
    id: LSM_ID_SMACK,
    order: 'mutable',
    legacyMajor: true,
    exclusive: true,
    xattrs: 2,
  })
  expect(Object.keys(blobs).sort()).toEqual(['cred', 'file', 'inode', 'ipc', 'key', 'msg_msg', 'sock', 'superblock'])
})

describe('two systems', () => {
  test('have labels and rules of their own', () => {
    const [one, two] = [new Machine().rules('A B r'), new Machine()]
    const ask = (m: Machine): number => {
      const inode = m.inode('B')
      return m.as(m.task('A'), () => m.lsm.inode_permission.ask(inode, MAY_READ))
    }
    expect([ask(one), ask(two), ask(one)]).toEqual([0, -EACCES, 0])
    expect([one.read('load2'), two.read('load2')]).toEqual(['A B r\n', ''])
  })
})

test('a policy made beforehand is in force from the start', () => {
  const policy = new Policy()
  loadRules(policy, 'A B r\n')
  const m = new Machine({ policy })
  const inode = m.inode('B')
  expect(m.as(m.task('A'), () => m.lsm.inode_permission.ask(inode, MAY_READ))).toBe(0)
  expect(m.stack.denial).toBeNull()
})

test('a refusal tells the framework why', () => {
  const m = new Machine().rules('A B x')
  const inode = m.inode('B')
  m.as(m.task('A'), () => m.lsm.inode_permission.ask(inode, MAY_READ))
  expect(m.stack.denial).toMatchObject({ hook: 'inode_permission', lsm: 'smack', rc: -EACCES })
  expect(m.stack.audit.records.at(-1)).toMatchObject({
    kind: 'denial',
    reason: 'rule',
    details: { subject: 'A', object: 'B', requested: 'r' },
  })
})

test('the idle task starts with the floor label', () => {
  const m = new Machine()
  expect(m.labelOf(m.idle)).toBe('_')
})
