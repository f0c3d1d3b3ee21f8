import { readdirSync, readFileSync } from 'node:fs'
import { warden } from '@lsmkit-examples/own-lsm'
import { capability } from '@lsmkit/capability'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { smack } from '@lsmkit/smack'
import { scenarioTests } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'
import { describe, test } from 'vitest'

const folder = new URL('../', import.meta.url)
const factories = { capability, loadpin, lockdown, safesetid, smack, yama, warden }

describe.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  for (const { name, run } of scenarioTests(text, file, factories)) test(name, run)
})
