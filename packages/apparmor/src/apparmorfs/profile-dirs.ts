/** `policy/`: a folder a namespace and a profile (`__aafs_ns_mkdir`, `__aafs_profile_mkdir`). */
import type { PseudoFile } from '@lsmkit/core'
import type { LoadedProfile, Namespace } from '../domain/objects.ts'
import type { RawData } from '../domain/raw-data.ts'
import type { Apparmor } from '../state.ts'
import { policyFiles } from './policy-files.ts'
import { revisionFile } from './revision.ts'

const READABLE = 0o444
const NAMESPACE_FILES = 0o640

/** Slashes and dots in front fall away, others read as dots, blanks as underlines; what else is odd is left out. */
const mangled = (name: string): string =>
  name.replace(/^[/.]+/, '').replaceAll('/', '.').replaceAll(/[\t-\r ]/g, '_').replaceAll(/[^\w.-]/g, '')

const text = (name: string, read: () => string | Uint8Array): PseudoFile => ({ name, mode: READABLE, read })

const attachText = ({ attachmentText, attachment, name }: LoadedProfile): string =>
  attachmentText ?? (attachment.dfa === null ? name : '<unknown>')

const profileFiles = (profile: LoadedProfile, prefix: string): PseudoFile[] => {
  const dir = `${prefix}${mangled(profile.name)}.${profile.number}/`
  return [
    text(`${dir}name`, () => `${profile.name}\n`),
    text(`${dir}mode`, () => `${profile.mode}\n`),
    text(`${dir}attach`, () => `${attachText(profile)}\n`),
    ...profile.children.flatMap((child) => profileFiles(child, `${dir}profiles/`)),
  ]
}

const rawFiles = ({ id, abi, bytes, revision }: RawData, prefix: string): PseudoFile[] => {
  const dir = `${prefix}${id}/`
  return [
    text(`${dir}abi`, () => `v${abi}\n`),
    text(`${dir}revision`, () => `${revision}\n`),
    text(`${dir}raw_data`, () => bytes),
  ]
}

/** A folder that is there though nothing is in it. */
const folder = (name: string): PseudoFile => ({ name: `${name}/`, mode: READABLE })

/** All files of a namespace, and of those in it. */
export const namespaceFiles = (aa: Apparmor, namespace: Namespace, prefix: string): PseudoFile[] => [
  folder(`${prefix}profiles`), folder(`${prefix}raw_data`), folder(`${prefix}namespaces`),
  ...namespace.profiles.flatMap((profile) => profileFiles(profile, `${prefix}profiles/`)),
  ...namespace.rawData.flatMap((raw) => rawFiles(raw, `${prefix}raw_data/`)),
  ...policyFiles(aa, namespace, prefix, NAMESPACE_FILES),
  revisionFile(namespace, `${prefix}revision`),
  ...namespace.namespaces.flatMap((inside) =>
    namespaceFiles(aa, inside, `${prefix}namespaces/${inside.name}/`)),
]
