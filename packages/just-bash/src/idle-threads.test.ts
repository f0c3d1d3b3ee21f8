/** Which threads of shells are kept for the next line, and which are ended. */
import { expect, test, vi } from 'vitest'
import { IdleThreads } from './idle-threads.ts'

const kept = (...names: readonly string[]) => {
  const ended: string[] = []
  const idle = new IdleThreads<string>()
  const keep = (name: string): void => idle.keep(name, () => void ended.push(name))
  for (const name of names) keep(name)
  return { idle, ended, keep }
}

test('of many boxes two threads wait: who waited longest is ended', () => {
  expect(kept('a', 'b').ended).toEqual([])
  expect(kept('a', 'b', 'c', 'd').ended).toEqual(['a', 'b'])
})

test('before a third thread is started, the one that has waited longest is ended', () => {
  const { idle, ended, keep } = kept('a', 'b')
  idle.makeRoom()
  expect(ended).toEqual(['a'])
  idle.makeRoom()
  expect(ended).toEqual(['a'])
  keep('c')
  expect(ended).toEqual(['a'])
})

test('a box gets a thread of its own or none', () => {
  const { idle, ended, keep } = kept('a1', 'b1')
  expect(idle.take(new Set(['c1']))).toBe(undefined)
  expect(idle.take(new Set(['a1', 'a2']))).toBe('a1')
  expect(idle.take(new Set(['a1', 'a2']))).toBe(undefined)
  keep('a1')
  expect(ended).toEqual([])
})

test('one that was taken or removed is not ended, and one that waited long is', () => {
  vi.useFakeTimers()
  try {
    const { idle, ended } = kept('a', 'b')
    idle.remove('a')
    vi.advanceTimersByTime(29_000)
    expect(ended).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(ended).toEqual(['b'])
    expect(idle.take(new Set(['a', 'b']))).toBe(undefined)
  } finally {
    vi.useRealTimers()
  }
})
