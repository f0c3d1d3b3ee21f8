/** `lsm deno --policy FILE -- run app.ts`: Deno, with a policy that decides about each access. */
import { spawn } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { constants, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { DenoBroker } from '@lsmkit/deno'
import type { DenoRecord } from '@lsmkit/deno'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { CommandError } from '../../command-error.ts'
import { reading } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { readPolicyFile } from '../emit/policy-file.ts'

export interface DenoFlags {
  readonly policy?: string
  readonly deno: string
  readonly records?: string
  readonly quiet?: boolean
}

const USAGE = 'lsm deno --policy FILE -- run app.ts'

const NOT_FOUND = 127
const NOT_EXECUTED = 126
const SIGNALLED = 128

/** Exit status of Deno, or what a shell would say for it. */
export const denoCommand = async (io: Io, args: readonly string[], flags: DenoFlags): Promise<number> => {
  if (flags.policy === undefined) throw new CommandError('usage', 'there is no policy', USAGE)
  if (args.length === 0) throw new CommandError('usage', 'there is nothing to run', USAGE)
  const policy = readPolicyFile(io, flags.policy)
  const file = flags.records === undefined ? null : resolve(io.cwd, flags.records)
  if (file !== null) reading(flags.records!, () => writeFileSync(file, ''), 'written')
  const told = new Set<string>()
  const onRecord = (record: DenoRecord): void => {
    if (file !== null) appendFileSync(file, `${JSON.stringify(record)}\n`)
    if (record.allowed || flags.quiet === true || told.has(record.sentence)) return
    told.add(record.sentence)
    io.note(`lsm: ${record.sentence}${record.permit === null ? '' : ` (permit: ${JSON.stringify(record.permit)})`}`)
  }
  const broker = await DenoBroker.start({ policy, variables: 'all', onRecord, cwd: io.cwd })
  try {
    return await run(io, flags.deno, args, environment(policy, broker.path))
  } finally {
    await broker.close()
  }
}

/** Nothing of the user's but what Deno needs, so that every variable may be read. */
const environment = (policy: Policy, path: string): Record<string, string> => {
  const { PATH = '', TERM = 'dumb', DENO_DIR = join(homedir(), '.cache', 'deno') } = process.env
  return {
    PATH, TERM, DENO_DIR, HOME: '/', DENO_NO_UPDATE_CHECK: '1', DENO_NO_PROMPT: '1', ...policy.env,
    DENO_PERMISSION_BROKER_PATH: path,
  }
}

const run = (io: Io, deno: string, args: readonly string[], env: Record<string, string>): Promise<number> =>
  new Promise((done) => {
    const child = spawn(deno, args, { cwd: io.cwd, env, stdio: 'inherit' })
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      io.note(`lsm: \`${deno}\` cannot be started: ${code ?? message}${code === 'ENOENT' ? ' (npm install deno)' : ''}`)
      done(code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTED)
    })
    child.once('close', (code, signal) => done(code ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal])))
  })
