/** The process of one cell: builds it, says so, then answers one pass or one question at a time. */
import { enableCompileCache, flushCompileCache } from 'node:module'
import type { CellModule } from './cell.ts'

export type Request = { readonly pass: true } | { readonly ask: string; readonly arg: unknown }
export type Reply = { readonly ready: true } | { readonly value: unknown } | { readonly error: string }

const [url, args, cache] = process.argv.slice(2)
const reply = (message: Reply) => process.send!(message)

try {
  if (cache === 'cache') enableCompileCache()
  const module = (await import(url!)) as CellModule
  const cell = await module.cell(JSON.parse(args!) as never)
  process.on('message', async (request: Request) => {
    try {
      reply({ value: await ('pass' in request ? cell.pass() : cell.ask![request.ask]!(request.arg)) })
    } catch (error) {
      reply({ error: String((error as Error).stack) })
    }
  })
  // the process is killed in the end, which would leave nothing for the next
  if (cache === 'cache') flushCompileCache()
  reply({ ready: true })
} catch (error) {
  reply({ error: String((error as Error).stack) })
}
