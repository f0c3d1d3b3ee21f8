/** A session that was exported into a file, when the page is such a file; else the answers come from the kernel. */
import type { Why } from '../kernel/protocol.ts'
import { kernel } from './session.ts'

/** Why a decision came out as it did, by the number of its record. */
export const recordedWhy = async (serial: number): Promise<Why | null> => kernel().call('why', serial)
