import { readdirSync, readFileSync } from 'node:fs'
import { warden } from '@lsmkit-examples/own-lsm'
import { capability } from '@lsmkit/capability'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { smack } from '@lsmkit/smack'
import { scenarioTests } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'
import { describe, test } from 'vitest'

const factories = { capability, landlock, loadpin, lockdown, safesetid, smack, yama, warden }
const folders = [new URL('../', import.meta.url), new URL('./', import.meta.url)]
const files = folders.flatMap((folder) =>
  readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => ({ name, url: new URL(name, folder) })))

describe.each(files)('$name', ({ name: file, url }) => {
  for (const { name, run } of scenarioTests(readFileSync(url, 'utf8'), file, factories)) test(name, run)
})
