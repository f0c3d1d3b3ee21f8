/** The name a module goes by: as a package, in `lsm=`, and in TypeScript. */

export interface Names {
  /** As npm knows it: `@me/my-lsm`. */
  readonly package: string
  /** Without the scope: the folder, and the name in `lsm=`. */
  readonly bare: string
  /** The factory: `myLsm`. Ends with `Lsm`, so it is not a reserved word and no other module's name. */
  readonly factory: string
}

const packageName = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
/** LSMs of Linux 6.12 and core's own word for making one: a stack or a source file cannot have them twice. */
const taken = [
  'capability', 'lockdown', 'yama', 'loadpin', 'safesetid', 'landlock', 'selinux', 'smack', 'tomoyo', 'apparmor', 'bpf',
  'ipe', 'ima', 'evm', 'integrity', 'define', 'define-lsm',
]

/** The fault of a name, or null. */
export const faultOfName = (name: string): string | null => {
  if (!packageName.test(name)) return 'it may have small letters, digits and hyphens, and an @scope/ in front'
  if (name.length > 200) return 'it may have 200 characters at most'
  return taken.includes(bareName(name)) ? `\`${bareName(name)}\` is the name of another module` : null
}

const bareName = (name: string): string => name.slice(name.indexOf('/') + 1)

export const namesOf = (name: string): Names => {
  const bare = bareName(name)
  const words = bare.replace(/-?lsm$/, '').split('-').concat('lsm').filter((word) => word !== '')
  const factory = words.map((word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('')
  return { package: name, bare, factory }
}
