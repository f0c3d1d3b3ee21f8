/** A nats-server on 127.0.0.1 for tests: started with a free port, ended by its process id. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause } from '../store/waiting.ts'

export const natsBinary = process.env['NATS_SERVER'] ?? 'nats-server'

export const hasNatsServer = (): boolean => spawnSync(natsBinary, ['--version']).status === 0

export interface NatsServer {
  readonly url: string
  readonly stop: () => Promise<void>
}

const START_MS = 10_000

/** With JetStream in a folder of its own, and the lines of a configuration. */
export const startNats = async (args: readonly string[] = []): Promise<NatsServer> => {
  const path = mkdtempSync(join(tmpdir(), 'lsmkit-nats-'))
  const child = spawn(natsBinary, [
    '--addr', '127.0.0.1', '--port', '-1', '--jetstream', '--store_dir', join(path, 'js'), '--ports_file_dir', path,
    ...args,
  ], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
    child.on('error', () => resolve())
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    rmSync(path, { recursive: true, force: true })
  }
  for (const until = Date.now() + START_MS; Date.now() < until; await pause(20)) {
    const file = readdirSync(path).find((name) => name.endsWith('.ports'))
    const text = file === undefined ? '' : readFileSync(join(path, file), 'utf8')
    if (text === '') continue
    const { nats: [url = ''] = [] } = JSON.parse(text) as { nats?: string[] }
    return { url, stop }
  }
  await stop()
  throw new Error(`${natsBinary} has not started`)
}
