/** Cycles by name: after each, memory and the kernel's account are as they were before. */
import type { Kernel } from '../boot/kernel.ts'
import { CycleWorld } from './cycle-world.ts'
import type { Cycles } from './cycle-world.ts'
import { fileCycles } from './file-cycles.ts'
import { ipcCycles } from './ipc-cycles.ts'
import { socketCycles } from './socket-cycles.ts'
import { taskCycles } from './task-cycles.ts'

/** Bytes: less than the smallest object that a cycle makes, more than what the engine itself comes and goes by. */
export const MOST_LEFT = 250

export const cycles = (kernel: Kernel): Cycles => {
  const world = new CycleWorld(kernel)
  return { ...fileCycles(world), ...socketCycles(world), ...taskCycles(world), ...ipcCycles(world) }
}
