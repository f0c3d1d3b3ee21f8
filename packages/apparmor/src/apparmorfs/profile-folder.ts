/** The folder of a profile in `policy/profiles` (`__aafs_profile_mkdir`). It stays when a new version comes. */
import { ENOENT } from '@lsmkit/abi'
import type { PseudoFolder, PseudoLink } from '@lsmkit/core'
import type { LoadedProfile, Proxy } from '../domain/objects.ts'
import { FolderOf, listFolder, textFile } from './folders.ts'
import { mangledName } from './mangled-name.ts'

const LINK = 0o444

const attachText = ({ attachmentText, attachment, name }: LoadedProfile): string =>
  attachmentText ?? (attachment.dfa === null ? name : '<unknown>')

/** As `profile_depth`. */
const depthOf = (profile: LoadedProfile): number => {
  let depth = 0
  for (let at: LoadedProfile | null = profile; at !== null; at = at.parent) depth++
  return depth
}

/** A link to a file of the profile's raw data (`rawdata_get_link_base`). */
const rawLink = (name: string, file: string, current: () => LoadedProfile): PseudoLink => ({
  kind: 'link',
  name,
  mode: LINK,
  target() {
    const profile = current()
    if (profile.rawData === null) return -ENOENT
    return `${'../../'.repeat(depthOf(profile))}raw_data/${profile.rawData.id}/${file}`
  },
})

const hashText = ({ sha256 }: LoadedProfile): string => (sha256 === null ? '' : `${sha256.hex}\n`)

/** Folders of profiles, by what all versions of a profile have in common. */
export class ProfileFolders {
  readonly #folders = new FolderOf<Proxy>((proxy) => this.#make(proxy))

  folderOf({ label: { proxy } }: LoadedProfile): PseudoFolder {
    return this.#folders.get(proxy)
  }

  /** Profiles that were made up, for learning, have no folder. */
  foldersOf(profiles: readonly LoadedProfile[]): readonly PseudoFolder[] {
    return profiles.flatMap((profile) => (profile.folder === null ? [] : [this.folderOf(profile)]))
  }

  #make(proxy: Proxy): PseudoFolder {
    const current = (): LoadedProfile => proxy.label.profile
    const { name, folder } = current()
    const files = [
      textFile('name', () => `${current().name}\n`),
      textFile('mode', () => `${current().mode}\n`),
      textFile('attach', () => `${attachText(current())}\n`),
    ]
    const hash = textFile('sha256', () => hashText(current()))
    const rawHash = rawLink('raw_sha256', 'sha256', current)
    const raw = [rawLink('raw_abi', 'abi', current), rawLink('raw_data', 'raw_data', current)]
    const children = listFolder('profiles', () => this.foldersOf(current().children))
    return listFolder(`${mangledName(name)}.${folder?.number ?? 0}`, () => [
      ...files,
      ...(folder?.hasHash === true ? [hash] : []),
      ...(folder?.links === 'all' ? [rawHash] : []),
      ...(folder === null || folder.links === 'none' ? [] : raw),
      ...(folder?.hasChildren === true ? [children] : []),
    ])
  }
}
