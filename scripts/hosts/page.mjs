/** A page in Chromium, with shared memory (cross-origin isolation) and without. It loads the packages as built. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { esbuild } from './esbuild.mjs'
import { withOwnImports } from './resolve.mjs'

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' }
const isolation = {
  'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
}
const here = fileURLToPath(new URL('.', import.meta.url))

/** A package that is not ours, made one file for browsers. What is of Node stays an import, and fails. */
const bundled = async (specifier, from) => {
  const { outputFiles: [file] } = await esbuild.build({
    stdin: { contents: `export * from ${JSON.stringify(specifier)}`, resolveDir: from },
    bundle: true, write: false, format: 'esm', platform: 'browser', external: ['node:*'], logLevel: 'silent',
  })
  return file.text
}

const served = async (path) => {
  const file = decodeURIComponent(path.slice('/file'.length))
  if (!types[extname(file)].includes('javascript')) return readFileSync(file)
  return withOwnImports(file, (own) => `/file${own}`)
    .replace(/(\bfrom\s*|\bimport\s*\(?\s*)"([\w@][^":]*)"/g, (whole, before, specifier) => isBuiltin(specifier) ? whole
      : `${before}"/package?${new URLSearchParams({ specifier, from: join(file, '..') })}"`)
}

const script = (names, programs) => `
  import { tryFeature } from '/file${here}try.mjs'
  const bytes = async (name) => new Uint8Array(await (await fetch('/file${programs}/' + name + '.wasm')).arrayBuffer())
  for (const name of ${JSON.stringify(names)}) {
    const load = () => import('/file${here}features/' + name + '.mjs')
    const result = await tryFeature(load, { bytes, folder: null, port: null })
    await fetch('/result', { method: 'POST', body: JSON.stringify({ name, ...result }) })
  }
  await fetch('/end', { method: 'POST' })
`

/** What the browser says of an import that it cannot load names an address alone. */
const plain = ({ why, ...result }) =>
  (why?.startsWith('Failed to fetch dynamically') === true ? { ...result, why: 'it needs modules of Node' }
    : why === undefined ? result : { ...result, why })

/** Results by feature. */
export const onPage = async (chromium, isIsolated, names, programs) => {
  const results = []
  let end
  const ended = new Promise((resolve) => void (end = resolve))
  const answer = async (request) => {
    const { pathname, searchParams } = new URL(request.url, 'http://page')
    if (pathname === '/') return ['text/html', '<!doctype html><script type="module" src="/main.js"></script>']
    if (pathname === '/main.js') return ['text/javascript', script(names, programs)]
    if (pathname === '/package') {
      return ['text/javascript', await bundled(searchParams.get('specifier'), searchParams.get('from'))]
    }
    if (pathname.startsWith('/file/')) return [types[extname(pathname)], await served(pathname)]
    const body = (await request.setEncoding('utf8').toArray()).join('')
    if (pathname === '/result') results.push(plain(JSON.parse(body)))
    if (pathname === '/end') end()
    return ['text/plain', '']
  }
  const server = createServer((request, response) => {
    answer(request).then(
      ([type, body]) => response.writeHead(200, { 'content-type': type, ...isIsolated ? isolation : {} }).end(body),
      (error) => response.writeHead(404).end(String(error)),
    )
  })
  await new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const profile = mkdtempSync(join(tmpdir(), 'lsmkit-hosts-'))
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`]
  const child = spawn(chromium, [...flags, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore' })
  const late = setTimeout(end, 180_000)
  await ended
  clearTimeout(late)
  child.kill()
  await new Promise((resolve) => void child.once('exit', resolve))
  server.closeAllConnections()
  server.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  return results
}
