/** Why a policy that is not the tour's lets an attempt be: the rule that allows it, or what else it is. */
import { ownValue, dictionary } from '@lsmkit/abi'
import { explainPermission, QueryError, TeRules } from '@lsmkit/selinux/query'
import type { Explained } from '@lsmkit/selinux/query'
import { SecurityServer } from '@lsmkit/selinux/server'
import { capraiseAttempts, REPORT, TOOL } from './attempts.ts'
import { labelOfFile, labelOfTask } from './labels.ts'
import type { ColumnMachine, ColumnResult } from './tour-column.ts'

export interface PolicyReasons {
  /** A reason or several, by attempt; none for what was not done. */
  readonly reasons: Readonly<Record<string, readonly string[]>>
  /** Domains of Ruby or of the C program that are permissive. */
  readonly permissive: readonly string[]
}

/** A path, the task itself, or its neighbour; and what is asked of the policy about it. */
type Ask = readonly [object: string, tclass: string, permission: string]

/** What decides each attempt under SELinux, as its hooks ask it; folders on the way are left out. */
const asks: Readonly<Record<string, readonly Ask[]>> = {
  'shadow': [['/etc/shadow', 'file', 'read']],
  'usr-bin': [['/usr/bin/login', 'file', 'write']],
  'mem': [['self', 'capability', 'sys_ptrace'], ['neighbour', 'process', 'ptrace']],
  'attr': [['self', 'process', 'setcurrent']],
  [REPORT.before]: [['/srv/report', 'file', 'read']],
  [TOOL.before]: [['/srv/tool', 'file', 'write']],
  [TOOL.attached]: [['/srv/tool', 'file', 'write']],
  [TOOL.after]: [['/srv/tool', 'file', 'write']],
  'raise': [['self', 'process', 'setcap']],
  'setuid': [['self', 'capability', 'setuid']],
}

const isC = (attempt: string): boolean => capraiseAttempts.some(({ id }) => id === attempt)

/** Takes the policy once, and then reads what one run did on a machine. */
export const policyReasoner = (binary: Uint8Array) => {
  const server = new SecurityServer({ mode: 'libsepol' })
  server.load(binary)
  const { db } = server.policy!
  const rules = new TeRules(db)

  const because = (domain: string, object: string, tclass: string, permission: string): string => {
    try {
      return reasonText(explainPermission(server, rules, domain, object, tclass, permission))
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      const unknown = db.allowUnknown ? 'what a policy does not know is allowed by this one' : 'it was not asked'
      return `${tclass} ${permission}: ${error.message}; ${unknown}`
    }
  }

  const isPermissive = (domain: string): boolean => {
    const sid = server.contextToSid(domain)
    return sid > 0 && db.permissive.has(server.contextOf(sid)!.type)
  }

  return ({ system }: ColumnMachine, { outcomes, label, toolLabel }: ColumnResult): PolicyReasons => {
    const objectOf = (object: string, domain: string): string | null => {
      if (object === 'self') return domain
      return object === 'neighbour' ? labelOfTask(system.kernel, system.neighbour) : labelOfFile(system.kernel, object)
    }
    const reasons = dictionary<readonly string[]>()
    for (const [attempt, { errno }] of outcomes) {
      const domain = isC(attempt) ? toolLabel : label
      const asked = ownValue(asks, attempt)
      if (errno !== null || domain === null || asked === undefined) continue
      reasons[attempt] = asked.map(([object, tclass, permission]) => {
        const target = objectOf(object, domain)
        return target === null ? `${tclass} ${permission}: init may not read the label of ${object}`
          : because(domain, target, tclass, permission)
      })
    }
    const domains = [...new Set([label, toolLabel])].filter((domain) => domain !== null)
    return { reasons, permissive: domains.filter(isPermissive) }
  }
}

const typeOf = (context: string): string => context.split(':')[2]!

/** `allow kernel_t tmp_t:file read`, with the attributes that the rule is on; or that there is none, and why not. */
const reasonText = ({ allowed, permissive, rules, source, target, tclass, permission }: Explained): string => {
  const [from, to] = [typeOf(source), typeOf(target)]
  const asked = `${from} ${from === to ? 'self' : to}:${tclass} ${permission}`
  const rule = rules.find(({ inForce }) => inForce)
  if (allowed && rule !== undefined) {
    const { sourceAttribute, targetAttribute } = rule
    const notes = [
      ...(sourceAttribute === null ? [] : [`${from} is in ${sourceAttribute}`]),
      ...(targetAttribute === null ? [] : [`${to} is in ${targetAttribute}`]),
    ]
    return `allow ${asked}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`
  }
  if (permissive) return `no rule allows ${asked}, but ${from} is permissive`
  return `no rule allows ${asked}; it was not needed`
}
