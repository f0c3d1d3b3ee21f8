/** The rules of a binary policy as CIL, one line for each entry of its tables. */
import type { Avtab, Xperms } from '../../policydb/avtab.ts'
import {
  AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_CHANGE, AVTAB_ENABLED, AVTAB_MEMBER, AVTAB_TRANSITION,
  AVTAB_TYPE, AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_AUDITALLOW, AVTAB_XPERMS_DONTAUDIT,
} from '../../policydb/constants.ts'
import { PolicyError } from '../../policydb/errors.ts'
import type { Conditional } from '../../policydb/policydb.ts'
import { conditionText, xpermText } from '../cil/rules.ts'
import type { CilWriter } from '../cil/writer.ts'

const keywords: Readonly<Record<number, string>> = {
  [AVTAB_ALLOWED]: 'allow', [AVTAB_AUDITALLOW]: 'auditallow', [AVTAB_AUDITDENY]: 'dontaudit',
  [AVTAB_TRANSITION]: 'typetransition', [AVTAB_MEMBER]: 'typemember', [AVTAB_CHANGE]: 'typechange',
  [AVTAB_XPERMS_ALLOWED]: 'allowx', [AVTAB_XPERMS_AUDITALLOW]: 'auditallowx', [AVTAB_XPERMS_DONTAUDIT]: 'dontauditx',
}

/** Writes rules; permissions of a class that were written before are looked up. */
export class RuleLines {
  readonly #out: CilWriter
  /** By class: text by mask. */
  readonly #masks: Map<number, string>[] = []

  constructor(out: CilWriter) {
    this.#out = out
  }

  /** Every rule of a table. Throws PolicyError for permissions without a name. */
  ofTable(table: Avtab, indent = ''): string[] {
    const types = this.#out.names.types
    const lines: string[] = []
    for (let i = 0; i < table.length; i++) {
      const [source, target, tclass] = [types[table.source[i]!]!, types[table.target[i]!]!, table.tclass[i]!]
      const what = this.#what(table, i, tclass)
      if (what !== null) lines.push(`${indent}(${what[0]} ${source} ${target} ${what[1]})`)
    }
    return lines
  }

  /** A condition with its rules; nothing of one without any. */
  ofConditional({ expression, whenTrue, whenFalse }: Conditional): string[] {
    const branches = [['true', whenTrue], ['false', whenFalse]] as const
    const parts = branches.flatMap(([name, table]) => {
      const lines = this.ofTable(table, '    ')
      return lines.length === 0 ? [] : [`  (${name}`, ...lines, '  )']
    })
    return parts.length === 0 ? [] : [`(booleanif ${conditionText(this.#out, expression)}`, ...parts, ')']
  }

  #what(table: Avtab, i: number, tclass: number): readonly [keyword: string, what: string] | null {
    const kind = table.specified[i]! & ~AVTAB_ENABLED
    const keyword = keywords[kind]
    if (keyword === undefined) throw new PolicyError('bad-value', `a rule of kind ${kind}`)
    if ((kind & AVTAB_TYPE) !== 0) {
      return [keyword, `${this.#out.nameOf('classes', tclass)} ${this.#out.nameOf('types', table.datum[i]!)}`]
    }
    const xperms = table.xpermsOf(i)
    if (xperms !== null) return [keyword, this.#xperms(xperms, tclass)]
    const text = kind === AVTAB_AUDITDENY ? this.#mask(tclass, ~table.datum[i]!, false)
      : this.#mask(tclass, table.datum[i]!, true)
    return text === '' ? null : [keyword, text]
  }

  #xperms(xperms: Xperms, tclass: number): string {
    return `(${xpermText({ ...xperms, bits: Array.from(xperms.bits) }, this.#out.nameOf('classes', tclass))})`
  }

  /** Empty where no permission is left. A dontaudit rule may have bits without a name, and an allow rule may not. */
  #mask(tclass: number, mask: number, needsNames: boolean): string {
    const known = (this.#masks[tclass] ??= new Map())
    let text = known.get(mask)
    if (text === undefined) {
      const { names, nameless } = this.#out.permissionNames(tclass, mask)
      if (needsNames && nameless !== 0) {
        throw new PolicyError('not-expressible',
          `class \`${this.#out.nameOf('classes', tclass)}\` has no name for permissions 0x${nameless.toString(16)}`)
      }
      text = names.length === 0 ? '' : `(${this.#out.nameOf('classes', tclass)} (${names.join(' ')}))`
      known.set(mask, text)
    }
    return text
  }
}
