/** Maps of a loaded object as its user has them, and what he is told when something is not there. */
import { readFileSync } from 'node:fs'
import { BPF_MAP_TYPE_PERF_EVENT_ARRAY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { BpfError } from '../error.ts'
import { arrayOf, objectOf } from '../testing/text-program.ts'
import { bpf } from './bpf-lsm.ts'
import { BpfLoadError } from './load-error.ts'

const object = (name: string) => new Uint8Array(readFileSync(new URL(`../../objects/${name}.o`, import.meta.url)))

/** What a map of maps of `everything.o` holds, which the file does not tell. */
const told_later = { type: 2, keySize: 4, valueSize: 8, maxEntries: 2 }

const machine = (name: string) => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs] })
  const options = name === 'everything' ? { innerMaps: { told_later }, programs: [] } : {}
  return { programs, stack, loaded: programs.load(stack, object(name), options) }
}

const child = ({ objects, current: { task } }: ReturnType<typeof machine>['stack'], pid: number): Task =>
  objects.task(pid, pid, task.real_cred, task.cred)

test.each([
  { what: 'nothing', given: { keySize: 0, valueSize: 0, maxEntries: 0 }, made: 'made' },
  { what: 'all sizes', given: { keySize: 4, valueSize: 4, maxEntries: 2 }, made: 'made' },
  { what: 'a wider value', given: { keySize: 0, valueSize: 8, maxEntries: 0 }, made: 'EINVAL' },
  { what: 'a narrower key', given: { keySize: 2, valueSize: 0, maxEntries: 0 }, made: 'EINVAL' },
])('a PERF_EVENT_ARRAY whose object gives $what: $made', ({ given, made }) => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs] })
  const events = { ...arrayOf(1), type: BPF_MAP_TYPE_PERF_EVENT_ARRAY, ...given }
  const load = () => programs.load(stack, { ...objectOf(), maps: [events] }).maps.get('map')!.map
  if (made === 'EINVAL') expect(load).toThrow(made)
  else expect(load()).toMatchObject({ keySize: 4, valueSize: 4, maxEntries: given.maxEntries || 1 })
})

describe('what is not there', () => {
  test('a program of a misspelt name', () => {
    const { programs, stack } = machine('deflector')
    expect(() => programs.load(stack, object('deflector'), { programs: ['deflect_opne'] }))
      .toThrow('has no program of that name: did you mean `deflect_open`?')
    expect(() => programs.load(stack, object('deflector'), { programs: [] })).not.toThrow()
  })

  test('an object that was unloaded', () => {
    const { loaded } = machine('deflector')
    loaded.unload()
    expect(() => loaded.attachAll()).toThrow(BpfLoadError)
    expect(() => loaded.attachAll()).toThrow('it was unloaded')
    expect(() => loaded.program('deflect_open')).toThrow('it was unloaded')
  })

  test('a stack that has another bpf(), or none', () => {
    const { programs } = machine('deflector')
    const others = createStack({ lsms: [capability(), bpf()] })
    const none = createStack({ lsms: [capability()] })
    for (const stack of [others, none]) {
      expect(() => programs.load(stack, object('deflector'))).toThrow('this bpf() is not a module of the stack')
    }
    expect(() => bpf().load(others, object('deflector'))).toThrow('this bpf() is not a module of the stack')
  })

  test('what maps of a kind do not do', () => {
    const { loaded } = machine('deflector')
    const denials = loaded.maps.get('denials')!
    expect(() => denials.consume()).toThrow('BPF_MAP_TYPE_HASH has no `consume`')
    expect(() => denials.held(1)).toThrow(BpfError)
    expect(() => denials.makeInner()).toThrow('has no `makeInner`')
    expect(() => denials.send(new Uint8Array(8))).toThrow('has no `send`')
    expect(() => denials.push(1)).toThrow('has no `push`')
    expect(() => denials.mayHave(1)).toThrow('has no `mayHave`')
  })
})

describe('a ring buffer', () => {
  const told = async () => {
    const one = machine('detector')
    const ring = one.loaded.maps.get('events')!
    one.loaded.attachAll()
    const { objects, current, lsm } = one.stack
    const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, current.task.cred.user_ns)
    const inode = objects.inode(0o100755, sb, 12)
    const dentry = objects.dentry({ name: 'tool' } as never, sb)
    dentry.d_inode = inode
    const mnt = { mnt_root: dentry, mnt_sb: sb, mnt_flags: 0 }
    lsm.file_open.ask(objects.file(2, 1, { mnt, dentry } as never, inode, current.task.cred))
    return { ring, loaded: one.loaded }
  }

  test('gives records as bytes, or as a struct of the object', async () => {
    const { ring } = await told()
    const [first] = ring.consume({ type: 'event' }) as { comm?: string }[]
    expect(first).toBeTypeOf('object')
    const again = await told()
    expect(again.ring.consume()[0]).toBeInstanceOf(Uint8Array)
  })

  test('as they come, until the signal', async () => {
    const { ring } = await told()
    const end = new AbortController()
    const records: unknown[] = []
    for await (const record of ring.records({ type: 'event', signal: end.signal })) {
      records.push(record)
      end.abort()
    }
    expect(records).toHaveLength(1)
  })

  test('of a struct that there is not', async () => {
    const { ring } = await told()
    expect(() => ring.consume({ type: 'evnet' })).toThrow('there is no struct `evnet`')
  })
})

test('a storage is asked by owner, whose end ends the value', () => {
  const { loaded, stack } = machine('everything')
  const per_task = loaded.maps.get('per_task')!
  const [one, two] = [child(stack, 1), child(stack, 2)]
  expect(per_task.get(one)).toBeUndefined()
  const empty = new Uint8Array(per_task.map.valueSize).fill(1)
  per_task.set(one, empty)
  expect(per_task.has(one)).toBe(true)
  expect(per_task.has(two)).toBe(false)
  expect(per_task.delete(one)).toBe(true)
  expect(per_task.delete(one)).toBe(false)
  per_task.set(two, empty)
  stack.lsm.task_free.tell(two)
  expect(per_task.map.count).toBe(0)
  expect(() => per_task.get(1)).toThrow('the key is who owns the value')
})

test('an inner map is made as the template says, and put', () => {
  const { loaded, programs } = machine('everything')
  const outer = loaded.maps.get('outer')!
  const inner = outer.makeInner()
  outer.put(2, inner)
  expect(outer.has(2)).toBe(true)
  expect(() => outer.put(1, loaded.maps.get('per_task')!)).toThrow('EINVAL')
  expect(programs.memoryUsed).toBeGreaterThan(0)
  loaded.unload()
})
