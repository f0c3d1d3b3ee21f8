/** This host, as far as a bundle may need something of it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { HostFacts } from './verify.ts'

const require = createRequire(import.meta.url)

/** Of a package that this one can load; null for others. */
const versionOf = (name: string): string | null => {
  if (!/^(?:@[a-z0-9._-]+\/)?[a-z0-9._-]+$/.test(name)) return null
  try {
    const path = require.resolve(`${name}/package.json`)
    return (JSON.parse(readFileSync(path, 'utf8')) as { version?: string }).version ?? null
  } catch {
    return null
  }
}

/** `features` are names of your own, which bundles may need. */
export const thisHost = (features: readonly string[] = []): HostFacts => ({
  os: process.platform, arch: process.arch, node: process.versions.node, features, versionOf,
  lsmkit: versionOf('@lsmkit/fleet') ?? '0.0.0',
})
