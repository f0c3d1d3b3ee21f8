/** The files of `scenarios/`: the policy in force on a kernel, system call by system call. */
import { readdirSync, readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { selinux } from '@lsmkit/selinux'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { scenarioTests } from '@lsmkit/testkit/scenario'
import { describe, test } from 'vitest'
import { compilePolicy } from './policy.ts'

const folder = new URL('../scenarios/', import.meta.url)
const policy = writePolicy(compilePolicy())
const factories = { capability, selinux: () => selinux({ policy }) }

describe.each(readdirSync(folder))('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  for (const { name, run } of scenarioTests(text, file, factories)) test(name, run)
})
