/** Every kind of policy: loaded when a bundle has a part of it, because each brings its engine. */
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import type { CompiledApparmor } from './apparmor.ts'
import type { CompiledBpf } from './bpf.ts'
import type { PolicyKind } from './kind.ts'
import type { CompiledLandlock } from './landlock.ts'
import type { CompiledSandbox } from './sandbox.ts'
import type { CompiledSelinux } from './selinux.ts'
import type { CompiledSmack } from './smack.ts'

export interface CompiledKinds {
  readonly sandbox: CompiledSandbox
  readonly selinux: CompiledSelinux
  readonly smack: CompiledSmack
  readonly apparmor: CompiledApparmor
  readonly landlock: CompiledLandlock
  readonly bpf: CompiledBpf
}

const loaders: { readonly [K in PolicyKindName]: () => Promise<PolicyKind<CompiledKinds[K]>> } = {
  sandbox: async () => (await import('./sandbox.ts')).sandboxKind,
  selinux: async () => (await import('./selinux.ts')).selinuxKind,
  smack: async () => (await import('./smack.ts')).smackKind,
  apparmor: async () => (await import('./apparmor.ts')).apparmorKind,
  landlock: async () => (await import('./landlock.ts')).landlockKind,
  bpf: async () => (await import('./bpf.ts')).bpfKind,
}

export const kindNamed = <K extends PolicyKindName>(name: K): Promise<PolicyKind<CompiledKinds[K]>> => loaders[name]()
