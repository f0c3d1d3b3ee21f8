/** The policy that `--policy` names, tried out before a machine is booted on it. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PolicyError } from '@lsmkit/selinux/policydb'
import { SecurityServer } from '@lsmkit/selinux/server'
import type { Flags } from './flags.ts'
import { selinuxPolicy } from './selinux-policy.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'

/** Ours unless another is named; a sentence when it cannot be had. */
export const readPolicy = async ({ policy, fileContexts }: Flags): Promise<SelinuxPolicy | string> => {
  if (policy === null) return selinuxPolicy()
  try {
    const binary = new Uint8Array(await readFile(fromCaller(policy)))
    new SecurityServer().load(binary)
    return selinuxPolicy(binary, fileContexts === null ? undefined : await readFile(fromCaller(fileContexts), 'utf8'))
  } catch (error) {
    if (error instanceof PolicyError) return `\`${policy}\` is no policy: ${error.message}`
    return `cannot read the policy: ${(error as Error).message}`
  }
}

/** Paths count from the folder the command was typed in. */
const fromCaller = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path)
