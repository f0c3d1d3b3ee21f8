/** Functions of hooks as a reviewer sees them. */
import { readFileSync } from 'node:fs'
import { createStack } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { BpfObject } from '../object/bpf-object.ts'
import { objectOf, program } from '../testing/text-program.ts'
import { kernelStructs } from '../vmlinux/index.ts'
import { BpfCore } from './bpf-core.ts'
import { loadObject } from './bpf-lsm.ts'
import { hookText } from './hook-source.ts'

const textOf = (object: Uint8Array | BpfObject, name: string): string => {
  const core = new BpfCore({})
  const loaded = loadObject(core, createStack({ lsms: [], capability: 'none' }), object, {})
  const { runnable } = loaded.program(name)
  const low = (value: unknown): number => Number(value)
  const words = Array.from({ length: runnable.words }, (_, at) =>
    ({ low: (runnable.reads >> at & 1) === 1 ? low : null, high: null }))
  return hookText({ objects: core.objects, program: runnable, words, arity: 1, stopped: () => 0 }).text
}

test('members are read once each, and handed over', () => {
  const deflector = new Uint8Array(readFileSync(new URL('../../objects/deflector.o', import.meta.url)))
  expect(textOf(deflector, 'deflect_exec')).toMatchInlineSnapshot(`
    "return (a0) => {
      const { stack, fuel, tails } = machine
      try {
        const p0 = a0?.file ?? null
        const p1 = p0?.f_path?.mnt ?? null
        const v2 = p1?.mnt_flags
        const p3 = p1?.mnt_sb ?? null
        const v4 = p3?.s_flags
        return entry(
          0,
          0,
          typeof v2 === 'number' && v2 === v2 ? v2 : numberOf(v2),
          typeof v4 === 'number' && v4 === v4 ? v4 : numberOf(v4),
        )
      } catch (error) {
        Object.assign(machine, { stack, fuel, tails })
        return stopped(error)
      }
    }"
  `)
})

test('a pointer that is kept is handed over as a handle, which is given back', () => {
  const f_inode = kernelStructs().file!.fields.f_inode!.offset
  const text = `r6 = *(u64 *)(r1 +0)\nr2 = *(u64 *)(r6 +${f_inode})\n*(u64 *)(r10 -8) = r2\nr0 = 0\nexit`
  expect(textOf(objectOf(program('keeps', text)), 'keeps')).toMatchInlineSnapshot(`
    "return (a0) => {
      const { top } = objects
      try {
        return entry(
          handle0(a0),
        )
      } catch (error) {
        return stopped(error)
      } finally {
        if (objects.top !== top) objects.release(top, false)
      }
    }"
  `)
})
