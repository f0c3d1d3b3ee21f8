/** The state of each module of the stack: capabilities, rulesets, programs, marks, and the files that it has. */
import { AT_FDCWD, ownValue } from '@lsmkit/abi'
import { XATTR_NAME_WARDEN } from '@lsmkit-examples/own-lsm'
import type { Machine } from './machine.ts'
import { ownRules } from './guest.ts'
import type { ModulePart } from './protocol.ts'
import { readText } from './smack-rules.ts'

/** Files by module; those that are not there are left out. */
const paths: Readonly<Record<string, readonly string[]>> = {
  yama: ['/proc/sys/kernel/yama/ptrace_scope'],
  loadpin: ['/proc/sys/kernel/loadpin/enforce'],
  lockdown: ['/sys/kernel/security/lockdown'],
  safesetid: [
    '/sys/kernel/security/safesetid/uid_allowlist_policy', '/sys/kernel/security/safesetid/gid_allowlist_policy',
  ],
  smack: ['onlycap', 'ambient', 'logging', 'ptrace'].map((name) => `/sys/fs/smackfs/${name}`),
  selinux: ['enforce', 'policyvers', 'mls', 'deny_unknown'].map((name) => `/sys/fs/selinux/${name}`),
  apparmor: ['/sys/kernel/security/apparmor/profiles'],
  capability: ['/proc/sys/kernel/cap_last_cap'],
}

type Section = ModulePart['sections'][number]

const capabilities = ({ quiet }: Machine): readonly Section[] => {
  const lines = readText(quiet, '/proc/1/status').split('\n').filter((line) => line.startsWith('Cap'))
  return [{ title: 'Sets of process 1', lines }]
}

const rulesets = (): readonly Section[] =>
  (['read', 'write', 'execute'] as const).map((right) => ({
    title: `The ruleset of each program: ${right} beneath`,
    lines: [ownRules[right] ?? []].flat().map(String),
  }))

const programs = ({ made, stack }: Machine): readonly Section[] => {
  const hooks = stack.explain().toJSON().hooks.filter(({ members }) => members.includes('bpf'))
  return [{ title: 'Hooks with programs', lines: made.bpf === null ? [] : hooks.map(({ hook }) => hook) }]
}

const MARKED = ['/etc/shadow', '/usr/bin', '/usr/bin/login', '/usr/bin/sh', '/srv/tour']

const marks = ({ quiet: { sys, init } }: Machine): readonly Section[] => {
  const buffer = new Uint8Array(64)
  const lines = MARKED.flatMap((path) => {
    const length = sys.getxattr(init, path, XATTR_NAME_WARDEN, buffer)
    return length <= 0 ? [] : [`${path}: ${new TextDecoder().decode(buffer.subarray(0, length))}`]
  })
  return [{ title: `Marks (${XATTR_NAME_WARDEN})`, lines }]
}

const holds: Readonly<Record<string, (machine: Machine) => readonly Section[]>> = {
  capability: capabilities,
  landlock: rulesets,
  bpf: programs,
  warden: marks,
}

/** Hooks of a module that holds nothing else. */
const hooksOf = ({ stack }: Machine, name: string): readonly Section[] => {
  const { hooks } = stack.explain().toJSON()
  const lines = hooks.filter(({ members }) => members.includes(name)).map(({ hook }) => hook)
  return [{ title: 'Its hooks', lines }]
}

const isThere = ({ quiet: { sys, init } }: Machine, path: string, mode: number): boolean =>
  sys.faccessat(init, AT_FDCWD, path, mode) === 0

const W_OK = 2

export const moduleParts = (machine: Machine): readonly ModulePart[] =>
  machine.quietly(() => machine.stack.names.map((name) => {
    const files = (ownValue(paths, name) ?? []).filter((path) => isThere(machine, path, 0))
    const own = ownValue(holds, name)?.(machine) ?? []
    return {
      name,
      sections: own.length === 0 && files.length === 0 ? hooksOf(machine, name) : own,
      files: files.map((path) => ({
        path,
        text: readText(machine.quiet, path).replaceAll('\0', '').trim(),
        isWritable: isThere(machine, path, W_OK),
      })),
    }
  }))
