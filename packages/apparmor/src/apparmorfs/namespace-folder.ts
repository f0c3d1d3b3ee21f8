/** The folder of a namespace below `policy/`, and how mkdir and rmdir make and remove one (`__aafs_ns_mkdir`). */
import { EEXIST, ENOENT } from '@lsmkit/abi'
import type { PseudoEntry } from '@lsmkit/core'
import { makeNamespace } from '../domain/namespace.ts'
import type { Namespace } from '../domain/objects.ts'
import { removeNamespace } from '../domain/tree.ts'
import type { RawData } from '../domain/raw-data.ts'
import type { Apparmor } from '../state.ts'
import { mayManage } from './admin.ts'
import { fixedFolder, FolderOf, listFolder } from './folders.ts'
import { policyFiles } from './policy-files.ts'
import { ProfileFolders } from './profile-folder.ts'
import { rawDataFolder } from './raw-data-folder.ts'
import { revisionFile } from './revision.ts'

/** Mode of `.load` and the others in the folder of a namespace. */
const NAMESPACE_FILES = 0o640

/** All folders of `policy/`. */
export class PolicyFolders {
  readonly #aa: Apparmor
  readonly #profiles = new ProfileFolders()
  readonly #namespaces = new FolderOf<Namespace>((namespace) =>
    fixedFolder(namespace.name, this.entriesOf(namespace), namespace.folderMode))
  readonly #raw = new FolderOf<RawData>((raw) => rawDataFolder(this.#aa, raw))

  constructor(aa: Apparmor) {
    this.#aa = aa
  }

  /** The entries of the folder of a namespace. */
  entriesOf(namespace: Namespace): readonly PseudoEntry[] {
    return [
      listFolder('profiles', () => this.#profiles.foldersOf(namespace.profiles)),
      listFolder('raw_data', () => namespace.rawData.map((raw) => this.#raw.get(raw))),
      revisionFile('revision', () => namespace),
      ...policyFiles(this.#aa, () => namespace, '', NAMESPACE_FILES),
      listFolder('namespaces', () => namespace.namespaces.map((inside) => this.#namespaces.get(inside)), {
        mkdir: (name, mode) => this.#mkdir(namespace, name, mode),
        rmdir: (name) => this.#rmdir(namespace, name),
      }),
    ]
  }

  /** As `ns_mkdir_op`. */
  #mkdir(parent: Namespace, name: string, mode: number): number {
    const rc = mayManage(this.#aa, 'profile_load', null, null)
    if (rc !== 0) return rc
    if (parent.namespaces.some((inside) => inside.name === name)) return -EEXIST
    const made = makeNamespace(parent, name, mode)
    return typeof made === 'number' ? made : 0
  }

  /** As `ns_rmdir_op`. */
  #rmdir(parent: Namespace, name: string): number {
    const rc = mayManage(this.#aa, 'profile_load', null, null)
    if (rc !== 0) return rc
    const namespace = parent.namespaces.find((inside) => inside.name === name)
    if (namespace === undefined) return -ENOENT
    removeNamespace(namespace)
    return 0
  }
}
