/** The seccomp profile of a policy as Docker takes it: `docker run --security-opt seccomp=FILE`. */
import type { Format, LeftOut, Written } from '../format.ts'
import type { Plain } from '../plain.ts'
import { profileAnswers } from '../seccomp/answers.ts'
import { profileOf } from '../seccomp/from-policy.ts'
import { readProfile } from '../seccomp/profile.ts'
import type { Profile } from '../seccomp/profile.ts'
import type { Answers } from '../question.ts'
import { isKind, lostParts, narrower, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { specialCalls } from '../calls.ts'
import { parseJson } from './json.ts'

/** Calls that a box lets a program use on things of its own: every profile of ours refuses them. */
export const hostCalls = (): Unsaid => narrower('host-calls', 'allow',
  'keys, performance events and BPF are a box\'s own, and would be the user\'s on a host: their calls are refused',
  (question) => question.kind === 'call' && specialCalls.get(question.name)?.kind === 'shared')

const unsaidOf = (plain: Plain): Unsaid[] => [
  ...plain.rules.length === 0 ? [wider('paths', 'allow', 'seccomp sees no paths', isKind('path', 'unix'))] : [],
  ...plain.rules.map(({ place, path }) => wider('paths', place,
    `seccomp sees no paths, so access is not limited to \`${path}\``, isKind('path', 'unix'))),
  wider('ports', 'allow: connect', 'seccomp sees no ports and no addresses', isKind('connect', 'listen', 'host')),
  wider('outside', 'allow', 'signals, abstract sockets and IPC are left to the namespaces of the container',
    isKind('outside')),
  hostCalls(),
  ...lostParts(plain, 'a seccomp profile'),
]

/** The families that a profile lets be made, as lists of a policy can say them. */
export const socketsTaken = (answers: Answers): { allow: object; leftOut: LeftOut[] } => {
  const makes = (family: number, type: number, protocol = 0): boolean =>
    answers({ kind: 'socket', family, type, protocol })
  const leftOut: LeftOut[] = []
  if (makes(2, 1)) leftOut.push({ place: 'socket', text: 'TCP sockets may be made: name ports or hosts' })
  if (makes(2, 2)) leftOut.push({ place: 'socket', text: 'sockets of UDP may be made; a policy has none' })
  if (makes(16, 3)) leftOut.push({ place: 'socket', text: 'sockets of netlink may be made; a policy has none' })
  return { allow: makes(1, 1) ? { connect: ['unix'] } : {}, leftOut }
}

const profileIn = ({ text }: Written): Profile => readProfile(parseJson(text, 'profile'))

export const docker: Format = {
  title: 'seccomp profile of Docker',
  file: 'seccomp.json',
  write: (plain) => ({ text: `${JSON.stringify(profileOf(plain), null, 2)}\n` }),
  unsaid: unsaidOf,
  answers: (written) => profileAnswers(profileIn(written)),
  take: (written) => {
    const answers = profileAnswers(profileIn(written))
    const { allow, leftOut } = socketsTaken(answers)
    const refused = [...specialCalls].filter(([name, { kind }]) => kind !== 'shared' && answers({ kind: 'call', name }))
    return {
      policy: { version: 1, allow },
      leftOut: [
        { place: 'profile', text: 'a profile has no paths: name them in `read`, `write` and `exec`' }, ...leftOut,
        ...refused.map(([name]) => ({ place: 'profile', text: `the call \`${name}\` goes on; a box refuses it` })),
      ],
    }
  },
}
