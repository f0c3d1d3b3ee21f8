/** The kind of a part by its path in the folder of a bundle. */

export const partKinds = [
  'sandbox', 'selinux', 'smack', 'apparmor', 'landlock', 'bpf', 'scenario', 'question',
] as const
export type PartKind = (typeof partKinds)[number]

/** Kinds that are policies; the others are what a policy has to pass. */
export const policyKinds = ['sandbox', 'selinux', 'smack', 'apparmor', 'landlock', 'bpf'] as const
export type PolicyKindName = (typeof policyKinds)[number]

const NAME = '[A-Za-z0-9_][A-Za-z0-9_.@+-]*'

/** One line a kind, with the wording for help. */
export const partPaths: readonly (readonly [kind: PartKind, pattern: RegExp, words: string])[] = [
  ['sandbox', /^sandbox\.json$/, 'sandbox.json'],
  ['selinux', new RegExp(`^selinux/${NAME}\\.cil$|^selinux/policy\\.bin$`), 'selinux/*.cil or selinux/policy.bin'],
  ['smack', new RegExp(`^smack/${NAME}$`), 'smack/*'],
  ['apparmor', new RegExp(`^apparmor/(?:${NAME}/){0,4}${NAME}$`), 'apparmor/*'],
  ['landlock', /^landlock\.json$/, 'landlock.json'],
  ['bpf', new RegExp(`^bpf/${NAME}\\.o$`), 'bpf/*.o'],
  ['scenario', new RegExp(`^scenarios/${NAME}\\.ya?ml$`), 'scenarios/*.yaml'],
  ['question', new RegExp(`^questions/${NAME}\\.json$`), 'questions/*.json'],
]

/** Null for what no bundle takes. */
export const kindOfPath = (path: string): PartKind | null =>
  partPaths.find(([, pattern]) => pattern.test(path))?.[0] ?? null
