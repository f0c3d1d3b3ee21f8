/** Policy loaded and replaced, as a whole or not at all (`aa_replace_profiles`). */
import { EACCES, EEXIST, ENOENT, EPERM } from '@lsmkit/abi'
import { ApparmorError } from '../errors.ts'
import { unpack } from '../policydb/reader.ts'
import type { Unpacked, UnpackedProfile } from '../policydb/reader.ts'
import { VERSION_MASK } from '../policydb/policy.ts'
import { lookupTree } from './find-profile.ts'
import { updateLabels } from './label-set.ts'
import { loadedProfile } from './make-profile.ts'
import { makeNamespace } from './namespace.ts'
import { ProfileFolder } from './objects.ts'
import type { LoadedProfile, Namespace } from './objects.ts'
import { dropUnused, profileHash, sameBytes, Sha256 } from './raw-data.ts'
import type { RawData } from './raw-data.ts'
import type { LoadContext, PolicyOperation } from './policy-record.ts'
import { addProfile, parentOf, replaceProfile } from './tree.ts'

interface Entry {
  readonly made: LoadedProfile
  readonly namespace: string | null
  old: LoadedProfile | null
  rename: LoadedProfile | null
}

/** Loads profiles; with `replace` one that is there already may be replaced. 0 or -errno. */
export const loadPolicy = (bytes: Uint8Array, replace: boolean, context: LoadContext): number => {
  const unpacked = unpackOrRecord(bytes, context)
  if (typeof unpacked === 'number') return unpacked
  const { namespace: home } = context
  const kept = bytes.slice()
  const entries = unpacked.profiles.map((profile) => entryOf(profile, kept, context))
  const name = agreedNamespace(unpacked.namespace, entries)
  if (name === undefined) return mixed(unpacked.namespace, entries, replace, context)
  const namespace = name === null ? home : prepare(home, name)
  if (typeof namespace === 'number') {
    return refuse(entries, 'profile_load', null, 'failed to prepare namespace', namespace, name, context)
  }
  const rc = setUp(entries, namespace, replace, name, context)
  if (rc !== 0) return rc
  const raw = context.exportBinary ? keep(namespace, kept, unpacked.version & VERSION_MASK, context) : null
  namespace.changed()
  if (raw !== null) raw.revision = namespace.revision
  for (const entry of entries) install(entry, namespace, raw, name, context)
  updateLabels(namespace)
  dropUnused(namespace)
  return 0
}

const unpackOrRecord = (bytes: Uint8Array, { record }: LoadContext): Unpacked | number => {
  const say = (info: string, error: number, name: string | null, offset: number | null): void =>
    record({ operation: null, name, namespace: null, info, error, offset })
  try {
    return unpack(bytes, ({ info, errno, offset }) => say(info, -errno, null, offset))
  } catch (error) {
    if (!(error instanceof ApparmorError)) throw error
    say(error.info ?? error.message, -error.errno, error.profile, error.offset)
    return -error.errno
  }
}

const entryOf = (
  { profile, version, start, end }: UnpackedProfile, bytes: Uint8Array, { namespace, hashPolicy }: LoadContext,
): Entry => {
  const made = loadedProfile(profile, namespace, version & VERSION_MASK)
  if (hashPolicy) made.sha256 = profileHash(version, bytes.subarray(start, end))
  return { made, namespace: profile.namespace, old: null, rename: null }
}

/** The namespace of the whole write, null for that of the file; undefined where profiles disagree. */
const agreedNamespace = (said: string | null, entries: readonly Entry[]): string | null | undefined => {
  let agreed = said
  for (const [i, { namespace }] of entries.entries()) {
    if (namespace === null || namespace === agreed) continue
    if (agreed !== null || i > 0) return undefined
    agreed = namespace
  }
  return agreed
}

/** The entry that disagrees is the one of the record. */
const mixed = (said: string | null, entries: readonly Entry[], replace: boolean, context: LoadContext): number => {
  const operation = replace ? 'profile_replace' : 'profile_load'
  for (let i = 1; i <= entries.length; i++) {
    if (agreedNamespace(said, entries.slice(0, i)) !== undefined) continue
    const name = agreedNamespace(said, entries.slice(0, i - 1)) ?? null
    return refuse(entries, operation, entries[i - 1]!, 'policy load has mixed namespaces', -EACCES, name, context)
  }
  return -EACCES
}

const operationOf = ({ old }: Entry): PolicyOperation => (old === null ? 'profile_load' : 'profile_replace')

/** Records why the write failed, and that it took the other profiles with it. */
const refuse = (
  entries: readonly Entry[], operation: PolicyOperation, culprit: Entry | null, info: string, error: number,
  namespace: string | null, { record }: LoadContext,
): number => {
  const name = culprit?.made.hname ?? null
  record({ operation, name, namespace, info, error, offset: null })
  const at = culprit === null ? entries.length : entries.indexOf(culprit)
  for (const [i, entry] of entries.entries()) {
    if (i === at) continue
    const whole = `${i < at ? 'valid' : 'unchecked'} profile in failed atomic policy load`
    record({ operation: operationOf(entry), name: entry.made.hname, namespace, info: whole, error, offset: null })
  }
  return error
}

const prepare = (home: Namespace, name: string): Namespace | number =>
  home.namespaces.find((inside) => inside.name === name) ?? makeNamespace(home, name)

/** Everything that may fail: whom each profile replaces, and whose child it is. */
const setUp = (
  entries: readonly Entry[], namespace: Namespace, replace: boolean, name: string | null, context: LoadContext,
): number => {
  for (const entry of entries) {
    const { made } = entry
    made.namespace = namespace
    entry.old = lookupTree(namespace, made.hname)
    const rename = made.source?.rename ?? null
    const renamed = rename === null ? null : lookupTree(namespace, rename)
    const error = replaceable(entry.old, replace) || replaceable(renamed, replace)
    const operation = operationOf(entry)
    if (error !== 0) return refuse(entries, operation, entry, 'profile can not be replaced', error, name, context)
    entry.rename = renamed
    if (entry.old !== null || renamed !== null) continue
    made.parent = parentOf(namespace, made, entries.map((other) => other.made))
  }
  for (const [i, entry] of entries.entries()) {
    if (entry.old !== null || hasPlace(entry.made, entries.slice(0, i))) continue
    return refuse(entries, operationOf(entry), entry, 'failed to create', -ENOENT, name, context)
  }
  return 0
}

/** A folder can be made for it: a parent that is made up has none, nor has one that comes later in the write. */
const hasPlace = ({ parent }: LoadedProfile, before: readonly Entry[]): boolean =>
  parent === null || parent.folder !== null || before.some(({ made }) => made === parent)

const replaceable = (old: LoadedProfile | null, replace: boolean): number => {
  if (old === null) return 0
  if (old.isNamespaces) return -EPERM
  return replace ? 0 : -EEXIST
}

/** One stream is kept once, however often it is written, and for as long as a profile is of it. */
const keep = (namespace: Namespace, bytes: Uint8Array, abi: number, { hashPolicy }: LoadContext): RawData => {
  dropUnused(namespace)
  const same = namespace.rawData.find((raw) => sameBytes(raw.bytes, bytes))
  if (same !== undefined) return same
  const sha256 = hashPolicy ? new Sha256([bytes]) : null
  const raw = { bytes, abi, sha256, id: namespace.revision, revision: 0 }
  namespace.rawData.unshift(raw)
  return raw
}

const install = (
  entry: Entry, namespace: Namespace, raw: RawData | null, name: string | null, context: LoadContext,
): void => {
  const { made, old, rename } = entry
  const operation = old === null && rename === null ? 'profile_load' : 'profile_replace'
  const same = old !== null && raw !== null && old.rawData === raw
  const info = same ? 'same as current profile, skipping' : null
  context.record({ operation, name: made.hname, namespace: name, info, error: 0, offset: null })
  if (same) return
  made.rawData = raw
  if (old === null) {
    addProfile(namespace, made)
    made.folder = makeFolder(made, context)
  } else {
    replaceProfile(old, made)
    changeLinks(old, made, context)
  }
}

/** As `__aafs_profile_mkdir`. */
const makeFolder = (made: LoadedProfile, { hashPolicy }: LoadContext): ProfileFolder => {
  const folder = new ProfileFolder(made.namespace.numbers++, made.sha256 !== null)
  if (made.rawData !== null) folder.links = hashPolicy ? 'all' : 'unhashed'
  const above = made.parent?.folder ?? null
  if (above !== null) above.hasChildren = true
  return folder
}

/**
 * Links to the raw data come with the first version that has some. When raw data is not kept any more they go where the
 * folder shows a checksum; elsewhere they lead nowhere.
 */
const changeLinks = ({ rawData }: LoadedProfile, { folder }: LoadedProfile, context: LoadContext): void => {
  if (folder === null) return
  if (!context.exportBinary && rawData !== null && folder.hasHash) folder.links = 'none'
  if (context.exportBinary && rawData === null) folder.links = context.hashPolicy ? 'all' : 'unhashed'
}
