/** The policy of the process that a box's kernel and guests run in: what the box needs of the host, and no more. */
import { realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { normalPath } from '@lsmkit/sandbox/policy-parts'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import type { GapId } from '../plan/gaps.ts'
import { realPaths, systemFiles, systemPrograms } from '../presets/system-paths.ts'

const MODULES = `${sep}node_modules${sep}`

/** The folders that the packages are loaded from: `node_modules`, or those of this repository. */
const packageFolders = (): string[] => {
  const here = realpathSync(fileURLToPath(import.meta.url))
  const at = here.indexOf(MODULES)
  if (at >= 0) return [here.slice(0, at + MODULES.length - 1)]
  const packages = here.slice(0, here.lastIndexOf(`${sep}native${sep}`))
  return realPaths([packages, join(dirname(packages), 'node_modules')])
}

export interface WallPolicy {
  readonly policy: Policy
  readonly accept: readonly GapId[]
}

/** `cache`: the folder of compiled code, which is read and never written. */
export const wallPolicy = ({ mounts = {}, allow = {} }: Policy, cache: string | null): WallPolicy => {
  const folders = Object.values(mounts).flatMap((place) => (place.kind === 'host-folder' ? [place] : []))
  const changed = folders.filter(({ writable, copyOnWrite }) => writable === true || copyOnWrite === true)
  const node = dirname(dirname(realpathSync(process.execPath)))
  const exec = realPaths([...systemPrograms(), node === '/' ? process.execPath : node])
  const { hosts = [] } = allow
  const own = [...exec, ...packageFolders(), ...systemFiles().filter((path) => !path.startsWith('/dev/'))]
  return {
    policy: {
      allow: {
        read: realPaths([...own, '/dev/null', '/dev/urandom', ...cache === null ? [] : [cache]])
          .concat(folders.map(({ path }) => normalPath(path))),
        write: changed.map(({ path }) => normalPath(path)), exec, hosts,
      },
      resolve: true,
    },
    accept: [
      // files of a writable folder have modes and times
      ...changed.length > 0 ? ['attributes' as const] : [],
      // the box's kernel reads labels that the host keeps
      ...folders.some(({ labels }) => labels !== undefined) ? ['attribute-reads' as const] : [],
      // the gateway of the box looks names up, and holds them
      ...hosts.length > 0 ? ['hosts' as const, 'udp' as const] : [],
    ],
  }
}
