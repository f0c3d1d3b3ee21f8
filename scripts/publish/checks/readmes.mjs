/**
 * READMEs as they were published: the first program runs in a folder where the install line was run, types included,
 * and links lead somewhere.
 */
import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { availableParallelism } from 'node:os'
import { join, posix, relative, sep } from 'node:path'
import ts from 'typescript'
import { pinnedNode, root, toolEnv } from '../../tools.mjs'
import { anchorsOf, blocksOf, brokenPromise, linksOf } from '../document.mjs'
import { installedBy, layOut } from '../lay-out.mjs'
import { run } from '../run.mjs'

const compilerOptions = {
  strict: true,
  target: 'es2023',
  lib: ['es2023', 'dom'],
  module: 'nodenext',
  types: ['node'],
  typeRoots: [join(root, 'node_modules', '@types')],
  // the check of all packages looks into each declaration, and `missingTypes` at what they need in this folder
  skipLibCheck: true,
  outDir: 'out',
}

const packageOf = (specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)[0]

/** Packages that the declarations of ours name, by path in node_modules: they are the same files in every folder. */
const named = new Map()

function packagesNamedBy(folder, path) {
  let names = named.get(path)
  if (names === undefined) {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, path), 'utf8'))
    const specifiers = importedFiles.map(({ fileName }) => fileName)
    names = new Set(specifiers.filter((name) => !name.startsWith('.') && !isBuiltin(name)).map(packageOf))
    named.set(path, names)
  }
  return names
}

/** Of the files that the compiler has read: packages that declarations of ours name, and the install line left out. */
function missingTypes(outside, files) {
  const own = join('node_modules', '@lsmkit')
  const read = files.map((file) => relative(outside.folder, file)).filter((path) => path.startsWith(own))
  return read.flatMap((path) => {
    const [scope, name] = relative('node_modules', path).split(sep)
    const places = [join('node_modules', scope, name, 'node_modules'), 'node_modules']
    return [...packagesNamedBy(outside.folder, path)]
      .filter((wanted) => !places.some((place) => outside.has(join(place, wanted))))
      .map((wanted) => `${path} names ${wanted}`)
  })
}

const isTest = (program) => /from 'vitest'/.test(program)

/** Types are checked, then the program is run as it stands, and as JavaScript under the oldest Node. */
async function runProgram(outside, program) {
  const file = isTest(program) ? 'program.test.ts' : 'program.ts'
  outside.write(file, program)
  outside.write('tsconfig.json', JSON.stringify({ compilerOptions, include: [file] }))
  const listed = await run('tsc', ['-p', 'tsconfig.json', '--listFiles'], { cwd: outside.folder, env: toolEnv() })
  const missing = missingTypes(outside, listed.trim().split('\n'))
  if (missing.length > 0) throw new Error(`packages are not installed:\n${missing.join('\n')}`)
  if (file === 'program.test.ts') return outside.run('npx', 'vitest', 'run', file)
  for (const [node, path] of [[pinnedNode(), file], ['node', 'out/program.js']]) {
    const promise = brokenPromise(program, await outside.run(node, path))
    if (promise !== null) throw new Error(`\`${path}\` did not print \`${promise}\``)
  }
}

const readmeOf = (all, name) => all.read(`node_modules/${name}/README.md`)

/**
 * The install line. When it has to be quick and a program alone stands behind it, npm need not do again what it did in
 * the folder that has all, and does for a newcomer and for one LSM.
 */
async function install(environment, all, outside, line, program) {
  const needsNoCommand = program !== undefined && !isTest(program.text)
  const names = environment.quick && needsNoCommand ? installedBy(line) : null
  if (names === null || !layOut(all, outside, names)) await outside.shell(line)
}

/** A package with a command and without a program shows the command: its first two sh blocks are run. */
async function tryReadme(environment, all, name) {
  const text = readmeOf(all, name)
  const outside = environment.outside(`readme-${name.replaceAll(/\W+/g, '-')}`).init()
  const blocks = blocksOf(text)
  const shell = blocks.filter(({ language }) => language === 'sh')
  const program = blocks.find(({ language }) => language === 'ts')
  if (shell.length === 0) throw new Error('there is no ```sh block with the install line')
  if (blocks.indexOf(shell[0]) > blocks.indexOf(program) && program !== undefined) {
    throw new Error('the install line stands behind the program')
  }
  await install(environment, all, outside, shell[0].text, program)
  if (program !== undefined) await runProgram(outside, program.text)
  else if (shell.length > 1) await outside.shell(shell[1].text)
}

async function programs(environment) {
  const all = await environment.withAll()
  // when it has to be quick, the check of the template stands for the README that makes one
  const names = [...environment.releaseTree.manifests().keys()].filter((name) => !environment.quick ||
    name !== 'create-lsmkit')
  const faults = []
  const waiting = [...names]
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await tryReadme(environment, all, name).catch((error) => faults.push(`${name}: ${error.message}`))
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker))
  if (faults.length > 0) throw new Error(`${faults.length} of ${names.length}\n${faults.join('\n')}`)
  return `${names.length} READMEs`
}

const TEN_LINES = 'docs/ten-lines.md'

const LANDLOCK = "import('@lsmkit/native/sys').then((sys) => console.log(sys.landlockAbi(sys.hostSystem())))"

/** Why programs of the host cannot be run here; empty where they can. */
async function whyNotNative(outside) {
  const abi = Number(await outside.run('node', '-e', LANDLOCK).catch(() => 0))
  if (abi < 6) return `Landlock has ABI ${abi} here, and 6 is needed`
  const absent = ['git', 'python3', 'npm'].filter((name) => !existsSync(`/usr/bin/${name}`))
  return absent.length === 0 ? '' : `/usr/bin has no ${absent.join(', ')}`
}

/** Each program prints what the comment below it says, under the pinned Node and the oldest. */
async function tenLines(environment) {
  const blocks = blocksOf(readFileSync(join(root, TEN_LINES), 'utf8'))
  const outside = environment.outside('ten-lines').init()
  await outside.shell(blocks.find(({ language }) => language === 'sh').text)
  const texts = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text)
  let count = 0
  for (const [i, program] of texts.entries()) {
    const why = program.includes('native: true') ? await whyNotNative(outside) : ''
    if (why !== '') {
      console.log(`SKIPPED: program ${i + 1} of ${TEN_LINES}: ${why}`)
      continue
    }
    const promised = [...program.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line)
    for (const [node, file] of [[pinnedNode(), `program${i}.ts`], ['node', `program${i}.mjs`]]) {
      outside.write(file, program)
      const printed = (await outside.run(node, file)).trimEnd()
      if (printed !== promised.join('\n')) throw new Error(`${TEN_LINES}, ${file} printed\n${printed}`)
    }
    count++
  }
  return `${count} of ${texts.length} programs`
}

/** Links to elsewhere in the repository work on npm's page when the manifest says which folder the package is. */
function faultOfLink(target, { name, folder, manifest, all }) {
  if (/^[a-z]+:/.test(target)) return null
  const [path, anchor] = target.split('#')
  const inPackage = path === '' ? 'README.md' : posix.normalize(path)
  const isOurs = !inPackage.startsWith('..')
  const file = isOurs ? join(all.folder, 'node_modules', name, inPackage) : join(root, 'packages', folder, inPackage)
  if (!existsSync(file)) return isOurs ? 'the package has no such file' : 'there is no such file'
  if (!isOurs && manifest.repository?.directory !== `packages/${folder}`) {
    return 'it leads out of the package, whose `repository.directory` does not say where that is'
  }
  if (anchor === undefined || !file.endsWith('.md')) return null
  return anchorsOf(readFileSync(file, 'utf8')).includes(anchor) ? null : 'there is no such heading'
}

async function links(environment) {
  const all = await environment.withAll()
  const faults = []
  let count = 0
  for (const name of environment.releaseTree.manifests().keys()) {
    const manifest = JSON.parse(all.read(`node_modules/${name}/package.json`))
    const about = { name, manifest, all, folder: name.replace('@lsmkit/', '') }
    for (const target of linksOf(readmeOf(all, name))) {
      count++
      const fault = faultOfLink(target, about)
      if (fault !== null) faults.push(`${name}: ${target}: ${fault}`)
    }
  }
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return `${count} links`
}

export const readmeChecks = [
  { name: 'links of published READMEs', quick: true, run: links },
  { name: 'first programs of published READMEs', quick: true, run: programs },
  { name: `programs of ${TEN_LINES}`, quick: true, run: tenLines },
]
