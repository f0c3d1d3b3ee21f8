/** `npm start -- --serve [--port N] [--fleet FILE]`: the console on 127.0.0.1, until SIGINT or SIGTERM. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { serve } from './serve.ts'

const usage = `npm start -- --serve [--port N] [--fleet FILE]

Serves the console on 127.0.0.1 and prints where. Without --port it takes a free one. The Fleet view shows the FILE that
\`lsm fleet rollout status --denials --json\` writes.`

interface Settings {
  readonly port: number
  readonly fleet: string | null
}

const settingsOf = (args: readonly string[]): Settings | string => {
  try {
    const {
      values: { port = '0', fleet = null },
    } = parseArgs({ args: [...args], options: { port: { type: 'string' }, fleet: { type: 'string' } } })
    const isPort = /^\d{1,5}$/.test(port) && Number(port) < 65_536
    if (!isPort) return `\`${port}\` is not a port`
    return { port: Number(port), fleet: fleet === null ? null : resolve(process.env['INIT_CWD'] ?? '', fleet) }
  } catch (error) {
    return (error as Error).message
  }
}

const main = async (args: readonly string[]): Promise<number> => {
  if (args.includes('--help')) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const settings = settingsOf(args)
  if (typeof settings === 'string') {
    process.stderr.write(`error: ${settings}\n\n${usage}\n`)
    return 2
  }
  const ended = new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end())
  })
  try {
    const served = await serve(settings.port, settings.fleet)
    process.stdout.write(`console: ${served.url}\n`)
    await ended
    await served.close()
    return 0
  } catch (error) {
    process.stderr.write(`error: port ${settings.port} cannot be used: ${(error as NodeJS.ErrnoException).code}\n`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
