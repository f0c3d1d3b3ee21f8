/** What can be made. Each is a folder of `templates/`; `common` is in front of all of them. */
export const templates = {
  lsm: 'a Linux Security Module in TypeScript: one hook, state on files',
  policy: 'a Linux Security Module with a policy file of its own',
  bpf: 'a BPF program in C, shipped compiled',
  'policy-test': 'an SELinux policy in CIL, with tests',
} as const

export type TemplateName = keyof typeof templates

export const isTemplate = (name: string): name is TemplateName => Object.hasOwn(templates, name)
