/**
 * A bill of the project's parts: `node scripts/supply-chain.mjs [OUT]` writes a bill of materials (CycloneDX) and a
 * list of licences of the packages' dependencies into OUT (default `out/supply-chain`), and asks the registry about
 * known vulnerabilities, if it answers. Exit code 1 for a licence that has not been agreed to, or a vulnerability.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { root, toolEnv } from './tools.mjs'

/** Licences that whoever uses the packages can follow by keeping the text. */
const AGREED = new Set([
  'MIT', 'MIT OR Apache-2.0', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD', 'Unlicense',
  'CC0-1.0',
])

function pnpm(...args) {
  const { status, stdout } = spawnSync('pnpm', args, {
    cwd: root, env: toolEnv(), encoding: 'utf8', maxBuffer: 1 << 28, shell: process.platform === 'win32',
  })
  return { ok: status === 0, stdout }
}

function mustPnpm(...args) {
  const { ok, stdout } = pnpm(...args)
  if (!ok) throw new Error(`\`pnpm ${args.join(' ')}\` failed`)
  return stdout
}

function billOfMaterials(folder) {
  const text = mustPnpm('sbom', '--sbom-format', 'cyclonedx', '--prod')
  writeFileSync(join(folder, 'sbom.cdx.json'), text)
  const { components } = JSON.parse(text)
  console.log(`sbom.cdx.json: ${components.length} components`)
}

/** Licences that nobody has agreed to. */
function licences(folder) {
  const byLicence = JSON.parse(mustPnpm('licenses', 'list', '--json', '--prod'))
  const rows = Object.entries(byLicence).flatMap(([license, packages]) =>
    packages.flatMap(({ name, versions }) => versions.map((version) => ({ name, version, license }))))
  rows.sort((a, b) => (a.name < b.name ? -1 : 1))
  writeFileSync(join(folder, 'licences.json'), `${JSON.stringify(rows, null, 2)}\n`)
  console.log(`licences.json: ${rows.length} packages; ${Object.keys(byLicence).sort().join(', ')}`)
  return rows.filter(({ license }) => !AGREED.has(license))
}

/** Known vulnerabilities of what the packages depend on; null where no registry answers that question. */
function vulnerabilities() {
  const { stdout } = pnpm('audit', '--prod', '--json')
  try {
    const { metadata } = JSON.parse(stdout)
    return Object.values(metadata.vulnerabilities).reduce((sum, count) => sum + count, 0)
  } catch {
    return null
  }
}

await bootstrap('dependencies')
const folder = resolve(process.argv[2] ?? join(root, 'out/supply-chain'))
mkdirSync(folder, { recursive: true })
billOfMaterials(folder)
const strange = licences(folder)
for (const { name, version, license } of strange) console.log(`not agreed to: ${license} of ${name} ${version}`)
const known = vulnerabilities()
console.log(known === null ? 'audit: the registry does not answer' : `audit: ${known} known vulnerabilities`)
process.exitCode = strange.length > 0 || (known ?? 0) > 0 ? 1 : 0
