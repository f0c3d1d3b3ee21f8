/**
 * A container of Kubernetes: its securityContext, limits and variables, with a seccomp profile and a profile of
 * AppArmor for the node. Mounts are volumes of the pod, which this does not write.
 */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { limitNumbers } from '@lsmkit/sandbox/policy-parts'
import { parse as parseYaml, stringify as stringifyYaml } from 'yaml'
import { specialCalls } from '../calls.ts'
import { badFile } from '../emit-error.ts'
import type { Format, LeftOut, Written } from '../format.ts'
import type { Plain } from '../plain.ts'
import type { Answers } from '../question.ts'
import { profileOf } from '../seccomp/from-policy.ts'
import { lost, lostParts, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { apparmor, PROFILE } from './apparmor.ts'
import { docker, hostCalls } from './docker.ts'
import { listIn, objectIn } from './json.ts'
import type { Json } from './json.ts'
import { userNumber } from './user.ts'

const SECCOMP = `${PROFILE}.json`

/** `user:role:type:level` as the options that the field has. */
const selinuxOptions = (label: string | undefined): object => {
  const [, user, role, type, level] = /^(\w+):(\w+):(\w+)(?::([\w:.,-]+))?$/.exec(label ?? '') ?? []
  return user === undefined ? {} : { seLinuxOptions: { user, role, type, ...(level === undefined ? {} : { level }) } }
}

const containerOf = ({ policy }: Plain): object => {
  const user = userNumber(policy.user)
  const { memory } = limitNumbers(policy.limits ?? {})
  const env = Object.entries(policy.env ?? {}).map(([name, value]) => ({ name, value: value.replaceAll('$', '$$$$') }))
  return {
    securityContext: {
      allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      ...(user === null ? {} : { runAsUser: user, runAsGroup: user, runAsNonRoot: user !== 0 }),
      seccompProfile: { type: 'Localhost', localhostProfile: SECCOMP },
      appArmorProfile: { type: 'Localhost', localhostProfile: PROFILE },
      ...selinuxOptions(policy.label),
    },
    ...(Number.isFinite(memory) ? { resources: { limits: { memory: String(Math.ceil(memory)) } } } : {}),
    ...(env.length === 0 ? {} : { env }),
  }
}

interface Context {
  readonly context: Json
  readonly whole: Json
  readonly seccomp: Written | null
  readonly apparmor: Written | null
}

/** A file of the node by the name in the field; null where the field does not ask for one, or it was not given. */
const fileOf = (field: unknown, { files = [] }: Written): Written | null => {
  const { type, localhostProfile } = objectIn(field)
  const file = files.find(({ name }) => name === localhostProfile)
  return type === 'Localhost' && typeof file?.contents === 'string' ? { text: file.contents } : null
}

const contextOf = (written: Written): Context => {
  let value: unknown
  try {
    value = parseYaml(written.text, { logLevel: 'error' })
  } catch (error) {
    throw badFile('container', (error as Error).message.split('\n')[0]!)
  }
  const whole = objectIn(value)
  const context = objectIn(whole['securityContext'])
  return {
    whole, context, seccomp: fileOf(context['seccompProfile'], written),
    apparmor: fileOf(context['appArmorProfile'], written),
  }
}

const open: Answers = () => true

/** Both profiles have to let a call pass; capabilities are dropped, and a pod has namespaces of its own. */
const answersOf = ({ context, seccomp, apparmor: profile }: Context): Answers => {
  const dropped = objectIn(context['capabilities'])['drop']
  const hasNoCaps = Array.isArray(dropped) && dropped.includes('ALL')
  const calls = seccomp === null ? open : docker.answers(seccomp)
  const rules = profile === null ? open : apparmor.answers(profile)
  return (question) => {
    if (question.kind === 'outside' && question.what !== 'abstract-socket') return false
    if (question.kind === 'call' && hasNoCaps && specialCalls.get(question.name)?.kind === 'capability') return false
    return calls(question) && rules(question)
  }
}

const unsaidOf = (plain: Plain): Unsaid[] => {
  const own = apparmor.unsaid(plain).filter(({ id, effect }) => effect !== 'lost' &&
    !['ipc', 'io-uring', 'protocols', 'abstract-sockets'].includes(id))
  const { mounts, families, hosts } = plain
  return [
    ...own, hostCalls(),
    ...(families.unix ? [wider('abstract-sockets', 'allow: connect',
      'abstract UNIX sockets of the pod are shared by its containers',
      (question) => question.kind === 'outside' && question.what === 'abstract-socket')] : []),
    ...mounts.map(({ target }) =>
      lost('volumes', `mounts: ${target}`, 'mounts are volumes of the pod, which are not written')),
    ...(hosts.rules.length === 0 ? []
      : [lost('network-policy', 'allow: hosts', 'hosts are a matter of a NetworkPolicy')]),
    ...lostParts(plain, 'a securityContext', [
      'env', 'limits.memory', ...(userNumber(plain.policy.user) === null ? [] : ['user']),
      ...('seLinuxOptions' in selinuxOptions(plain.policy.label) ? ['label'] : []),
    ]),
  ]
}

const labelOf = (options: unknown): string | null => {
  const { user, role, type, level } = objectIn(options)
  return typeof user === 'string' && typeof role === 'string' && typeof type === 'string'
    ? [user, role, type, ...(typeof level === 'string' ? [level] : [])].join(':') : null
}

const envOf = (list: unknown): Record<string, string> => Object.fromEntries(listIn(list)
  .map(objectIn).filter(({ name, value }) => typeof name === 'string' && typeof value === 'string')
  .map(({ name, value }) => [name as string, (value as string).replaceAll('$$', '$')]))

const takenOf = (parts: Context): { policy: Policy; leftOut: LeftOut[] } => {
  const { context, whole, apparmor: profile } = parts
  const leftOut: LeftOut[] = []
  const named = profile === null ? null : apparmor.take(profile)
  if (named === null) leftOut.push({ place: 'appArmorProfile', text: 'no profile was given, so no paths are known' })
  const caps = objectIn(context['capabilities'])['add']
  for (const cap of listIn(caps)) {
    leftOut.push({ place: 'capabilities.add', text: `a box has no capability \`${String(cap)}\`` })
  }
  for (const [field, value] of [['privileged', true], ['allowPrivilegeEscalation', true]] as const) {
    if (context[field] === value) leftOut.push({ place: field, text: 'a box gives no privileges' })
  }
  const label = labelOf(context['seLinuxOptions'])
  const env = envOf(whole['env'])
  const memory = Number(objectIn(objectIn(whole['resources'])['limits'])['memory'])
  const user = context['runAsUser']
  return {
    policy: {
      version: 1, allow: named?.policy.allow ?? {}, ...(typeof user === 'number' ? { user } : {}),
      ...(label === null ? {} : { label }), ...(Object.keys(env).length === 0 ? {} : { env }),
      ...(Number.isFinite(memory) ? { limits: { memory } } : {}),
    },
    leftOut: [...leftOut, ...named?.leftOut ?? []],
  }
}

export const kubernetes: Format = {
  title: 'container of Kubernetes',
  file: 'container.yaml',
  write: (plain) => ({
    text: stringifyYaml(containerOf(plain)),
    files: [
      { name: SECCOMP, contents: `${JSON.stringify(profileOf(plain), null, 2)}\n` },
      { name: PROFILE, contents: apparmor.write(plain).text },
    ],
  }),
  unsaid: unsaidOf,
  answers: (written) => answersOf(contextOf(written)),
  take: (written) => takenOf(contextOf(written)),
}
