/** The labels that paths of a log should have: of the file that is named, or beside the policy. */
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { FileContexts } from '@lsmkit/selinux/server'
import type { Io } from '../../io.ts'
import { fileContextsOf } from './inputs.ts'

export interface LabelFlags {
  readonly policy?: string
  readonly fileContexts?: string
  readonly local?: readonly string[]
}

/**
 * The file_contexts that belongs to an installed policy (`policy/policy.33`, beside `contexts`) or to that of a store
 * (`policy.kern`). Which file it is goes to stderr.
 */
const labelsBeside = (io: Io, policy: string): string | undefined => {
  const [folder, name] = [dirname(policy), basename(policy)]
  const place = name === 'policy.kern' ? join(folder, 'file_contexts')
    : /^policy\.\d+$/.test(name) && basename(resolve(io.cwd, folder)) === 'policy'
      ? join(folder, '..', 'contexts', 'files', 'file_contexts') : undefined
  if (place === undefined || !existsSync(resolve(io.cwd, place))) return undefined
  io.note(`labels of \`${place}\``)
  return place
}

/** Undefined where no labels are known. */
export const labelsFor = (io: Io, { policy, fileContexts, local }: LabelFlags): FileContexts | undefined => {
  const name = fileContexts ?? (policy === undefined ? undefined : labelsBeside(io, policy))
  return name === undefined ? undefined : fileContextsOf(io, name, false, local)
}
