/** The objects of a loaded policy, and their relations: profiles, labels of profiles, namespaces. */
import { skipSpaces } from '../fqname.ts'
import type { Profile, ProfileCaps, ProfileMode, ProfileRlimits, Secmark } from '../policydb/policy.ts'
import type { RawData, Sha256 } from './raw-data.ts'
import { noRules } from './rules.ts'
import type { Rules } from './rules.ts'

/** Where holders of an old label find the new one (struct aa_proxy). */
export class Proxy {
  label: Label

  constructor(label: Label) {
    this.label = label
  }
}

/** One profile, or a set of them that all must allow (struct aa_label). */
export class Label {
  /** Sorted, without repeats. */
  readonly profiles: readonly LoadedProfile[]
  proxy: Proxy
  /** Replaced or removed: the proxy has the newest. */
  stale = false
  /** All of it is unconfined. The kernel knows that of merged labels, not of those that were named as a set. */
  unconfined = false

  constructor(profiles: readonly LoadedProfile[]) {
    this.profiles = profiles
    this.proxy = new Proxy(this)
  }

  /** The last profile, of the innermost namespace. */
  get profile(): LoadedProfile {
    return this.profiles[this.profiles.length - 1]!
  }

  /** The namespace that a task with this label sees as its own. */
  get namespace(): Namespace {
    return this.profile.namespace
  }

  get isProfile(): boolean {
    return this.profiles.length === 1
  }
}

const noCaps: ProfileCaps = { allow: 0n, audit: 0n, quiet: 0n, dropped: 0n, extended: null }

/** As `basename`: what stands behind the last `//`. */
const lastPart = (hname: string): string => skipSpaces(hname).split('//').pop()!

/** The folder of a profile in `policy/profiles`: a new version takes it over (`profile->dents`). */
export class ProfileFolder {
  /** Behind the name of the profile in that of the folder. */
  readonly number: number
  readonly hasHash: boolean
  /** Links to the raw data: none, without the one to its checksum, or all. */
  links: 'none' | 'unhashed' | 'all' = 'none'
  /** It stays when the last child goes. */
  hasChildren = false

  constructor(number: number, hasHash: boolean) {
    this.number = number
    this.hasHash = hasHash
  }
}

/** A profile that is loaded: rules that can be asked, its place among others, its label (struct aa_profile). */
export class LoadedProfile {
  /** The last part of the whole name. */
  readonly name: string
  /** The whole name, `parent//child`. */
  readonly hname: string
  readonly label: Label
  mode: ProfileMode = 'enforce'
  isHat = false
  /** Made up: for learning, or in place of a parent that is not loaded. */
  isNull = false
  /** The unconfined profile of a namespace: it cannot be replaced, and a name that cannot be looked up stops nobody. */
  isNamespaces = false
  auditAll = false
  pathFlags = 0
  disconnected: string | null = null
  attachment: Rules = noRules
  attachmentText: string | null = null
  attachmentLength = 0
  xattrs: readonly string[] = []
  file: Rules = noRules
  rules: Rules = noRules
  caps: ProfileCaps = noCaps
  rlimits: ProfileRlimits | null = null
  secmark: readonly Secmark[] = []
  data: ReadonlyMap<string, Uint8Array> | null = null
  /** The latest first. */
  readonly children: LoadedProfile[] = []
  parent: LoadedProfile | null = null
  namespace: Namespace
  rawData: RawData | null = null
  /** Of the version of the policy and the bytes of the profile; null where the policy is not hashed. */
  sha256: Sha256 | null = null
  /** Null for profiles that are made up: they have none. */
  folder: ProfileFolder | null = null
  /** As it was in the binary; null for those that were made up. */
  readonly source: Profile | null

  constructor(hname: string, namespace: Namespace, source: Profile | null = null) {
    // the kernel cuts blanks at the end off the whole name while it looks for the last part
    this.hname = hname.replace(/[\t-\r \udca0]+$/, '')
    this.name = lastPart(this.hname)
    this.namespace = namespace
    this.source = source
    this.label = new Label([this])
  }

  /** Mode `unconfined`, whoever gave it: no rule is asked. */
  get isUnconfined(): boolean {
    return this.mode === 'unconfined'
  }
}

/** A namespace of policy: its profiles, the namespaces inside, the labels of its profiles (struct aa_ns). */
export class Namespace {
  readonly name: string
  /** The names from the root on, joined with `//`. */
  readonly hname: string
  readonly parent: Namespace | null
  readonly level: number
  /** The latest first, as all lists here. */
  readonly namespaces: Namespace[] = []
  readonly profiles: LoadedProfile[] = []
  readonly unconfined: LoadedProfile
  /** Labels of several profiles, by what they are made of. */
  readonly labels = new Map<string, Label>()
  readonly rawData: RawData[] = []
  /** Counts changes of policy. */
  revision = 0
  /** Numbers given to profiles. */
  numbers = 0
  /** Permissions of its folder in `policy/namespaces`. */
  folderMode = 0o755
  /** Called when the revision changes. */
  readonly watchers = new Set<() => void>()

  constructor(name: string, parent: Namespace | null) {
    this.name = name
    this.parent = parent
    this.hname = parent === null ? name : `${parent.hname}//${name}`
    this.level = parent === null ? 0 : parent.level + 1
    this.unconfined = unconfinedProfile(this)
  }

  /** As `__aa_bump_ns_revision`. */
  changed(): void {
    this.revision++
    for (const watcher of [...this.watchers]) watcher()
  }
}

/** As `alloc_unconfined`. */
const unconfinedProfile = (namespace: Namespace): LoadedProfile => {
  const profile = new LoadedProfile('unconfined', namespace)
  profile.mode = 'unconfined'
  profile.isNull = true
  profile.isNamespaces = true
  profile.label.unconfined = true
  return profile
}
