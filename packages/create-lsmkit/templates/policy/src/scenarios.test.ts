/** The files of `scenarios/`, each on a kernel of its own. */
import { readdirSync, readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { scenarioTests } from '@lsmkit/testkit/scenario'
import { describe, test } from 'vitest'
import { myLsm } from './index.ts'

const folder = new URL('../scenarios/', import.meta.url)
const policy = readFileSync(new URL('../policy/default.policy', import.meta.url), 'utf8')
const factories = { capability, 'my-lsm': () => myLsm({ policy }) }

describe.each(readdirSync(folder))('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  for (const { name, run } of scenarioTests(text, file, factories)) test(name, run)
})
