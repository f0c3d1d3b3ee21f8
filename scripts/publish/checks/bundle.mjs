/** A bundle of Vite: a kernel with a stack in one file, run by Node and, where there is one, by Chromium. */
import { createServer } from 'node:http'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolEnv } from '../../tools.mjs'
import { run } from '../run.mjs'

const wanted = 'capability,vault answer 0,-13'

async function bundle(environment) {
  const outside = await environment.withAll()
  outside.take('bundle.mjs')
  outside.write('index.html', '<!doctype html><body><script type="module" src="/bundle.mjs"></script></body>\n')
  // a polyfill that every browser has outgrown, and Node never had
  outside.write('vite.config.mjs', 'export default { build: { modulePreload: { polyfill: false } } }\n')
  await run('vite', ['build', '--logLevel', 'warn', '--outDir', 'site'], { cwd: outside.folder, env: toolEnv() })
  const [file] = readdirSync(join(outside.folder, 'site', 'assets')).filter((name) => name.endsWith('.js'))
  outside.write('site/package.json', '{ "type": "module" }')
  for (const node of environment.nodes) {
    const printed = await environment.under(outside, node).run('node', `site/assets/${file}`)
    if (printed.trim() !== wanted) throw new Error(`Node ${node.version} printed ${printed}`)
  }
  return `${Math.round(readFileSync(join(outside.folder, 'site', 'assets', file)).length / 1024)} KB`
}

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const kinds = { html: 'text/html', js: 'text/javascript' }

/** The folder, on a free port of 127.0.0.1, for as long as `use` takes. */
async function served(folder, use) {
  const server = createServer(({ url }, response) => {
    const path = join(folder, url === '/' ? 'index.html' : new URL(url, 'http://127.0.0.1').pathname)
    const kind = kinds[path.split('.').at(-1)]
    if (kind === undefined || !existsSync(path)) return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': kind }).end(readFileSync(path))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function browser(environment) {
  if (!existsSync(chromium)) return `left out: there is no ${chromium}; CHROMIUM names another`
  const outside = await environment.withAll()
  if (!outside.has('site')) await bundle(environment)
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=10000', '--dump-dom',
    `--user-data-dir=${join(environment.scratch, 'chromium')}`]
  const page = await served(join(outside.folder, 'site'), (url) => outside.run(chromium, ...flags, url))
  if (!page.includes(wanted)) throw new Error(page)
  return undefined
}

export const bundleChecks = [
  { name: 'a bundle of Vite, run by Node', quick: true, run: bundle },
  { name: 'the same bundle in a browser', quick: false, run: browser },
]
