/** Mistakes that security modules and sandboxes have made before, as scenarios: none of them is made here. */
import { readdirSync, readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { smack } from '@lsmkit/smack'
import { scenarioTests } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'
import { describe, test } from 'vitest'

const folder = new URL('../../cases/bug-classes/', import.meta.url)

describe.each(readdirSync(folder))('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  for (const { name, run } of scenarioTests(text, file, { capability, smack, yama })) test(name, run)
})
