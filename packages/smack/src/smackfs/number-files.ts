/** Files that are one number: direct, mapped, doi, ptrace, logging. */
import { EINVAL } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { parseNumber, S32, U32, U8 } from '../parse/number.ts'
import type { NumberKind } from '../parse/number.ts'
import { SMACK_AUDIT_ACCEPT, SMACK_AUDIT_DENIED, SMACK_PTRACE_DEFAULT, SMACK_PTRACE_DRACONIAN } from '../policy.ts'
import type { Smack } from '../state.ts'
import { ADMIN_FILE, admin, fromText } from './file.ts'

/** A number of some kind, within bounds of its own: -EINVAL outside of them, -ERANGE when it is none of the kind. */
interface Setting {
  readonly kind: NumberKind
  readonly least: number
  readonly most: number
  readonly set: (value: number) => void
}

const write = ({ kind, least, most, set }: Setting) => (text: string): number => {
  const parsed = parseNumber(text, kind)
  if (typeof parsed === 'number') return parsed
  if (parsed.value < least || parsed.value > most) return -EINVAL
  set(parsed.value)
  return text.length
}

export const numberFiles = (smack: Smack): PseudoFile[] => {
  const { policy } = smack
  const file = (name: string, read: () => string, setting: Setting): PseudoFile => ({
    name,
    mode: ADMIN_FILE,
    read,
    write: admin(smack, fromText(write(setting))),
  })
  return [
    file('direct', () => `${policy.cipso.directLevel}`, {
      kind: U8, least: 0, most: U8.max, set: (level) => policy.cipso.setDirect(level),
    }),
    file('mapped', () => `${policy.cipso.mappedLevel}`, {
      kind: U8, least: 0, most: U8.max, set: (level) => policy.cipso.setMapped(level),
    }),
    // 0 is CIPSO_V4_DOI_UNKNOWN
    file('doi', () => `${policy.doi}`, { kind: U32, least: 1, most: U32.max, set: (doi) => void (policy.doi = doi) }),
    file('ptrace', () => `${policy.ptrace}\n`, {
      kind: S32, least: SMACK_PTRACE_DEFAULT, most: SMACK_PTRACE_DRACONIAN, set: (rule) => void (policy.ptrace = rule),
    }),
    file('logging', () => `${policy.logging}\n`, {
      kind: S32, least: 0, most: SMACK_AUDIT_DENIED | SMACK_AUDIT_ACCEPT, set: (bits) => void (policy.logging = bits),
    }),
  ]
}
