/** A booted kernel and a task that has restricted itself; a pass is opening and closing a file six names deep. */
import {
  AT_FDCWD, EACCES, LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_WRITE_FILE,
  LANDLOCK_RULE_PATH_BENEATH, O_CREAT, O_PATH, O_RDONLY, O_WRONLY, packLandlockPathBeneath, packLandlockRuleset,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Dentry, File, Lsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import type { Cell } from '../harness/cell.ts'
import { sustainedPass } from '../harness/sustained.ts'
import type { LandlockArgs } from './cells.ts'

const FILES = 16
const FOLDER = '/srv/www/site/assets/img'
const HANDLED = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR

const must = (rc: number): number => {
  if (rc < 0) throw new Error(`a call was refused: ${rc}`)
  return rc
}

/** The same policy as people write it: the path as text, compared with a list of prefixes. */
const prefixList = (lists: readonly (readonly string[])[]): Lsm => {
  const pathOf = (dentry: Dentry): string => {
    let path = ''
    for (let at = dentry; at.d_parent !== null; at = at.d_parent) path = `/${at.d_name.name}${path}`
    return path
  }
  return defineLsm({
    name: 'prefix-list',
    abi: '1.0',
    hooks: {
      file_open(file: File) {
        const path = pathOf(file.f_path.dentry)
        for (const list of lists) if (!list.some((prefix) => path.startsWith(prefix))) return -EACCES
        return 0
      },
    },
  })
}

const foldersOf = (rules: number): string[] =>
  ['/srv/www', ...Array.from({ length: rules - 1 }, (_, i) => `/srv/no${i}`)]

const restrict = ({ sys, init }: Kernel, layers: number, folders: readonly string[]): void => {
  for (let layer = 0; layer < layers; layer++) {
    const attr = packLandlockRuleset({ handled_access_fs: HANDLED })
    const fd = must(sys.landlock_create_ruleset(init, attr, attr.length, 0))
    for (const folder of folders) {
      const at = must(sys.openat(init, AT_FDCWD, folder, O_PATH, 0))
      must(sys.landlock_add_rule(init, fd, LANDLOCK_RULE_PATH_BENEATH, packLandlockPathBeneath(HANDLED, at), 0))
      sys.close(init, at)
    }
    must(sys.landlock_restrict_self(init, fd, 0))
    sys.close(init, fd)
  }
}

export const cell = ({ way, layers, rules }: LandlockArgs): Cell => {
  const folders = foldersOf(rules)
  const module = landlock({ remembers: way !== 'plain walk' })
  const prefixes = Array.from({ length: layers }, () => folders.map((path) => `${path}/`))
  const others: Lsm[] = way === 'without' ? [] : [way === 'prefix list' ? prefixList(prefixes) : module]
  const stack = createStack({ lsms: [capability(), ...others] })
  const kernel = bootKernel({ stack, ...(others.includes(module) ? { landlock: module.engine } : {}) })
  const { sys, init } = kernel
  let path = ''
  for (const name of FOLDER.split('/').slice(1)) must(sys.mkdir(init, (path += `/${name}`), 0o755))
  for (const folder of folders.slice(1)) must(sys.mkdir(init, folder, 0o755))
  const files = Array.from({ length: FILES }, (_, i) => `${FOLDER}/${i}`)
  for (const file of files) sys.close(init, must(sys.openat(init, AT_FDCWD, file, O_CREAT | O_WRONLY, 0o644)))
  if (way === 'layers' || way === 'plain walk') restrict(kernel, layers, folders)
  const pass = sustainedPass((i) => sys.close(init, must(sys.openat(init, AT_FDCWD, files[i % FILES]!, O_RDONLY, 0))))
  return {
    pass,
    ask: {
      /** Milliseconds that so many rules take into one ruleset, each on a directory of its own, and enforcing it. */
      load(count) {
        must(sys.mkdir(init, '/many', 0o755))
        for (let i = 0; i < (count as number); i++) must(sys.mkdir(init, `/many/${i}`, 0o755))
        const attr = packLandlockRuleset({ handled_access_fs: HANDLED })
        const fd = must(sys.landlock_create_ruleset(init, attr, attr.length, 0))
        let took = 0
        for (let i = 0; i < (count as number); i++) {
          const at = must(sys.openat(init, AT_FDCWD, `/many/${i}`, O_PATH, 0))
          const rule = packLandlockPathBeneath(HANDLED, at)
          const from = performance.now()
          must(sys.landlock_add_rule(init, fd, LANDLOCK_RULE_PATH_BENEATH, rule, 0))
          took += performance.now() - from
          sys.close(init, at)
        }
        const from = performance.now()
        must(sys.landlock_restrict_self(init, fd, 0))
        return took + performance.now() - from
      },
    },
  }
}
