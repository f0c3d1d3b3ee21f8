/** The command line of `lsmkit-mcp wrap`: options, and the server after `--`. */
import { appendFileSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkPolicy } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox'
import type { Receipt } from '../receipt.ts'

export const wrapHelp = `lsmkit-mcp wrap --policy FILE [--accept ID]... [--receipts FILE] -- SERVER ARGS...

Runs any MCP server that talks over stdio as a native program under
a policy: Landlock, seccomp and limits of this kernel hold it.
Each result of a tool has a receipt in its _meta, and so has each line of the
file of receipts.

  --policy FILE    allow, mounts, limits, env; paths are those of the host
  --accept ID      does without what this kernel cannot hold, or opens it
  --receipts FILE  a line of JSON for each call is added to it
`

export interface WrapLine {
  readonly policy: Policy
  readonly accept: readonly string[]
  readonly command: readonly string[]
  readonly keep: (receipt: Receipt) => void
}

/** Throws Error with a sentence for the user. `help` where that was asked for. */
export const wrapLine = (args: readonly string[]): WrapLine | 'help' => {
  const end = args.indexOf('--')
  const { values, positionals } = parseArgs({
    args: args.slice(0, end < 0 ? args.length : end), allowPositionals: true,
    options: {
      policy: { type: 'string' }, accept: { type: 'string', multiple: true }, receipts: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return 'help'
  const command = end < 0 ? positionals : args.slice(end + 1)
  if (command.length === 0 || (end >= 0 && positionals.length > 0)) {
    throw new Error('a server is missing: lsmkit-mcp wrap --policy FILE -- npx some-server')
  }
  if (values.policy === undefined) throw new Error('a policy is missing: --policy FILE')
  const { policy: file, accept = [], receipts } = values
  const policy = checkPolicy(JSON.parse(readFileSync(file, 'utf8')), file)
  const keep = (receipt: Receipt): void => {
    if (receipts !== undefined) appendFileSync(receipts, `${JSON.stringify(receipt)}\n`)
  }
  return { policy, accept, command, keep }
}
