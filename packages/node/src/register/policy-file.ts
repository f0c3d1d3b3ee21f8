/** The policy of `@lsmkit/node/register`: a JSON file, which a variable of the environment names. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkPolicy } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox'
import { RegisterError } from './register-error.ts'

export const VARIABLE = 'LSMKIT_POLICY'
const USUAL = 'policy.json'

/** Folders of the host begin where the file is. */
const fromFile = (policy: Policy, folder: string): Policy => {
  if (policy.mounts === undefined) return policy
  const mounts = Object.entries(policy.mounts).map(([target, mount]) =>
    [target, mount.kind === 'host-folder' ? { ...mount, path: resolve(folder, mount.path) } : mount] as const)
  return { ...policy, mounts: Object.fromEntries(mounts) }
}

/** Throws RegisterError for a file that cannot be read as JSON; a mistake in the policy is a SandboxError. */
export const policyOf = (env: NodeJS.ProcessEnv): Policy => {
  const file = resolve(env[VARIABLE] ?? USUAL)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new RegisterError('no-policy', `\`${file}\` is not read: ${(error as Error).message}`, {
      hint: `name the policy of the box in ${VARIABLE}, or write it into ${USUAL} of this folder`,
    })
  }
  return fromFile(checkPolicy(value, file), dirname(file))
}
