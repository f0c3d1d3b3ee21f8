/** Options of `lsm selinux compile`, by what is compiled. */
import type { CompileOptions } from '@lsmkit/selinux/cil'
import type { ReportFlags } from '../../reporter-choice.ts'
import type { HeaderFlags } from './source-inputs.ts'

export interface CompileFlags extends ReportFlags, HeaderFlags {
  readonly output?: string
  readonly fileContexts?: string
  readonly policyVersion?: number
  readonly dialect?: '3.8' | '3.10'
  readonly mls?: boolean
  /** A list of modules. */
  readonly modules?: string
  readonly handleUnknown?: 'allow' | 'deny' | 'reject'
  readonly multipleDecls?: boolean
  readonly neverallow: boolean
  readonly dontaudit: boolean
  readonly preserveTunables?: boolean
  readonly expandSize?: number
  readonly expandGenerated?: boolean
  readonly optimise?: boolean
  readonly qualifiedNames?: boolean
}

export const compileOptionsOf = (flags: CompileFlags): CompileOptions => ({
  dialect: flags.dialect ?? '3.8',
  disableNeverallow: !flags.neverallow,
  disableDontaudit: !flags.dontaudit,
  multipleDeclarations: flags.multipleDecls ?? false,
  preserveTunables: flags.preserveTunables ?? false,
  expandGenerated: flags.expandGenerated ?? false,
  optimise: flags.optimise ?? false,
  qualifiedNames: flags.qualifiedNames ?? false,
  ...(flags.policyVersion === undefined ? {} : { version: flags.policyVersion }),
  ...(flags.mls === undefined ? {} : { mls: flags.mls }),
  ...(flags.handleUnknown === undefined ? {} : { handleUnknown: flags.handleUnknown }),
  ...(flags.expandSize === undefined ? {} : { expandSize: flags.expandSize }),
})

/** Options of what `.te` files call. */
export const OF_HEADERS = ['interfaces', 'devel'] as const

/** Options of a policy that is made of CIL. */
export const OF_CIL = [
  'policyVersion', 'dialect', 'handleUnknown', 'multipleDecls', 'neverallow', 'dontaudit', 'preserveTunables',
  'expandSize', 'expandGenerated', 'qualifiedNames', 'optimise',
] as const
