/** The templates. Each is a folder of `templates/`, laid over those that its kind shares. */
interface Template {
  readonly does: string
  readonly published: boolean
  /** Its source is a module in TypeScript, whose hooks can be measured. */
  readonly module: boolean
}

/** The templates by name. */
export const templates = {
  lsm: { does: 'a Linux Security Module in TypeScript: one hook, state on files', published: true, module: true },
  policy: { does: 'a Linux Security Module with a policy file of its own', published: true, module: true },
  bpf: { does: 'a BPF program in C, shipped compiled', published: true, module: false },
  'policy-test': { does: 'an SELinux policy in CIL, with tests', published: false, module: false },
} as const satisfies Record<string, Template>

export type TemplateName = keyof typeof templates

export const isTemplate = (name: string): name is TemplateName => Object.hasOwn(templates, name)

/** Folders of `templates/`; a file of a later one takes the place of an earlier one's. */
export const layersOf = (name: TemplateName): readonly string[] => {
  const { published, module } = templates[name]
  return ['common', ...(published ? ['package'] : []), ...(module ? ['module'] : []), name]
}
