/**
 * The contents of a tarball, in a form that new source files do not change: compared with scripts/packed-files.json.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tools.mjs'

export const listPath = join(root, 'scripts/packed-files.json')

export const readList = () => JSON.parse(readFileSync(listPath, 'utf8'))

/** Paths inside the package. */
export function filesOf(tarball) {
  const { status, stdout, stderr } = spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`tar: ${stderr}`)
  return stdout.trim().split('\n').map((path) => path.replace(/^package\//, ''))
}

/** Declarations and the parts that the bundler cuts have any number and names; all else stands for itself. */
const kindOf = (path, entries) => {
  if (entries.has(path) || !path.startsWith('dist/')) return path
  if (/(^|\/)(testing|fuzz)\/|\.test(-d)?\./.test(path)) return path
  if (path.endsWith('.d.ts')) return 'dist/**/*.d.ts'
  return path.endsWith('.js') ? 'dist/**/*.js' : path
}

/** `manifest` names the entry points: those are listed one by one. */
export function kindsOf(files, manifest) {
  const texts = JSON.stringify([manifest.exports ?? {}, manifest.bin ?? {}])
  const entries = new Set([...texts.matchAll(/"\.\/(dist\/[^"]+)"/g)].map(([, path]) => path))
  return [...new Set(files.map((path) => kindOf(path, entries)))].sort()
}
