/** All handlers of one machine, by the name of their system call: each file of this folder adds its group. */
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fdSyscalls } from './fds.ts'

export const createHandlers = (lsm: KeyMap, machine: Machine) => ({
  ...fdSyscalls(lsm, machine),
})

export type Handlers = ReturnType<typeof createHandlers>
