/** Policies as texts: what each module starts with, what is loaded, and a new one loaded into the kernel that runs. */
import { AT_FDCWD, errnoName, O_WRONLY } from '@lsmkit/abi'
import type { Machine } from './machine.ts'
import type { PolicyFault, PolicyModule, PolicyText } from './protocol.ts'

/** A policy of several files for one module. */
interface PolicyKind {
  readonly loaded: (machine: Machine) => Promise<readonly PolicyText[]>
  /** Null where it compiles. Errors are those that the command prints. */
  readonly check: (texts: readonly PolicyText[]) => Promise<PolicyFault | null>
  /** After `check`. Throws an Error for people where the kernel refuses. */
  readonly load: (machine: Machine, texts: readonly PolicyText[]) => Promise<void>
}

/** One write by process 1. 0 or -errno. */
export const writeBytes = ({ sys, init }: Machine['quiet'], path: string, bytes: Uint8Array): number => {
  const fd = sys.openat(init, AT_FDCWD, path, O_WRONLY, 0)
  if (fd < 0) return fd
  const rc = sys.write(init, fd, bytes)
  sys.close(init, fd)
  return Math.min(rc, 0)
}

const mustWrite = (machine: Machine, path: string, bytes: Uint8Array): void => {
  const rc = machine.quietly(() => writeBytes(machine.quiet, path, bytes))
  if (rc < 0) throw new Error(`the kernel refuses the policy: ${errnoName(rc)} from ${path}`)
}

const textOf = (texts: readonly PolicyText[]): string => texts.map(({ text }) => text).join('\n')

const selinux: PolicyKind = {
  loaded: async ({ made }) => made.selinux?.sources ?? (await import('./selinux-parts.ts')).policySources(),
  check: async (texts) => (await import('./selinux-parts.ts')).checkSources(texts),
  async load(machine, texts) {
    const parts = machine.made.selinux!
    mustWrite(machine, '/sys/fs/selinux/load', parts.binaryOf(texts))
    parts.take(texts)
    machine.quietly(() => {
      parts.lsm.relabel(machine.quiet, { force: true })
      try {
        machine.markGuest('/usr/bin/sh')
      } catch {
        // a policy without the tour's type for guests: the shell is whatever its file contexts say
      }
    })
  },
}

const smack: PolicyKind = {
  async loaded(machine) {
    const { readText } = await import('./smack-rules.ts')
    const text = readText(machine.quiet, '/sys/fs/smackfs/load2')
    if (text !== '') return [{ name: 'rules', text }]
    const { smackRules } = await import('@lsmkit/demo/smack-policy')
    return [{ name: 'rules', text: smackRules.trimStart() }]
  },
  check: async (texts) => (await import('./smack-rules.ts')).checkSmack(texts),
  async load(machine, texts) {
    const { readText, ruleWrites } = await import('./smack-rules.ts')
    const before = readText(machine.quiet, '/sys/fs/smackfs/load2')
    for (const line of ruleWrites(before, texts))
      mustWrite(machine, '/sys/fs/smackfs/load2', new TextEncoder().encode(line))
  },
}

const apparmor: PolicyKind = {
  async loaded({ made }) {
    const { FILE, guestText } = await import('./apparmor-parts.ts')
    return [{ name: FILE, text: (made.apparmor?.loaded ?? guestText()).text }]
  },
  async check(texts) {
    const fault = (await import('./apparmor-policy.ts')).checkProfileText(textOf(texts))
    return fault === null ? null : { ...fault, file: texts[0]?.name ?? '' }
  },
  load: async (machine, texts) =>
    void (await import('./apparmor-policy.ts')).loadProfiles(machine, textOf(texts)),
}

const kinds: Readonly<Record<PolicyModule, PolicyKind>> = { selinux, smack, apparmor }

export const loadedPolicy = (machine: Machine, module: PolicyModule): Promise<readonly PolicyText[]> =>
  kinds[module].loaded(machine)

export const checkPolicy = (module: PolicyModule, texts: readonly PolicyText[]): Promise<PolicyFault | null> =>
  kinds[module].check(texts)

/** Programs go on under the new policy. Gives the fault of a text that does not compile, and loads nothing then. */
export const loadPolicy = async (
  machine: Machine,
  module: PolicyModule,
  texts: readonly PolicyText[],
): Promise<PolicyFault | null> => {
  if (!machine.stack.names.includes(module)) throw new Error(`\`${module}\` is not in the stack: switch it on first`)
  const fault = await checkPolicy(module, texts)
  if (fault === null) await kinds[module].load(machine, texts)
  return fault
}

/** The errno's name; '' where the kernel takes the text. */
export const writeSetting = (machine: Machine, path: string, text: string): string => {
  const rc = machine.quietly(() => writeBytes(machine.quiet, path, new TextEncoder().encode(text)))
  return rc < 0 ? errnoName(rc) : ''
}
