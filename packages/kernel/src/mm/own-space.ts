/** The address space of the caller. */
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'

export const ownSpace = (machine: Machine): AddressSpace => spaceOf(machine.current.task.mm!)
