/** The address space of the caller. */
import type { Machine } from '../machine.ts'
import { spaceOf } from './address-space.ts'
import type { AddressSpace } from './address-space.ts'

export const ownSpace = (machine: Machine): AddressSpace => spaceOf(machine.current.task.mm!)
