/** The two kernels whose boots were recorded: what was built into them, in link order, and their CONFIG_LSM. */
import { ownValue } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, DEFAULT_PROFILE } from '@lsmkit/core'
import type { Lsm, Profile, Stack } from '@lsmkit/core'
import { credHost } from './cred-host.ts'
import { doubles } from './doubles.ts'

export interface Build {
  readonly modules: readonly string[]
  readonly config: string
  /** Folders of /proc/PID/attr: they exist where the module is built, enabled or not. */
  readonly attrFolders: readonly string[]
}

export const builds: Readonly<Record<string, Build>> = {
  custom: {
    modules: ['selinux', 'smack', 'tomoyo', 'apparmor', 'yama', 'loadpin', 'safesetid', 'lockdown', 'bpf', 'landlock'],
    config: 'landlock,lockdown,yama,loadpin,safesetid,selinux,smack,tomoyo,apparmor,bpf',
    attrFolders: ['smack', 'apparmor'],
  },
  debian: {
    modules: ['selinux', 'tomoyo', 'apparmor', 'yama', 'lockdown', 'bpf', 'landlock', 'ima', 'evm', 'ipe'],
    config: 'landlock,lockdown,yama,loadpin,safesetid,integrity,apparmor,selinux,smack,tomoyo,bpf,ipe',
    attrFolders: ['apparmor'],
  },
}

const make = (name: string): Lsm => ownValue(doubles, name)!()

/** Boots `build` with the recorded arguments, on the rules of a kernel to the letter. */
export const boot = (build: Build, cmdline: string, profile: Profile = DEFAULT_PROFILE): Stack => {
  const stack = createStack({
    lsms: [capability(), ...build.modules.map(make)],
    config: build.config,
    cmdline,
    kernelExact: true,
    profile,
  })
  stack.host = credHost(stack)
  return stack
}
