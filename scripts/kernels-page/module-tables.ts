/** The tables of modules that differ by release: SELinux's classes, AppArmor's features. */
import { kernelFeatureTable } from '../../packages/apparmor/src/profile/kernel-features.ts'
import type { Profile } from '../../packages/core/src/kernel-rules.ts'
import { releaseOf } from '../../packages/selinux/src/release.ts'

const code = (text: string): string => `\`${text}\``
const listed = (names: readonly string[]): string => names.map(code).join(', ')

/** Permissions that only the second has, with the classes that have them. */
const newPermissions = (from: Profile, to: Profile): readonly string[] => {
  const before = new Map(releaseOf(from).classes.map(({ name, perms }) => [name, new Set(perms)]))
  const classes = new Map<string, string[]>()
  for (const { name, perms } of releaseOf(to).classes) {
    const known = before.get(name)
    if (name === '' || known === undefined) continue
    for (const perm of perms) if (!known.has(perm)) classes.set(perm, [...classes.get(perm) ?? [], name])
  }
  return Array.from(classes, ([perm, names]) => `| permission ${code(perm)} | ${listed(names)} |`)
}

const classNames = (profile: Profile): readonly string[] =>
  releaseOf(profile).classes.flatMap(({ name }) => (name === '' ? [] : [name]))

const without = (one: readonly string[], other: readonly string[]): readonly string[] =>
  one.filter((name) => !other.includes(name))

const row = (what: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`| ${what} | ${listed(names)} |`]

const selinuxLines = (from: Profile, to: Profile): readonly string[] => {
  const [was, is] = [releaseOf(from), releaseOf(to)]
  const rows = [
    ...(was.policyVersion === is.policyVersion ? []
      : [`| policy version | ${was.policyVersion} becomes ${is.policyVersion} |`]),
    ...row('policy capabilities', without(is.policyCapabilities, was.policyCapabilities)),
    ...row('classes that came', without(classNames(to), classNames(from))),
    ...row('classes that left', without(classNames(from), classNames(to))),
    ...newPermissions(from, to),
  ]
  return rows.length === 0 ? [] : ['### SELinux', '', '| what | names |', '|---|---|', ...rows, '']
}

const apparmorLines = (from: Profile, to: Profile): readonly string[] => {
  const [was, is] = [kernelFeatureTable(from), kernelFeatureTable(to)]
  const rows = Object.entries(is).filter(([path, words]) => was[path] !== words)
    .map(([path, words]) => `| ${code(path)} | ${was[path] ?? 'absent'} | ${words.length > 60 ? 'families' : words} |`)
  return rows.length === 0 ? [] : [
    '### Features of AppArmor', '', '| file | before | after |', '|---|---|---|', ...rows, '',
  ]
}

export const moduleLines = (from: Profile, to: Profile): readonly string[] =>
  [...selinuxLines(from, to), ...apparmorLines(from, to)]
