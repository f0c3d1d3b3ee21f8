import { describe, expect, it } from 'vitest'
import { ChurnMap } from './churn-map.ts'

describe('a map for keys that come and go', () => {
  it('answers and lists as a Map does, whatever is done to it', () => {
    let state = 1
    const below = (n: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) % n
    }
    for (let round = 0; round < 200; round++) {
      const plain = new Map<number, number>()
      const map = new ChurnMap<number, number>()
      const keys = 1 + below(100)
      for (let step = 0; step < 500; step++) {
        const key = below(keys)
        const act = below(10)
        if (act < 5) {
          plain.set(key, step)
          map.set(key, step)
        } else if (act < 9) expect(map.delete(key)).toBe(plain.delete(key))
        else if (below(50) === 0) {
          plain.clear()
          map.clear()
        }
        expect(map.get(key)).toBe(plain.get(key))
        expect(map.has(key)).toBe(plain.has(key))
        expect(map.size).toBe(plain.size)
      }
      expect([...map]).toEqual([...plain])
      expect([...map.keys()]).toEqual([...plain.keys()])
      expect([...map.values()]).toEqual([...plain.values()])
    }
  })

  it('a loop does not come to what is deleted meanwhile, and to all else once', () => {
    const map = new ChurnMap<number, number>()
    for (let key = 0; key < 100; key++) map.set(key, key)
    const seen: number[] = []
    for (const key of map.keys()) {
      seen.push(key)
      for (let gone = key + 1; gone < key + 10; gone++) map.delete(gone)
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => i * 10))
    expect([...map.keys()]).toEqual(seen)
  })

  it('one key that comes and goes takes as long among many as among few', () => {
    const took = (count: number): number => {
      const map = new ChurnMap<object, number>()
      for (let i = 0; i < count; i++) map.set({}, i)
      const key = {}
      const pass = (): number => {
        const start = performance.now()
        for (let i = 0; i < 20_000; i++) {
          map.set(key, i)
          map.delete(key)
        }
        return performance.now() - start
      }
      pass()
      return Math.min(pass(), pass(), pass())
    }
    // a Map takes three hundred times as long
    expect(took(20_000) / took(10)).toBeLessThan(20)
  })
})
