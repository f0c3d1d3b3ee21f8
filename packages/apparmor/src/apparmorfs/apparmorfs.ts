/** /sys/kernel/security/apparmor: the state of AppArmor, and its controls (apparmorfs.c). */
import { EACCES, ESPIPE, SECURITYFS_MAGIC } from '@lsmkit/abi'
import type { PseudoFile, PseudoFs, PseudoLink } from '@lsmkit/core'
import type { Namespace } from '../domain/objects.ts'
import { profileLines } from '../domain/profile-list.ts'
import { queryAccess } from '../query/access.ts'
import { currentLabel, refreshCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { mayViewPolicy } from './admin.ts'
import { features } from './features.ts'
import { PolicyFolders } from './namespace-folder.ts'
import { nullDevice } from './null-device.ts'
import { moduleParameters } from './parameters.ts'
import { policyFiles } from './policy-files.ts'
import { revisionFile } from './revision.ts'
import { sysctls } from './sysctls.ts'

const DIR = 'apparmor/'
const ANYBODY = 0o666
const READABLE = 0o444

/** A question is written, and its answer read from the same open file. */
const accessFile = (aa: Apparmor): PseudoFile => ({
  name: `${DIR}.access`,
  mode: ANYBODY,
  read: () => '',
  write(io, data) {
    if (io.pos !== 0) return -ESPIPE
    const asker = { label: refreshCurrent(aa), owner: aa.ctx.current.task.cred.fsuid === 0 }
    const answer = queryAccess(aa.store, asker, data)
    if (typeof answer === 'number') return answer
    io.answer = answer
    return data.length
  },
})

const text = (name: string, read: () => string): PseudoFile => ({ name: DIR + name, mode: READABLE, read })

const yesNo = (claim: boolean): string => (claim ? 'yes\n' : 'no\n')

/** What a task sees of its own label and namespace. */
const ownFiles = (aa: Apparmor): PseudoFile[] => [
  text('.stacked', () => yesNo(currentLabel(aa).profiles.length > 1)),
  text('.ns_stacked', () => {
    const { profiles, namespace } = currentLabel(aa)
    return yesNo(profiles.some((profile) => profile.namespace !== namespace))
  }),
  text('.ns_level', () => `${currentLabel(aa).namespace.level}\n`),
  text('.ns_name', () => `${currentLabel(aa).namespace.name}\n`),
]

const profilesFile = (aa: Apparmor): PseudoFile => {
  const maySee = (): boolean => mayViewPolicy(aa, currentLabel(aa), null)
  return {
    name: `${DIR}profiles`,
    mode: READABLE,
    open: () => (maySee() ? 0 : -EACCES),
    read: () => profileLines(currentLabel(aa).namespace),
  }
}

/** Files that are there from the start. Those of policy are for the current task's own namespace. */
const fixedFiles = (aa: Apparmor): readonly PseudoFile[] => [
  accessFile(aa), ...policyFiles(aa, () => currentLabel(aa).namespace, DIR, ANYBODY), ...ownFiles(aa), profilesFile(aa),
  revisionFile(`${DIR}revision`, () => currentLabel(aa).namespace),
  text('raw_data_compression_level_min', () => '-131072\n'), text('raw_data_compression_level_max', () => '22\n'),
  ...Object.entries(features).map(([name, value]) => text(`features/${name}`, () => `${value}\n`)),
]

/** The tree that `policy` leads into. */
const AAFS = 'apparmorfs'
const AAFS_MAGIC = 0x5a3c69f0

/** Where a namespace is in that tree. */
const placeOf = (namespace: Namespace): string =>
  namespace.parent === null ? '' : `${placeOf(namespace.parent)}/namespaces/${namespace.name}`

/** A link like those of /proc/PID/ns: each task gets to the folder of its own namespace (`policy_get_link`). */
const policyLink = (aa: Apparmor): PseudoLink => ({
  kind: 'link',
  name: `${DIR}policy`,
  mode: READABLE,
  target: () => ({ type: AAFS, path: placeOf(currentLabel(aa).namespace) }),
  text: (ino) => `${AAFS}:[${ino}]`,
})

const securityFs = (aa: Apparmor): PseudoFs => {
  const files = fixedFiles(aa)
  const entries = [policyLink(aa), nullDevice]
  return {
    type: 'securityfs',
    magic: SECURITYFS_MAGIC,
    mountPoint: '/sys/kernel/security',
    files: () => files,
    entries: () => entries,
  }
}

/** No path of the machine leads into it: its names are disconnected. */
const policyFs = (aa: Apparmor): PseudoFs => {
  const entries = new PolicyFolders(aa).entriesOf(aa.store.root)
  return { type: AAFS, magic: AAFS_MAGIC, mountPoint: '', files: () => [], entries: () => entries }
}

export const apparmorFiles = (aa: Apparmor): readonly PseudoFs[] =>
  [securityFs(aa), policyFs(aa), sysctls(aa), moduleParameters(aa)]
