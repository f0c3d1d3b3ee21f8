/** The player of one recorded call: it makes the call in a session's world and prints the outcome. */
import type { Task } from '@lsmkit/core'
import type { World } from './world.ts'

/** A result, and what was seen; nothing is seen of a call that failed. */
export type Answer = readonly [rc: number, seen?: unknown]
export type Replay = (world: World, task: Task, args: readonly unknown[]) => Answer
