/** Policies that were recorded elsewhere and are not part of the repository; tests that want them skip without them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const golden = join(import.meta.dirname, '../../../../../shared/golden/selinux')

/**
 * Files by what they are called without `.gz`; empty where nothing was recorded. Those packed by xz are left to
 * conform.
 */
export const goldenPolicies = (): Map<string, () => Uint8Array> => {
  const found = new Map<string, () => Uint8Array>()
  for (const folder of [golden, join(golden, 'policies')]) {
    if (!existsSync(folder)) continue
    for (const file of readdirSync(folder)) {
      if (!/\.(bin|\d\d\.gz)$/.test(file)) continue
      found.set(file.replace(/\.gz$/, ''), () => {
        const bytes = readFileSync(join(folder, file))
        return file.endsWith('.gz') ? gunzipSync(bytes) : bytes
      })
    }
  }
  return found
}
