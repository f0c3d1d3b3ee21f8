/** What is made is charged, what goes is given back to the byte, and beyond the limit there is an errno. */
import { expect, test } from 'vitest'
import { bootForTest } from './testing/boot.ts'
import { cycles } from './testing/cycles.ts'

const kernel = bootForTest()
const { machine, init } = kernel

test.each(Object.entries(cycles(kernel)))('%s', (_name, cycle) => {
  machine.current.task = init
  cycle()
  const { used } = machine.memory
  for (let i = 0; i < 20; i++) cycle()
  expect(machine.memory.used).toBe(used)
})

test('a kernel that does not fit, or a limit that is none, is told at boot', () => {
  for (const hostMemory of [1024, -1, Number.NaN, '1 MiB' as never])
    expect(() => bootForTest({ hostMemory })).toThrow('hostMemory')
})
