#!/usr/bin/env node
/** `npx @lsmkit/mcp [--policy FILE] [FOLDER]`: a folder under a policy, for MCP clients, over stdio or HTTP. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { oneLine } from '@lsmkit/abi/safe-text'
import { workerData } from 'node:worker_threads'
import { commandLine, help } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import type { Config } from './config.ts'
import { givenFields } from './given-fields.ts'
import { isToolThread, serveTools, startTools } from './tool-thread.ts'

const CRASHED = 1
const USAGE = 2
const BAD_POLICY = 3

/** A line on stderr, where clients keep their logs. */
const note = (message: string): void => void process.stderr.write(`lsmkit-mcp: ${oneLine(message)}\n`)

const fail = (code: number, message: string): never => {
  note(message)
  process.exit(code)
}

const given = (): CommandLine => {
  try {
    const line = commandLine(process.argv.slice(2))
    if (line !== 'help') return line
  } catch (error) {
    return fail(USAGE, (error as Error).message)
  }
  process.stdout.write(help)
  return process.exit(0)
}

const contentsOf = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return fail(BAD_POLICY, `${file}: ${(error as Error).message}`)
  }
}

/** Serves until the client has gone, or for ever over HTTP. The tools are in a thread of their own. */
const serve = async (): Promise<void> => {
  const { policy, folder, http } = given()
  if (!existsSync(folder) || !statSync(folder).isDirectory()) fail(USAGE, `\`${folder}\` is not a folder`)
  const contents = policy === undefined ? undefined : contentsOf(policy)
  const host = startTools(new URL(import.meta.url), { folder, contents, place: policy ?? 'policy' },
    (message) => fail(BAD_POLICY, message), (error) => fail(CRASHED, error.message))
  // while the thread loads a kernel
  const { createServer } = await import('./mcp-server.ts')
  const { tools, resources, prompts } = (contents ?? {}) as Config
  const offer = { config: givenFields({ tools, resources, prompts }), host }
  if (http !== null) {
    const { serveHttp } = await import('./http.ts')
    const { url } = await serveHttp(() => createServer(offer), http).catch((error: Error) => fail(USAGE, error.message))
    return note(`serving at ${url}`)
  }
  const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
  serveStdio(() => createServer(offer), { onerror: (error) => note(error.message) })
}

/** `lsmkit-mcp wrap`: any server, natively under a policy. */
const wrap = async (args: readonly string[]): Promise<void> => {
  const [{ wrapHelp, wrapLine }, { wrapServer }] = await Promise.all([
    import('./wrap/wrap-line.ts'), import('./wrap/wrap.ts'),
  ])
  try {
    const line = wrapLine(args)
    if (line === 'help') return void process.stdout.write(wrapHelp)
    const { policy, accept, command, keep } = line
    const kept = Object.entries(process.env).filter((entry): entry is [string, string] => KEPT.has(entry[0]))
    const env = Object.fromEntries(kept)
    process.exitCode = await wrapServer({
      policy, accept, command, env, input: process.stdin, output: process.stdout, onReceipt: keep,
      onTools: (names) => note(`tools of the server: ${names.join(', ')}`),
    })
    process.stdin.destroy()
  } catch (error) {
    fail(USAGE, (error as Error).message)
  }
}
/** Variables that the server has beside those of the policy. */
const KEPT: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'TERM'])

const start = (): Promise<void> => {
  if (isToolThread(workerData)) return serveTools(workerData)
  const [command, ...args] = process.argv.slice(2)
  return command === 'wrap' ? wrap(args) : serve()
}

await start()
