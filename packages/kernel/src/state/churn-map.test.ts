/** The Map for keys that come and go is a Map, and takes no longer among many keys. */
import { describe, expect, it } from 'vitest'
import { ChurnMap } from './churn-map.ts'

describe('a map for keys that come and go', () => {
  it('answers and lists as a Map does, whatever is done to it', () => {
    let state = 1
    const below = (n: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) % n
    }
    for (let round = 0; round < 120; round++) {
      const plain = new Map<number, number>()
      const map = new ChurnMap<number, number>()
      // few keys, as many as begin to be young ones, and many; most of them stay, or most of them go
      const keys = [10, 50, 600][round % 3]!
      const sets = [3, 6, 8][Math.floor(round / 3) % 3]!
      for (let step = 0; step < 3 * keys + 200; step++) {
        const key = below(keys)
        const act = below(10)
        if (act < sets) {
          plain.set(key, step)
          map.set(key, step)
        } else if (act < 9) {
          if (map.delete(key) !== plain.delete(key)) expect.fail(`round ${round}, step ${step}: deleted otherwise`)
        } else if (below(100) === 0) {
          plain.clear()
          map.clear()
        }
        const same = map.get(key) === plain.get(key) && map.has(key) === plain.has(key) && map.size === plain.size
        if (!same) expect.fail(`round ${round}, step ${step}: answers otherwise`)
        if (below(60) === 0) expect([...map]).toEqual([...plain])
      }
      expect([...map.keys()]).toEqual([...plain.keys()])
      expect([...map.values()]).toEqual([...plain.values()])
      const each: [number, number][] = []
      map.forEach((value, key) => each.push([key, value]))
      expect(each).toEqual([...plain])
    }
  })

  it('a loop does not come to what is deleted meanwhile, and to all else once', () => {
    const map = new ChurnMap<number, number>()
    for (let key = 0; key < 300; key++) map.set(key, key)
    const seen: number[] = []
    for (const key of map.keys()) {
      seen.push(key)
      for (let gone = key + 1; gone < key + 10; gone++) map.delete(gone)
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i * 10))
    expect([...map.keys()]).toEqual(seen)
  })

  it('a loop comes to all that was there once, in order, whatever is added meanwhile', () => {
    const map = new ChurnMap<number, number>()
    for (let key = 0; key < 300; key++) map.set(key, key)
    const seen: number[] = []
    for (const key of map.keys()) {
      seen.push(key)
      if (key % 3 === 0 && key < 300) map.set(1000 + key, key)
    }
    expect(seen.filter((key) => key < 1000)).toEqual(Array.from({ length: 300 }, (_, i) => i))
    expect(new Set(seen).size).toBe(seen.length)
  })

  it.each([1, 12, 48])('%i keys that come and go take as long among many as among few', (some) => {
    /** Milliseconds that a pass over a map of so many takes. */
    const passes = (count: number): (() => number) => {
      const map = new ChurnMap<object, number>()
      for (let i = 0; i < count; i++) map.set({}, i)
      const keys = Array.from({ length: some }, () => ({}))
      return () => {
        const start = performance.now()
        for (let i = 0; i < 20_000 / some; i++) {
          for (const key of keys) map.set(key, i)
          for (const key of keys) map.delete(key)
        }
        return performance.now() - start
      }
    }
    const [few, many] = [passes(10), passes(20_000)]
    const took = Array.from({ length: 9 }, () => [few(), many()])
    const least = (at: number): number => Math.min(...took.map((pair) => pair[at]!))
    // with one key a Map takes three hundred times as long
    expect(least(1) / least(0)).toBeLessThan(60)
  })
})
