/** Places and seals of mappings are as a plain search finds them. */
import { PAGE_SIZE } from '@lsmkit/abi'
import type { UserNamespace, Vma } from '@lsmkit/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryAccount } from '../host-memory.ts'
import { AddressSpace, canModify, firstAbove, insertVma, unmappedArea, vmasIn, withRange } from './address-space.ts'

const BASE = 64 * PAGE_SIZE
const space = (): AddressSpace => new AddressSpace(new MemoryAccount(null), {} as UserNamespace, BASE)
const mapping = (mm: AddressSpace, start: number, end: number): Vma =>
  ({ vm_start: start, vm_end: end, vm_flags: 0, vm_pgoff: 0, vm_file: null, vm_mm: mm, anon_vma: false }) as Vma

/** From the top down, hole by hole. */
const plainly = (taken: readonly boolean[], pages: number): number => {
  for (let end = taken.length; end >= pages; end--)
    if (!taken.slice(end - pages, end).includes(true)) return (end - pages) * PAGE_SIZE
  return -1
}

test('the highest place that is free', () => {
  const step = fc.record({ pages: fc.integer({ min: 1, max: 9 }), at: fc.nat(63), goes: fc.boolean() })
  fc.assert(fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
    const mm = space()
    const taken = Array<boolean>(64).fill(false)
    for (const { pages, at, goes } of steps) {
      const gone = mm.vmas[at % Math.max(mm.vmas.length, 1)]
      if (goes && gone !== undefined) {
        mm.vmas.splice(firstAbove(mm, gone.vm_start), 1)
        if (gone.vm_end > mm.searched.down) mm.searched = { down: mm.mmap_base, hole: 0 }
        taken.fill(false, gone.vm_start / PAGE_SIZE, gone.vm_end / PAGE_SIZE)
        continue
      }
      const place = unmappedArea(mm, pages * PAGE_SIZE, 0)
      expect(place).toBe(plainly(taken, pages))
      if (place < 0) continue
      insertVma(mm, mapping(mm, place, place + pages * PAGE_SIZE))
      taken.fill(true, place / PAGE_SIZE, place / PAGE_SIZE + pages)
    }
  }), { numRuns: 300 })
})

const range = fc.record({ start: fc.nat(40), length: fc.integer({ min: 1, max: 12 }) })
  .map(({ start, length }) => ({ start, end: start + length }))

test('what is sealed', () => {
  fc.assert(fc.property(fc.array(range, { maxLength: 20 }), range, (ranges, asked) => {
    const mm = space()
    for (const one of ranges) mm.sealed = withRange(mm.sealed, one)
    const isSealed = (at: number): boolean => ranges.some(({ start, end }) => start <= at && at < end)
    const all = Array.from({ length: asked.end - asked.start }, (_, i) => asked.start + i)
    expect(canModify(mm, asked.start, asked.end)).toBe(!all.some(isSealed))
    mm.sealed.forEach((one, i) => expect(i === 0 || mm.sealed[i - 1]!.end < one.start).toBe(true))
  }))
})

test('the mappings of a range', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(30), { maxLength: 12 }), range, (places, { start, end }) => {
    const mm = space()
    for (const at of places) insertVma(mm, mapping(mm, 2 * at, 2 * at + 1))
    const touching = mm.vmas.filter((vma) => vma.vm_start < end && vma.vm_end > start)
    expect(vmasIn(mm, start, end)).toEqual(touching)
    expect(mm.vmas.map(({ vm_start }) => vm_start)).toEqual(places.map((at) => 2 * at).sort((a, b) => a - b))
  }))
})
