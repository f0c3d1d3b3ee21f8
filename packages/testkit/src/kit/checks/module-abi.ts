/** A module says what it is written for, so that a core that no longer fits refuses it instead of running it. */
import { moduleAbi } from '@lsmkit/core/module-abi'
import { nonconforming } from '../verdict.ts'
import type { Factory } from '../world.ts'

export const declaresAbi = (make: Factory): void => {
  if (make().abi !== null) return
  throw nonconforming('factory', 'does not say which module ABI it is for', `defineLsm({ abi: '${moduleAbi}' })`)
}
