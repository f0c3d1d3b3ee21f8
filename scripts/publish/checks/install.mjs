/** Packages installed as strangers install them: one, all, in an order of one's own, required, and with their types. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, toolEnv } from '../../tools.mjs'
import { run } from '../run.mjs'

/** One LSM brings core and the numbers, and nothing else. */
async function oneLsm(environment, node) {
  const outside = environment.outside(`one-${node.major}`, node).init()
  await outside.install('@lsmkit/yama')
  const got = readdirSync(join(outside.folder, 'node_modules', '@lsmkit')).sort().join()
  if (got !== 'abi,core,yama') throw new Error(`@lsmkit/yama brought ${got}`)
  await outside.run('node', outside.take('one.mjs'))
  await outside.run('node', outside.take('require.cjs'))
}

/** Every entry point of every package. */
const entriesOf = (manifest) =>
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([entry]) => manifest.name + entry.slice(1))

const compiler = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2023', types: ['node'] }
const resolutions = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
]
const compilers = ['tsc', 'tsc6']
/** Their declarations speak of WebAssembly, or stand on others that do; TypeScript has it in `dom` only. */
const needDom = [
  '@lsmkit/bpf', '@lsmkit/wasi', '@lsmkit/sandbox', '@lsmkit/just-bash', '@lsmkit/mcp', '@lsmkit/native',
  '@lsmkit/fleet',
]

/** The pinned tools, working on a folder outside. */
const tool = (outside, command, ...args) => run(command, args, { cwd: outside.folder, env: toolEnv() })

/** What runs in a worker or a thread need not export anything. */
const isWorker = (entry) => /\/(?:worker|thread)$/.test(entry)

/**
 * Puts a box in the place of `node:fs`, by a policy: it is imported before a program, and not by one. The other one is
 * run as a process.
 */
const isRegister = (entry) => entry.endsWith('/register') || entry === '@lsmkit/native/kernels'

const importAll = (entries) => {
  const imports = entries.map((entry, at) => `import * as m${at} from '${entry}'\n`)
  const uses = entries.map((entry, at) =>
    isWorker(entry) ? '' : `if (Object.keys(m${at}).length === 0) throw new Error('${entry}')\n`)
  return [...imports, ...uses].join('')
}

/**
 * With each compiler and each way to find modules; when it has to be quick, one for each way, and of TypeScript 6,
 * which takes longest, one file.
 */
async function typeCheck(outside, file, lib, quickCompilers) {
  for (const [at, resolution] of resolutions.entries()) {
    const typeRoots = [join(root, 'node_modules', '@types')]
    const config = { compilerOptions: { ...compiler, ...resolution, lib, typeRoots }, include: [file] }
    outside.write('tsconfig.json', JSON.stringify(config))
    const chosen = quickCompilers === null ? compilers : [quickCompilers[at]]
    for (const tsc of chosen) await tool(outside, tsc, '-p', 'tsconfig.json')
  }
}

async function allPackages(environment) {
  const outside = await environment.withAll()
  const manifests = [...environment.releaseTree.manifests().keys()].map((name) =>
    JSON.parse(outside.read(`node_modules/${name}/package.json`)))
  const entries = manifests.flatMap(entriesOf).filter((entry) => !isRegister(entry))
  outside.write('entries.mjs', importAll(entries))
  for (const node of environment.nodes) await environment.under(outside, node).run('node', 'entries.mjs')
  outside.write('all.ts', importAll(entries))
  await typeCheck(outside, 'all.ts', ['es2023', 'dom'], environment.quick ? ['tsc', 'tsc6'] : null)
  const plain = manifests.filter(({ name }) => !needDom.includes(name)).flatMap(entriesOf)
    .filter((entry) => !isRegister(entry))
  outside.write('plain.ts', importAll(plain))
  await typeCheck(outside, 'plain.ts', ['es2023'], environment.quick ? ['tsc', 'tsc'] : null)
  return `${entries.length} entries`
}

async function ownOrder(environment) {
  const outside = await environment.withAll()
  for (const node of environment.nodes) await environment.under(outside, node).run('node', outside.take('order.mjs'))
}

const scenarios = () => {
  const folder = join(root, 'examples/scenarios')
  return readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name))
}

async function lsmCommand(environment) {
  const outside = await environment.withAll()
  for (const node of environment.nodes) {
    const printed = await environment.under(outside, node).run('npx', 'lsm', 'order', 'lsm=smack,landlock')
    if (printed.trim() !== 'lockdown,capability,smack,landlock,ima,evm') throw new Error(printed)
    const completion = await environment.under(outside, node).run('npx', 'lsm', 'completion', 'bash')
    if (!completion.includes('complete -o default -F _lsm lsm')) throw new Error(completion)
    const ran = await environment.under(outside, node).run('npx', 'lsm', 'scenario', ...scenarios())
    if (!/^\d+ passed, 0 failed$/m.test(ran)) throw new Error(ran)
  }
}

const KEPT = 'node_modules/.cache/lsmkit/kernels'
const STAGES = 'thread open,thread run,inline open,inline run'

/** The code that a process has kept, as the stages that it is good for. */
const stagesOf = (outside, version) => {
  const folder = readdirSync(join(outside.folder, KEPT)).find((name) => name.includes(`-v${version}-`))
  if (folder === undefined) throw new Error(`Node ${version} has kept no code`)
  const [file] = readdirSync(join(outside.folder, KEPT, folder))
  return JSON.parse(outside.read(join(KEPT, folder, file)).split('\n', 1)[0]).stages
}

/** The kernels of boxes run scripts and keep their code, or run the packages where modules join them. */
async function boxes(environment) {
  const outside = await environment.withAll()
  const line = ['node', outside.take('boxes.mjs')]
  // boxes of the clone have left code in the user's own home
  const under = (node) => {
    const one = environment.under(outside, node)
    one.env.XDG_CACHE_HOME = join(outside.folder, 'home')
    return one
  }
  const cat = 'node_modules/@lsmkit/wasi/programs/cat.wasm'
  for (const node of environment.nodes) {
    // the second finds what the first has kept
    for (const modules of ['[]', '[]', '[{"module":"@lsmkit/smack"}]']) await under(node).run(...line, modules, cat)
    const stages = stagesOf(outside, node.version).join()
    if (stages !== STAGES) throw new Error(`Node ${node.version} has kept code of ${stages}`)
  }
  await withOtherVersion(outside, '@lsmkit/landlock', async () => {
    rmSync(join(outside.folder, KEPT), { recursive: true })
    await under(environment.nodes[0]).run(...line, '[]', cat, 'packages')
    if (outside.has(KEPT)) throw new Error('the scripts run beside another version of a package than they are made of')
  })
}

async function withOtherVersion(outside, name, act) {
  const file = `node_modules/${name}/package.json`
  const text = outside.read(file)
  outside.write(file, JSON.stringify({ ...JSON.parse(text), version: '0.0.1' }))
  await act()
  outside.write(file, text)
}

export const installChecks = [
  { name: 'one LSM, imported and required', quick: true, each: 'node', run: oneLsm },
  { name: 'all packages: every entry, its types under TypeScript 6 and 7', quick: true, run: allPackages },
  { name: 'a stack in an order of its own', quick: true, run: ownOrder },
  { name: 'boxes in the worker, and inline', quick: true, run: boxes },
  { name: 'the command `lsm`', quick: true, run: lsmCommand },
]
