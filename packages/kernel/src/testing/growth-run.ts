/** Run by host-memory-hostile.test.ts with --expose-gc: bytes that a cycle leaves behind, by name, as JSON. */
import { createStack } from '@lsmkit/core'
import { bootKernel } from '../boot/kernel.ts'
import { capability } from './capability.ts'
import { cycles, MOST_LEFT } from './cycles.ts'

const ROUNDS = 250
const STRETCHES = 3

const used = (): number => {
  for (let i = 0; i < 4; i++) globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
const grown = Object.entries(cycles(kernel)).map(([name, cycle]) => {
  const rounds = (): void => {
    for (let i = 0; i < ROUNDS; i++) cycle()
  }
  rounds()
  // the engine compiles when it likes: what a cycle leaves, it leaves in every stretch
  let left = Infinity
  for (let stretch = 0; stretch < STRETCHES && left > MOST_LEFT; stretch++) {
    const before = used()
    rounds()
    left = Math.min(left, Math.round((used() - before) / ROUNDS))
  }
  return [name, left]
})
process.stdout.write(JSON.stringify(Object.fromEntries(grown)))
