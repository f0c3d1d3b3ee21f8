/** Programs beside one another, on the packages as they are built: for a Node that the tests start. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { createSandbox } from '@lsmkit/sandbox'
import { runWasiAsync, spawnWasi } from '@lsmkit/wasi'

const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
const { sys, init } = kernel
sys.mknod(init, '/fifo', 0o010666, 0)
const program = new Uint8Array(readFileSync(new URL('../../wasi/programs/cat.wasm', import.meta.url)))
const tell = (...words) => process.stdout.write(`${words.join(' ')}\n`)
let hear
const heard = new Promise((resolve) => (hear = resolve))
const stdout = (bytes) => hear(new TextDecoder().decode(bytes))
const options = (...argv) => ({ program, argv: ['cat', ...argv], preopens: { '/': '/' }, posix: true, stdout })
const fd = sys.openat(init, -100, '/fifo', 2, 0)
const waiting = spawnWasi(kernel, init, options('/fifo'))
sys.kill(init, waiting.pid, 9)
tell('killed by', (await waiting.result).signal)
const reader = spawnWasi(kernel, init, options('/fifo'))
sys.write(init, fd, new TextEncoder().encode('through the fifo'))
const text = await heard
sys.kill(init, reader.pid, 15)
tell('killed by', (await reader.result).signal, text)
const refused = await runWasiAsync(kernel, init, { ...options(), waiting: 'suspended' }).catch((error) => error)
tell(refused.code, refused.message)

// components that ask for a page of api.example:00000, by calls that wait
const [folder] = process.argv.slice(2)
const server = createServer((request, response) => setTimeout(() => response.end(`page of ${request.url}`), 5))
await new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve))
const { port } = server.address()
const hosts = [{ host: 'api.example', port, addresses: ['127.0.0.1'] }]
const box = await createSandbox({ inline: true, allow: { hosts }, network: { resolve: async () => ['127.0.0.1'] } })
for (const name of ['two', 'three']) {
  const bytes = readFileSync(`${folder}/${name}.wasm`)
  bytes.write(String(port).padStart(5, '0'), bytes.indexOf('api.example:') + 'api.example:'.length)
  const { status, stdout: page, reason } = await box.run(new Uint8Array(bytes))
  tell(name, status, page, reason)
}
await box.close()
server.close()
