#!/usr/bin/env node
/**
 * Components that componentize-js makes of JavaScript (12 MB each), with imports of the embedder's, and as servers.
 *
 *   node scripts/run.mjs exec node scripts/outside/componentize-hosts.mjs FOLDER
 *
 * FOLDER: one in which `npm install @bytecodealliance/componentize-js @bytecodealliance/jco` was run. It fetches
 * nothing, builds the programs of `componentize/` there, and needs Node 24. The last line is `N of M agree`.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { fileURLToPath, pathToFileURL } from 'node:url'

const [given] = process.argv.slice(2)
if (given === undefined || !process.execArgv.includes('--conditions=lsmkit:source')) {
  if (given !== undefined) {
    const { spawnSync } = await import('node:child_process')
    const { status } = spawnSync(
      process.execPath, ['--conditions=lsmkit:source', ...process.argv.slice(1)], { stdio: 'inherit' })
    process.exit(status ?? 1)
  }
  console.error('usage: node scripts/outside/componentize-hosts.mjs FOLDER')
  process.exit(2)
}
const { createSandbox } = await import('../../packages/sandbox/src/index.ts')
const { bootKernel } = await import('../../packages/kernel/src/index.ts')
const { createStack } = await import('../../packages/core/src/index.ts')
const { capability } = await import('../../packages/capability/src/index.ts')
const { guestLimits, openReactor } = await import('../../packages/wasi/src/index.ts')

const folder = resolve(given)
const sources = fileURLToPath(new URL('componentize', import.meta.url))
const installed = (name) => join(folder, 'node_modules/@bytecodealliance', name)
const { exports: entry } = JSON.parse(readFileSync(join(installed('componentize-js'), 'package.json'), 'utf8'))
const main = entry.import ?? entry['.'].import
const { componentize } = await import(pathToFileURL(join(installed('componentize-js'), main)).href)
/** WASI as jco has it. The engine of componentize-js is of the version that world.wit names. */
const builtin = join(installed('jco'), 'lib/wit/builtin')
const newest = readdirSync(builtin).filter((name) => name.startsWith('0.2.')).toSorted((a, b) =>
  Number(a.slice(4)) - Number(b.slice(4))).at(-1)
const wit = mkdtempSync(join(tmpdir(), 'lsmkit-wit-'))
process.on('exit', () => rmSync(wit, { recursive: true }))
cpSync(join(sources, 'world.wit'), join(wit, 'world.wit'))
const [, version] = /incoming-handler@([\d.]+)/.exec(readFileSync(join(wit, 'world.wit'), 'utf8'))
for (const name of readdirSync(join(builtin, newest))) {
  cpSync(join(builtin, newest, name), join(wit, 'deps', name), { recursive: true })
  const file = join(wit, 'deps', name, 'package.wit')
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`@${newest}`, `@${version}`))
}
const build = async (name) => {
  const source = readFileSync(join(sources, `${name}.js`), 'utf8')
  const { component } = await componentize(source, { sourceName: `${name}.js`, witPath: wit, worldName: name })
  return new Uint8Array(component)
}

let agreed = 0
let all = 0
const check = (what, got, wanted) => {
  all++
  if (isDeepStrictEqual(got, wanted)) agreed++
  else console.log(`DIFFERS ${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`)
}

const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
const openComponent = (program, imports) => openReactor(kernel, kernel.init, { program, limits: guestLimits, imports })

/** Exports of every kind. */
const kinds = async () => {
  const log = []
  const write = (...args) => void log.push(args)
  const reactor = openComponent(await build('exporting'), { 'lsmkit:test/log@1.0.0': { write } })
  const call = (name, ...args) => reactor.call(`lsmkit:test/kinds@1.0.0#${name}`, ...args)
  check('greet', reactor.call('greet', 'you'), 'hello you')
  check('log', log, [['warn', 'greeting you']])
  const shape = { case: 'named', value: { x: 1, label: 'é' } }
  check('a variant', call('pass-shape', shape), shape)
  check('flags', call('pass-rights', ['write-all']), ['write-all'])
  check('an enum', call('pass-color', 'dark-blue'), 'dark-blue')
  check('a result', call('divide', 7n, 2n), { ok: 3n })
  check('an error', call('divide', 7n, 0n), { error: 'division by zero' })
  check('an option', [call('first', ['x']), call('first', [])], ['x', null])
  const counter = call('[constructor]counter', 5)
  check('a method', call('[method]counter.increment', counter, 4), 9)
  check('a list of resources', call('total', [counter, call('[static]counter.make')]), 109n)
}

/** Imports of every kind. */
const imports = async () => {
  class Counter {
    constructor(value) {
      this.value = value
    }

    increment(by) {
      return (this.value += by)
    }

    static make() {
      return new Counter(100)
    }
  }
  const same = (value) => value
  const reactor = openComponent(await build('importing'), { 'lsmkit:test/kinds': {
    Counter, passShape: same, passRights: same, passColor: same, first: (items) => items[0] ?? null,
    divide: (a, b) => (b === 0n ? { error: 'division by zero' } : { ok: a / b }),
    total: (counters) => counters.reduce((sum, one) => sum + BigInt(one.value), 0n),
  } })
  check('imports', reactor.call('go'), [
    '7', '{"tag":"named","val":{"x":1,"label":"é"}}', '{"read":true,"writeAll":true}', 'dark-blue', '3',
    'failed: division by zero', 'a', 'undefined', '101', '107',
  ])
}

/** A command, and a server whose requests the policy decides about. `programs`: where they run. */
const inBox = async (programs, [command, server]) => {
  const inner = createServer((request, response) => response.end(`page of ${request.url}`))
  await new Promise((done) => inner.listen(0, '127.0.0.1', done))
  const { port } = inner.address()
  const box = await createSandbox({
    inline: true, programs, network: { resolve: async () => ['127.0.0.1'] },
    allow: { hosts: [{ host: 'api.example', port, addresses: ['127.0.0.1'] }] },
  })
  const { status, stdout } = await box.run(command)
  check(`a command, ${programs}`, [status, stdout], [0, 'clock true, random true\n'])
  let [asked, tell] = [0, () => {}]
  const runs = []
  const service = box.serve(server, { onRun: (run) => tell(runs.push(run)) })
  const ask = async (path, init) => {
    const answer = await service.fetch(new Request(`http://a.example${path}`, init))
    const text = await answer.text().catch(({ code }) => code)
    asked++
    // a run ends after its answer
    while (runs.length < asked) await new Promise((done) => void (tell = done))
    return [answer.status, text]
  }
  const post = { method: 'POST', body: 'text', headers: { 'x-agent': 'me' } }
  check(`a request, ${programs}`, await ask('/a?b', post),
    [202, '{"method":"POST","path":"/a","body":"text","agent":"me"}'])
  const fetched = (host) => ask(`/get/${encodeURIComponent(`http://${host}:${port}/x`)}`)
  check(`a request of its own, ${programs}`, await fetched('api.example'), [200, '200 page of /x'])
  // the engine gives up the body of the answer that it makes of an error
  check(`one that is refused, ${programs}`, await fetched('other.example'), [500, 'answer-incomplete'])
  check(`its record, ${programs}`, runs.at(-1).denials.map(({ sentence }) => sentence),
    [`\`other.example:${port}\`: connect refused, not in hosts`])
  check(`a server that throws, ${programs}`, await ask('/error'), [500, 'answer-incomplete'])
  inner.close()
  await box.close()
}

for (const part of [kinds, imports]) await part()
const built = [await build('command'), await build('server')]
for (const programs of ['here', 'threads']) await inBox(programs, built)
console.log(`${agreed} of ${all} agree`)
process.exit(agreed === all ? 0 : 1)
