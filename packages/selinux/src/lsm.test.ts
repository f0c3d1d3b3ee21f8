import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import type { HookGroup, LsmContext } from '@lsmkit/core'
import { conformanceKit } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { classMap, kernelClasses, permissionNames, SECCLASS } from './class-map.ts'
import { selinux } from './lsm.ts'
import { PolicyError } from './policydb/index.ts'

const shared = new URL('../../../../shared/', import.meta.url)
const facts = new URL('facts/lsm-hooks.tsv', shared)
const opsPolicy = new URL('golden/selinux/ops-policy.cil', shared)

/** The groups of an instance, as a stack gets them. */
const hooksOf = (): HookGroup => {
  let seen: LsmContext | null = null
  const spy = defineLsm({
    name: 'spy',
    abi: '1.0',
    hooks: (ctx) => {
      seen = ctx
      return {}
    },
  })
  createStack({ lsms: [capability(), spy] })
  return selinux().hooks(seen!)
}

describe('the record', () => {
  test.skipIf(!existsSync(facts))('has the hooks of 6.12, and three later ones (skipped without the facts)', () => {
    const implemented = readFileSync(facts, 'utf8').trim().split('\n').slice(1).flatMap((line) => {
      const cells = line.split('\t')
      return cells[17]!.split(',').includes('selinux') ? [cells[0]!] : []
    })
    expect(implemented).toHaveLength(218)
    const later = ['inode_file_getattr', 'inode_file_setattr', 'uring_allowed']
    expect(Object.keys(hooksOf()).sort()).toEqual([...implemented, ...later].sort())
  })

  test('every hook has a test beside the hooks', () => {
    const folder = new URL('hooks/', import.meta.url)
    const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
    const text = tests.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('')
    const machine = readFileSync(new URL('testing/machine.ts', import.meta.url), 'utf8')
    const named = new Set(Array.from(`${text}${machine}`.matchAll(/\w+/g), ([name]) => name))
    expect(Object.keys(hooksOf()).filter((name) => !named.has(name))).toEqual([])
  })

  test('is exclusive, a legacy major, and may be switched off', () => {
    expect(selinux()).toMatchObject({
      name: 'selinux', id: 101, exclusive: true, legacyMajor: true, enabled: true, xattrs: 1,
    })
    expect(createStack({ lsms: [capability(), selinux()], cmdline: 'selinux=0' }).names).toEqual(['capability'])
  })

  test('a policy that cannot be loaded is told at once', () => {
    expect(() => selinux({ policy: new Uint8Array(16) })).toThrow(PolicyError)
  })
})

describe('the classes', () => {
  test.skipIf(!existsSync(opsPolicy))('are those of Linux 6.12, in its order (skipped without ../shared)', () => {
    const text = readFileSync(opsPolicy, 'utf8')
    const declared = Array.from(text.matchAll(/^\(class (\S+) \(([^)]*)\)\)$/gm), ([, name, perms]) => ({
      name, perms: perms!.split(' '),
    }))
    expect(kernelClasses).toEqual(declared)
  })

  test('numbers are places, and no class has more than 32 permissions', () => {
    expect([SECCLASS.security, SECCLASS.process, SECCLASS.file]).toEqual([1, 2, 7])
    for (const perms of Object.values(classMap)) {
      expect(perms.length).toBeLessThanOrEqual(32)
      expect(new Set(perms).size).toBe(perms.length)
    }
  })

  test('bits without a name are told as a number', () => {
    expect(permissionNames(SECCLASS.fd, 1)).toEqual(['use'])
    expect(permissionNames(SECCLASS.fd, 0x11)).toEqual(['use', '0x10'])
  })
})

describe('as any LSM', () => {
  for (const { name, run } of conformanceKit(() => selinux())) test(name, run)
})
