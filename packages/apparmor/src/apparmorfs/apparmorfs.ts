/** /sys/kernel/security/apparmor and the sysctls: the state of AppArmor, and its controls (apparmorfs.c). */
import { EACCES, ESPIPE, PROC_SUPER_MAGIC, SECURITYFS_MAGIC } from '@lsmkit/abi'
import { intSysctl } from '@lsmkit/core'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import { profileLines } from '../domain/profile-list.ts'
import { queryAccess } from '../query/access.ts'
import { currentLabel, refreshCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { mayViewPolicy } from './admin.ts'
import { features } from './features.ts'
import { moduleParameters } from './parameters.ts'
import { policyFiles } from './policy-files.ts'
import { namespaceFiles } from './profile-dirs.ts'
import { revisionFile } from './revision.ts'

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
  const maySee = (): boolean => {
    const label = currentLabel(aa)
    return mayViewPolicy(aa, label, label.namespace)
  }
  return {
    name: `${DIR}profiles`,
    mode: READABLE,
    open: () => (maySee() ? 0 : -EACCES),
    read: () => profileLines(currentLabel(aa).namespace),
  }
}

/** Files that are there from the start. */
const fixedFiles = (aa: Apparmor): readonly PseudoFile[] => [
  accessFile(aa), ...policyFiles(aa, aa.store.root, DIR, ANYBODY), ...ownFiles(aa), profilesFile(aa),
  revisionFile(aa.store.root, `${DIR}revision`),
  text('raw_data_compression_level_min', () => '-131072\n'), text('raw_data_compression_level_max', () => '22\n'),
  ...Object.entries(features).map(([name, value]) => text(`features/${name}`, () => `${value}\n`)),
]

const securityFs = (aa: Apparmor): PseudoFs => {
  const fixed = fixedFiles(aa)
  return {
    type: 'securityfs',
    magic: SECURITYFS_MAGIC,
    mountPoint: '/sys/kernel/security',
    files: () => [...fixed, ...namespaceFiles(aa, aa.store.root, `${DIR}policy/`)],
  }
}

const flag = (name: string, get: () => boolean, set: (on: boolean) => void): PseudoFile => intSysctl({
  name: `kernel/${name}`, get: () => (get() ? 1 : 0), set: (value) => set(value !== 0), range: () => [0, 1],
})

const sysctls = ({ settings }: Apparmor): PseudoFs => {
  const files = [
    flag('unprivileged_userns_apparmor_policy', () => settings.unprivilegedUsernsPolicy, (on) => {
      settings.unprivilegedUsernsPolicy = on
    }),
    flag('apparmor_restrict_unprivileged_unconfined', () => settings.restrictUnprivilegedUnconfined, (on) => {
      settings.restrictUnprivilegedUnconfined = on
    }),
  ]
  return { type: 'sysctl', magic: PROC_SUPER_MAGIC, mountPoint: '/proc/sys', files: () => files }
}

export const apparmorFiles = (aa: Apparmor): readonly PseudoFs[] => [securityFs(aa), sysctls(aa), moduleParameters(aa)]
