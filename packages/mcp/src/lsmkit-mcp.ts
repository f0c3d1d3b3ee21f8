#!/usr/bin/env node
/** `npx @lsmkit/mcp [--policy FILE] [FOLDER]`: the tools of a folder under a policy, for an MCP client, over stdio. */
import { readFileSync, statSync } from 'node:fs'
import { oneLine } from '@lsmkit/abi/safe-text'
import { parseArgs } from 'node:util'
import { workerData } from 'node:worker_threads'
import type { Config } from './config.ts'
import { isToolThread, serveTools, startTools } from './tool-thread.ts'

const CRASHED = 1
const USAGE = 2
const BAD_POLICY = 3

const help = `lsmkit-mcp [--policy FILE] [FOLDER]

Serves the tools read_file, write_file, list, bash and run_wasm to an MCP
client over stdio. FOLDER (the current one unless given) is /project in their
box. FILE is a policy as JSON; without it the folder may be read, the shell's
commands run, and nothing is written.
`

/** A line on stderr, where clients keep their logs. */
const note = (message: string): void => void process.stderr.write(`lsmkit-mcp: ${oneLine(message)}\n`)

const fail = (code: number, message: string): never => {
  note(message)
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

/** Serves until the client has gone. The tools are in a thread of their own. */
const serve = async (): Promise<void> => {
  const { policy, folder } = commandLine()
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) fail(USAGE, `\`${folder}\` is not a folder`)
  const contents = policy === undefined ? undefined : contentsOf(policy)
  const call = startTools(new URL(import.meta.url), { folder, contents, place: policy ?? 'policy' },
    (message) => fail(BAD_POLICY, message), (error) => fail(CRASHED, error.message))
  // while the thread loads a kernel
  const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
  const { createServer } = await import('./mcp-server.ts')
  const { tools } = (contents ?? {}) as Config
  serveStdio(() => createServer({ config: tools === undefined ? {} : { tools }, call }), {
    onerror: (error) => note(error.message),
  })
}

await (isToolThread(workerData) ? serveTools(workerData) : serve())
