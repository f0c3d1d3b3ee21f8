/**
 * The console and examples/browser-tab in Chromium: `node scripts/browser-test.mjs [--quick] [WORD…]`; words choose
 * checks by their names.
 *
 * Needs a Chromium: `CHROMIUM`, or /usr/bin/chromium (Debian: apt-get install chromium). Ends with 77 where there is
 * none. Screenshots land in apps/console/screenshots: of each view, or when it has to be quick, of what failed.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { pinnedNode, root, toolEnv } from './tools.mjs'

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const NO_BROWSER = 77

/** The console as `npm start -- --serve` serves it, and how it is ended. */
const served = async () => {
  const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), 'start', '--serve'],
    { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await child.stdout.setEncoding('utf8').take(1).toArray()
  const url = /^console: (http:\/\/127\.0\.0\.1:\d+\/.+)\n/.exec(line ?? '')?.[1]
  if (url === undefined) throw new Error(`the first line is ${JSON.stringify(line)}`)
  const end = () => new Promise((resolve) => {
    child.on('exit', (code) => resolve(code))
    child.kill('SIGTERM')
  })
  return { url, end }
}

/** Exit code. */
const makeSite = (folder) =>
  new Promise((resolve) => {
    const make = [join(root, 'scripts/run.mjs'), 'site', folder]
    spawn(process.execPath, make, { stdio: ['ignore', 'inherit', 'ignore'] }).on('exit', resolve)
  })

/** Exit code of the build of examples/browser-tab. */
const makeExample = (folder) =>
  new Promise((resolve) => {
    const make = ['build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error']
    const [cwd, env] = [join(root, 'examples/browser-tab'), toolEnv()]
    spawn('vite', make, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] }).on('exit', resolve)
  })

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' }

/** A web server that knows nothing of the console. */
const plain = async (folder) => {
  const server = createServer(({ url }, response) => {
    const path = normalize(join(folder, url.split('?')[0].replace(/\/$/, '/index.html')))
    if (!path.startsWith(folder) || !existsSync(path)) return void response.writeHead(404).end()
    response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream')
    response.end(readFileSync(path))
  })
  await new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

const main = async (words) => {
  if (!existsSync(chromium)) {
    process.stderr.write(`no browser: ${chromium} is not there (CHROMIUM names another; apt-get install chromium)\n`)
    return NO_BROWSER
  }
  // the example is bundled from built packages, as its readers do
  await bootstrap('packages')
  await bootstrap('console')
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-site-'))
  const exampleFolder = mkdtempSync(join(tmpdir(), 'lsmkit-tab-'))
  const pages = []
  let end = async () => 0
  try {
    const making = Promise.all([makeSite(folder), makeExample(exampleFolder)])
    const server = await served()
    end = server.end
    if ((await making).some((code) => code !== 0)) throw new Error('the site or the example cannot be made')
    for (const one of [folder, exampleFolder]) pages.push(await plain(one))
    const shots = join(root, 'apps/console/screenshots')
    const places = [server.url, ...pages.map(({ url }) => url)]
    const checks = [join(root, 'apps/console/browser/main.ts'), chromium, ...places, shots, ...words]
    const child = spawn(pinnedNode(), ['--conditions=lsmkit:source', ...checks], { stdio: 'inherit', env: toolEnv() })
    return await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
  } finally {
    for (const page of pages) page.close()
    for (const one of [folder, exampleFolder]) rmSync(one, { recursive: true, force: true })
    if (await end() !== 0) process.stderr.write('the server did not end cleanly\n')
  }
}

process.exitCode = await main(process.argv.slice(2))
