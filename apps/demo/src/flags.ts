/** The options behind `npm start --`. */
import { parseArgs } from 'node:util'
import { wrap } from './layout.ts'
import { modules, parseLsms } from './stacks.ts'

export interface Flags {
  /** LSMs of the last column. */
  readonly lsms: readonly string[]
  /** Ask at the terminal which they shall be. */
  readonly ask: boolean
  /** A binary policy for SELinux instead of ours, and its file_contexts. */
  readonly policy: string | null
  readonly fileContexts: string | null
  /** The whole matrix, audit and hooks too. */
  readonly full: boolean
  readonly json: boolean
  readonly help: boolean
}

const moduleLines = wrap(`${' '.repeat(24)}${Object.keys(modules).join(', ')}`, 80, ' '.repeat(24)).join('\n')

export const usage = `npm start [-- OPTIONS]

  --lsm a,b             LSMs of the last column, in this order:
${moduleLines}
  --ask                 asks for them at a prompt
  --policy FILE         SELinux's policy instead of ours: a binary kernel
                        policy, packed by gzip or xz too
  --file-contexts FILE  the labels of files by path that go with it; the files
                        beside it count
  --full                the whole matrix, audit records, hooks, and a policy
                        learned from a log
  --json                prints the tour as one JSON document
  --serve [--port N]    serves the console on 127.0.0.1 instead, at port N or a
                        free one
  --help                prints this

Examples: npm start -- --lsm smack,yama
          npm start -- --lsm capability,warden --json
          npm start -- --policy /etc/selinux/default/policy/policy.33`

/** The flags, or what is wrong with them. */
export const parseFlags = (args: readonly string[]): Flags | string => {
  const options = {
    lsm: { type: 'string', default: 'capability,warden' },
    ask: { type: 'boolean', default: false },
    policy: { type: 'string' },
    'file-contexts': { type: 'string' },
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const
  try {
    const { values } = parseArgs({ args: [...args], options })
    const lsms = parseLsms(values.lsm)
    if (typeof lsms === 'string') return lsms
    const { ask, full, json, help, policy = null, 'file-contexts': fileContexts = null } = values
    if (fileContexts !== null && policy === null) return '`--file-contexts` goes with `--policy`'
    return { lsms, ask, full, json, help, policy, fileContexts }
  } catch (error) {
    return (error as Error).message
  }
}
