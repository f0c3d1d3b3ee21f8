/** `npm start -- --serve [--port N]`: the console on 127.0.0.1, until SIGINT or SIGTERM. */
import { parseArgs } from 'node:util'
import { serve } from './serve.ts'

const usage = `npm start -- --serve [--port N]

Serves the console on 127.0.0.1 and prints where. Without --port it takes a free one.`

const portOf = (args: readonly string[]): number | string => {
  try {
    const {
      values: { port = '0' },
    } = parseArgs({ args: [...args], options: { port: { type: 'string' } } })
    return /^\d{1,5}$/.test(port) && Number(port) < 65_536 ? Number(port) : `\`${port}\` is not a port`
  } catch (error) {
    return (error as Error).message
  }
}

const main = async (args: readonly string[]): Promise<number> => {
  if (args.includes('--help')) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const port = portOf(args)
  if (typeof port === 'string') {
    process.stderr.write(`error: ${port}\n\n${usage}\n`)
    return 2
  }
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  try {
    const served = await serve(port)
    process.stdout.write(`console: ${served.url}\n`)
    await ended
    await served.close()
    return 0
  } catch (error) {
    process.stderr.write(`error: port ${port} cannot be used: ${(error as NodeJS.ErrnoException).code}\n`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
