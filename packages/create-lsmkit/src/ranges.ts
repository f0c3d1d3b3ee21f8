/** Which versions of lsmkit a new project asks for: those that its template was tested with, or newer. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Ranges {
  /** For what the project installs itself: `^0.1.0`. */
  readonly exact: Readonly<Record<string, string>>
  /**
   * For what its users install: up to the next major. Core refuses a module whose ABI it does not have, so the range
   * need not.
   */
  readonly peer: Readonly<Record<string, string>>
}

/** `^0.1.0` as a peer: `>=0.1.0 <1.0.0`. */
const asPeer = (range: string): string => {
  const version = /^[\^~]?((\d+)\.\d+\.\d+\S*)$/.exec(range)
  return version === null ? range : `>=${version[1]} <${Number(version[2]) + 1}.0.0`
}

/** Out of the peers in the manifest of create-lsmkit. In the clone they are `workspace:`, which stands for any. */
export const rangesOf = (packageFolder: string): Ranges => {
  const { peerDependencies } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    peerDependencies: Record<string, string>
  }
  const exact = Object.entries(peerDependencies).map(([name, range]) =>
    [name, range.startsWith('workspace:') ? '*' : range] as const)
  return {
    exact: Object.fromEntries(exact),
    peer: Object.fromEntries(exact.map(([name, range]) => [name, asPeer(range)])),
  }
}
