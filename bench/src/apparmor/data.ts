/** Policies to measure with: those that are recorded here, and Debian's where its parser and profiles are installed. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const recorded = join(import.meta.dirname, '../../../conformance/recorded/apparmor-policies.tar.xz')
const DEBIAN = '/etc/apparmor.d'

/** Files of a folder in order, those that end in `.bin`. */
const binariesIn = (folder: string): Uint8Array[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.bin')).sort()
    .map((name) => new Uint8Array(readFileSync(join(folder, name))))

const inFolder = (fill: (folder: string) => void): Uint8Array[] => {
  const folder = mkdtempSync(join(tmpdir(), 'apparmor-bench-'))
  try {
    fill(folder)
    return binariesIn(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** 341 small policies of the recordings. */
export const recordedPolicies = (): Uint8Array[] =>
  inFolder((folder) => void spawnSync('tar', ['-xJf', recorded, '-C', folder]))

/** Debian's profiles, or one file of them, compiled by its parser; none where they are not installed. */
export const debianPolicies = (only?: string): Uint8Array[] => {
  if (spawnSync('apparmor_parser', ['--version']).error !== undefined || !existsSync(DEBIAN)) return []
  const files = readdirSync(DEBIAN, { withFileTypes: true }).filter((entry) => entry.isFile())
  const texts = files.map(({ name }) => name).filter((name) => only === undefined || name === only)
  return inFolder((folder) => {
    for (const name of texts) {
      const to = join(folder, `${name}.bin`)
      spawnSync('apparmor_parser', ['-K', '-Q', '-q', '-o', to, join(DEBIAN, name)], { stdio: 'ignore' })
    }
  })
}
