/** `lsm policy within A --max B`: a proof that a policy allows nothing that another does not. */
import { writePolicy as writeApparmor } from '@lsmkit/apparmor/policydb'
import { policyIsWithin } from '@lsmkit/fleet'
import type { Assumption, PolicyKindName } from '@lsmkit/fleet'
import { writePolicy as writeSelinux } from '@lsmkit/selinux/policydb'
import { CommandError } from '../../command-error.ts'
import { readHostFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { policyNamed } from '../apparmor/inputs.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { policyOf as selinuxPolicyOf } from '../selinux/inputs.ts'
import { readSources } from '../smack/rule-sources.ts'
import { checkLocal, policyKindOf } from './kind.ts'
import type { PolicyKind } from './kind.ts'

export interface WithinFlags {
  readonly max: string
  readonly assume?: readonly Assumption[]
  /** Local changes of both policies of SELinux. */
  readonly local?: readonly string[]
  readonly json?: boolean
}

type Proved = Exclude<PolicyKind, 'capability'> & PolicyKindName

type PartOf = (io: Io, name: string, local?: readonly string[]) => Record<string, Uint8Array>

/** Each kind as one part of a bundle. */
const partOf: { readonly [K in Proved]: PartOf } = {
  selinux: (io, name, local) =>
    ({ 'selinux/policy.bin': withCommandErrors(() => writeSelinux(selinuxPolicyOf(io, name, local))) }),
  smack: (io, name) => ({
    'smack/rules': Buffer.from(readSources(io, [name]).map(({ text }) => text).join('\n'), 'latin1'),
  }),
  apparmor: (io, name) => ({ 'apparmor/policy': writeApparmor(policyNamed(io, name, {})) }),
  landlock: (io, name) => ({ 'landlock.json': readHostFile(io, name) }),
  sandbox: (io, name) => ({ 'sandbox.json': readHostFile(io, name) }),
}

const kindOf = (io: Io, name: string, max: string): Proved => {
  const [kind, other] = [policyKindOf(io, name), policyKindOf(io, max)]
  if (kind !== other) throw new CommandError('badInput', `\`${name}\` is of kind ${kind} and \`${max}\` of ${other}`)
  if (kind !== 'capability') return kind
  throw new CommandError('badInput', 'sets of capabilities are compared by lsm policy diff')
}

const codes = { within: EXIT.ok, wider: EXIT.denied, unproved: EXIT.badInput } as const

/** 0 proved, 1 wider, 3 neither. */
export const policyWithinCommand = async (
  io: Io, name: string, { max, assume = [], local, json }: WithinFlags,
): Promise<number> => {
  const kind = kindOf(io, name, max)
  checkLocal(name, kind, local)
  const part = (of: string) => partOf[kind](io, of, local)
  const result = await policyIsWithin(kind, part(name), part(max), { assume })
  const { verdict, wider, unproved } = result
  if (json === true) {
    printJson(io, { kind, ...result })
    return codes[verdict]
  }
  for (const { place, text } of wider) io.print(`more: ${place}: ${text}`)
  for (const { place, text } of unproved) io.print(`not proved: ${place}: ${text}`)
  if (verdict === 'within') io.print(`${name} is within ${max}`)
  return codes[verdict]
}
