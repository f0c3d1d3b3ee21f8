/**
 * Checks each package as users will get it: what is in it, same entry points as in the workspace, ranges that any tool
 * understands, publint, and types that resolve. With `write` the lists of files are written anew.
 */
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { root, toolEnv } from './tools.mjs'
import { packAll } from './pack.mjs'
import { filesOf, kindsOf, listPath, readList } from './packed-files.mjs'

/**
 * `exports` as it has to be published: without the condition that points at the sources, and without entries that have
 * nothing else.
 */
function withoutSource(table) {
  if (typeof table !== 'object') return table
  const kept = Object.entries(table)
    .filter(([key]) => key !== 'lsmkit:source')
    .map(([key, value]) => [key, withoutSource(value)])
    .filter(([, value]) => typeof value !== 'object' || Object.keys(value).length > 0)
  return Object.fromEntries(kept)
}

/** What publint calls an error, warnings included. */
async function publintFaults(bytes, manifest) {
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages } = await publint({ pack: { tarball }, strict: true })
  return messages
    .filter(({ type }) => type === 'error')
    .map((message) => `publint: ${formatMessage(message, manifest)}`)
}

/** Packages are ES modules alone: what these find is not asked. */
const OTHER_RESOLUTIONS = ['node10', 'node16-cjs']

/** Types that are found, and that say what the files are. */
async function typeFaults(bytes) {
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)))
  if (types === false) return []
  return problems
    .filter(({ resolutionKind }) => !OTHER_RESOLUTIONS.includes(resolutionKind))
    .map((problem) => `types: ${JSON.stringify(problem)}`)
}

/** What `npm pack` would put into each, which knows nothing of the workspace; by the package's name. */
function npmFiles(folders) {
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json', ...folders], {
    cwd: root, env: toolEnv(), encoding: 'utf8', maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`npm pack: ${stderr}`)
  return new Map(JSON.parse(stdout).map(({ name, files }) => [name, files.map(({ path }) => path)]))
}

function listFaults(kinds, wanted) {
  const [more, less] = [kinds.filter((one) => !wanted.includes(one)), wanted.filter((one) => !kinds.includes(one))]
  return [
    ...more.map((path) => `${path} is packed and not in scripts/packed-files.json: leave it out, or \`write\``),
    ...less.map((path) => `${path} of scripts/packed-files.json is not packed`),
  ]
}

/** npm does not resolve `workspace:` and `catalog:`: what users install from names versions. */
function rangeFaults({ dependencies, peerDependencies, optionalDependencies }) {
  const ranges = Object.entries({ ...dependencies, ...peerDependencies, ...optionalDependencies })
  return ranges
    .filter(([, range]) => /^[a-z]+:/.test(range))
    .map(([name, range]) => `${name} is asked for as \`${range}\`, which npm pack would publish`)
}

/** Fields that the registry shows. */
const shown = ['description', 'license', 'keywords', 'homepage', 'bugs', 'repository', 'engines']

async function faults({ manifest, file, kinds }, wanted, packedByNpm) {
  const bytes = readFileSync(file)
  const same = isDeepStrictEqual(withoutSource(manifest.exports), manifest.publishConfig?.exports)
  return [
    ...(same ? [] : ['`publishConfig.exports` is not `exports` without `lsmkit:source`']),
    ...shown.filter((field) => manifest[field] === undefined).map((field) => `\`${field}\` is missing`),
    ...rangeFaults(manifest),
    ...listFaults(kinds, wanted),
    ...(isDeepStrictEqual(kindsOf(packedByNpm, manifest), kinds) ? [] : ['`npm pack` packs other files']),
    ...await publintFaults(bytes, manifest),
    ...await typeFaults(bytes),
  ]
}

const target = mkdtempSync(join(tmpdir(), 'lsmkit-pack-'))
try {
  const packed = packAll(target).map((each) => ({ ...each, kinds: kindsOf(filesOf(each.file), each.manifest) }))
  if (process.argv[2] === 'write') {
    const lists = Object.fromEntries(packed.map(({ manifest, kinds }) => [manifest.name, kinds]))
    writeFileSync(listPath, `${JSON.stringify(lists, null, 2)}\n`)
  }
  const lists = readList()
  const byNpm = npmFiles(packed.map(({ folder }) => folder))
  for (const each of packed) {
    const { name } = each.manifest
    const found = await faults(each, lists[name] ?? [], byNpm.get(name) ?? [])
    console.log(`${found.length === 0 ? 'ok    ' : 'FAILED'} ${name}`)
    for (const fault of found) console.log(fault)
    if (found.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(target, { recursive: true, force: true })
}
