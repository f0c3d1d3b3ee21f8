/** Opening and closing a file six names deep on a booted kernel, under a profile and without AppArmor. */
import { O_CREAT, O_RDONLY, O_RDWR } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor'
import { readPolicy } from '@lsmkit/apparmor/policydb'
import { PolicyStore } from '@lsmkit/apparmor/query'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { recordedPolicies } from './data.ts'

export interface OpenArgs {
  readonly way: 'without' | 'unconfined' | 'confined'
}

const ROUNDS = 200
const PATH = '/t/d/e/f/g/h'

/** A profile of the recordings that may read anything. */
const policyWith = (name: string): Uint8Array =>
  recordedPolicies().find((bytes) => readPolicy(bytes).profiles[0]?.name === name)!

export const cell = ({ way }: OpenArgs): Cell => {
  const policy = new PolicyStore()
  policy.load(policyWith('h_file_kw'), true)
  const lsms = way === 'without' ? [capability()] : [capability(), apparmor({ policy })]
  const kernel = bootKernel({ stack: createStack({ lsms }) })
  const { sys, init } = kernel
  const parts = PATH.split('/').slice(1)
  for (let i = 1; i < parts.length; i++) sys.mkdir(init, `/${parts.slice(0, i).join('/')}`, 0o755)
  sys.close(init, sys.open(init, PATH, O_CREAT | O_RDWR, 0o644))
  if (way === 'confined') {
    const fd = sys.open(init, '/proc/self/attr/current', O_RDWR, 0)
    const rc = sys.write(init, fd, new TextEncoder().encode('changeprofile h_file_kw'))
    if (rc < 0) throw new Error(`changeprofile: ${rc}`)
  }
  const open = (rounds: number): number => {
    let failed = 0
    for (let i = 0; i < rounds; i++) {
      const fd = sys.open(init, PATH, O_RDONLY, 0)
      if (fd < 0) failed++
      sys.close(init, fd)
    }
    return failed
  }
  if (open(1) !== 0) throw new Error('the file cannot be opened')
  return { pass: timedPass(ROUNDS, open) }
}
