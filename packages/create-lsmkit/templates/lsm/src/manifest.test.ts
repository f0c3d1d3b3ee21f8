/** package.json beside the module: npm must give nobody a core that lacks the module's ABI. */
import { existsSync, readFileSync } from 'node:fs'
import { firstCores } from '@lsmkit/core/module-abi'
import { expect, test } from 'vitest'
import { myLsm } from './index.ts'

const file = new URL('../package.json', import.meta.url)

test.skipIf(!existsSync(file))('the peer range begins at the first core that has the ABI', () => {
  const { peerDependencies } = JSON.parse(readFileSync(file, 'utf8')) as { peerDependencies: Record<string, string> }
  const range = peerDependencies['@lsmkit/core']!
  const [floor = '0.0.0'] = /\d+\.\d+\.\d+/.exec(range) ?? []
  const { abi } = myLsm()
  const first = firstCores[abi!]
  if (first === undefined) throw new Error(`the core that is installed does not have module ABI ${abi}`)
  const order = floor.localeCompare(first, 'en', { numeric: true })
  expect(order, `${range} begins before ${first}`).toBeGreaterThanOrEqual(0)
})
