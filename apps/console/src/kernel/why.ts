/** Why a decision came out as it did: the rule, the computation, the layer or the lines that decided. */
import { capName, errnoName, ownValue } from '@lsmkit/abi'
import { kernelText } from '@lsmkit/core'
import type { AuditRecord, Subject } from '@lsmkit/core'
import { objectText } from '../decisions/encoder.ts'
import type { CallTrace } from '../decisions/encoder.ts'
import { draftsFor } from './drafts.ts'
import type { Machine } from './machine.ts'
import type { HookCall } from './hook-call.ts'
import type { Why } from './protocol.ts'
import { smackRules } from './smack-rules.ts'

type Decided = Exclude<AuditRecord, { kind: 'text' }>
type Ground = Why['grounds'][number]

/** `grounds` were gathered when it was decided. */
export const whyOf = async (machine: Machine, call: CallTrace, serial: number): Promise<Why | null> => {
  const record = call.records.find((one) => one.serial === serial)
  if (record === undefined || record.kind === 'text') return null
  const said = textsBefore(call, record)
  const isRefusal = record.kind === 'denial' || record.kind === 'would-deny'
  const asked = isRefusal ? { machine, call, record, said } : null
  const grounds = asked === null ? [] : await groundsOf(asked)
  const { drafts, objections } = asked === null ? { drafts: [], objections: [] } : await draftsFor(asked)
  return {
    serial,
    call: call.text,
    asked: call.records.filter(({ kind }) => kind !== 'text').length,
    verdict:
      record.kind === 'allow'
        ? 'allowed'
        : record.kind === 'fault'
          ? 'a fault, and so denied'
          : `${errnoName(record.rc)}${record.kind === 'would-deny' ? ', recorded and not obeyed' : ''}`,
    hook: record.hook,
    lsm: record.kind === 'allow' ? '' : record.lsm,
    subject: subjectText(record.subject),
    object: record.object === null ? '' : objectText(record.object),
    reason: record.kind === 'fault' ? record.message : isRefusal ? (record.reason ?? '') : '',
    records: [...said, kernelText(record)],
    grounds,
    drafts,
    objections,
  }
}

/** What the module said of this decision stands right in front of its record. */
const textsBefore = ({ records }: CallTrace, record: Decided): string[] => {
  const texts: string[] = []
  for (let at = records.indexOf(record) - 1; records[at]?.kind === 'text'; at--) texts.unshift(kernelText(records[at]))
  return texts
}

export const subjectText = ({ comm, pid, uid, label }: Subject): string =>
  `${comm}, process ${pid}, uid ${uid}${label === null ? '' : `, ${label}`}`

const groundsOf = async (asked: HookCall): Promise<readonly Ground[]> => {
  const { record, call } = asked
  const of = ownValue(byModule, record.lsm)
  const lines = call.lines.get(record.serial)
  return [
    ...(of === undefined ? [] : await of(asked)),
    ...(lines === undefined || lines.length === 0 ? [] : [{ title: 'Lines of C that ran', lines }]),
  ]
}

const byModule: Readonly<Record<string, (asked: HookCall) => Promise<readonly Ground[]> | readonly Ground[]>> = {
  selinux: async ({ machine: { made }, said }) => {
    const parts = made.selinux!
    const [{ readDenials }, { explainPermission }] = await Promise.all([
      import('@lsmkit/selinux/learn'),
      import('@lsmkit/selinux/query'),
    ])
    return readDenials(said.join('\n')).flatMap(({ scontext, tcontext, tclass, permissions }) =>
      permissions.map((permission): Ground => {
        const found = explainPermission(parts.server(), parts.rules(), scontext, tcontext, tclass, permission)
        return {
          title: `${found.source} asks ${found.target} for ${tclass} { ${permission} }`,
          lines: [
            found.rules.length === 0 ? 'No rule of the policy allows it.' : 'Rules on this pair:',
            ...found.rules.map(({ text, inForce }) => `${text}${inForce ? '' : '  (a boolean keeps it out of force)'}`),
            ...found.constraints.map(({ text, holds }) => `${holds ? 'holds' : 'DOES NOT HOLD'}: ${text}`),
            ...found.remedies.map(({ kind, words }) => `would permit it (${kind}): ${words}`),
          ],
        }
      }),
    )
  },
  smack: async ({ machine, said }) => {
    const { explainAccess, loggedAccesses } = await import('@lsmkit/smack/engine')
    const { policy, text } = await smackRules(machine)
    return loggedAccesses(said.join('\n')).map(({ subject, object, request, modes }): Ground => {
      const { reason, rule } = explainAccess(policy, { subject, object, request })
      const at = rule === null ? -1 : text.split('\n').findIndex((line) => line.startsWith(`${subject} ${object} `))
      return {
        title: `${subject} asks ${object} for ${modes}`,
        lines: [`${reason}.`, ...(at < 0 ? [] : [`/sys/fs/smackfs/load2, line ${at + 1}: ${text.split('\n')[at]}`])],
      }
    })
  },
  apparmor: async ({ machine: { made }, said, record }) => {
    const { readApparmorLog, replayedApparmor } = await import('@lsmkit/apparmor/query')
    const found = replayedApparmor(readApparmorLog(said.join('\n')), made.apparmor!.loaded.compiled.profiles)
    const grounds = [...found].map(({ access, why }): Ground => ({ title: access, lines: [why] }))
    const profile = record.details?.profile
    // a denial that a rule keeps quiet has no record to ask by
    if (grounds.length > 0 || typeof profile !== 'string') return grounds
    return [{ title: `profile ${profile}`, lines: [record.reason ?? ''] }]
  },
  landlock: ({ record }) => {
    const { layer, layers, blockers, path } = record.details ?? {}
    if (layer === undefined) return []
    return [
      {
        title: `Layer ${layer} of ${layers}`,
        lines: [
          `It handles ${blockers} and has no rule that grants it${path === undefined ? '' : ` beneath ${path}`}.`,
        ],
      },
    ]
  },
  capability: ({ record }) => {
    if (record.object?.kind !== 'cap') return []
    const name = capName(record.object.cap) ?? String(record.object.cap)
    return [{ title: name, lines: [`${name} is not in the effective set of ${record.subject.comm}.`] }]
  },
}
