/** On Node, Bun and Deno: tries the features of the command line, and prints each result as a line of JSON. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { tryFeature } from './try.mjs'

const [programs, ...names] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'lsmkit-hosts-'))
const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\npage\n'))
})
await new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve))
const host = {
  folder, port: server.address().port,
  bytes: async (name) => new Uint8Array(readFileSync(join(programs, `${name}.wasm`))),
}
for (const name of names) {
  const result = await tryFeature(() => import(`./features/${name}.mjs`), host)
  console.log(JSON.stringify({ name, ...result }))
}
rmSync(folder, { recursive: true, force: true })
process.exit(0)
