/** The C programs measured beside us: built where a compiler and the libraries are, or can be installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dataPath } from './data.ts'

const script = fileURLToPath(new URL('./rivals/build.sh', import.meta.url))

export type Rival = 'lean' | 'sepol' | 'selinux-avc' | 'selinux-files'

/** Builds what can be built; answers which there are. */
export const buildRivals = (): ReadonlySet<Rival> => {
  spawnSync('sh', [script, dataPath('')], { stdio: ['ignore', 2, 2] })
  const all: readonly Rival[] = ['lean', 'sepol', 'selinux-avc', 'selinux-files']
  return new Set(all.filter((name) => existsSync(dataPath(name))))
}
