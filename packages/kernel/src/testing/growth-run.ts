/** Run by host-memory-hostile.test.ts with --expose-gc: bytes that a cycle leaves behind, by name, as JSON. */
import { createStack } from '@lsmkit/core'
import { bootKernel } from '../boot/kernel.ts'
import { capability } from './capability.ts'
import { cycles } from './cycles.ts'

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
  const left = Array.from({ length: STRETCHES }, () => {
    const before = used()
    rounds()
    return Math.round((used() - before) / ROUNDS)
  })
  return [name, Math.min(...left)]
})
process.stdout.write(JSON.stringify(Object.fromEntries(grown)))
