#!/usr/bin/env node
/** `npx @lsmkit/mcp [--policy FILE] [FOLDER]`: the tools of a folder under a policy, for an MCP client, over stdio. */
import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Config } from './config.ts'

const USAGE = 2
const BAD_POLICY = 3

const help = `lsmkit-mcp [--policy FILE] [FOLDER]

Serves the tools read_file, write_file, list, bash and run_wasm to an MCP
client over stdio. FOLDER (the current one unless given) is /project in their
box. FILE is a policy as JSON; without it the folder may be read, the shell's
commands run, and nothing is written.
`

const fail = (code: number, message: string): never => {
  process.stderr.write(`lsmkit-mcp: ${message}\n`)
  process.exit(code)
}

const commandLine = (): { policy: string | undefined; folder: string } => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true, options: { policy: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help === true) {
      process.stdout.write(help)
      process.exit(0)
    }
    if (positionals.length > 1) return fail(USAGE, 'one folder; --help says more')
    return { policy: values.policy, folder: positionals[0] ?? '.' }
  } catch (error) {
    return fail(USAGE, (error as Error).message)
  }
}

const contentsOf = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return fail(BAD_POLICY, `${file}: ${(error as Error).message}`)
  }
}

const { policy, folder } = commandLine()
if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) fail(USAGE, `\`${folder}\` is no folder`)
const contents = policy === undefined ? undefined : contentsOf(policy)

// what a mistake on the command line need not wait for
const { LsmkitError } = await import('@lsmkit/core')
const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
const { checkConfig } = await import('./config.ts')
const { createServer, openTools } = await import('./server.ts')
try {
  const given: { config?: Config } = contents === undefined ? {} : { config: checkConfig(contents, policy) }
  const tools = await openTools({ folder, ...given })
  serveStdio(() => createServer(tools), { onerror: (error) => process.stderr.write(`lsmkit-mcp: ${error.message}\n`) })
} catch (error) {
  fail(BAD_POLICY, error instanceof LsmkitError ? String(error) : (error as Error).message)
}
