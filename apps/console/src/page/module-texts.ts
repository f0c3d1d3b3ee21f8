/** The modules that a machine can have, in the kernel's link order, and what each is in a few words. */
export const moduleTexts: Readonly<Record<string, string>> = {
  lockdown: 'what nobody may do to the kernel, root included; starts early',
  capability: 'POSIX capabilities; always first',
  yama: 'who may trace whom',
  loadpin: 'all that the kernel loads comes from one file system',
  safesetid: 'which ids a task may change to',
  smack: 'labels and rules; exclusive',
  selinux: 'types, roles and a policy; exclusive',
  apparmor: 'profiles of programs by path; exclusive',
  landlock: 'programs that confine themselves',
  warden: 'an LSM of one file, from examples/own-lsm',
  bpf: 'programs of BPF on any hook, while the machine runs',
}

export const moduleNames: readonly string[] = Object.keys(moduleTexts)
