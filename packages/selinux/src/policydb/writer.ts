/**
 * Writes a kernel policy, versions 20 to 35, in the order of its arrays: what was read comes out byte by byte.
 *
 * An older version than the policy's loses the parts that version has no place for, as with libsepol: parts that
 * restrict nothing are reported and left out, extended permissions are refused.
 */
import { aFunction, anything, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { ByteWriter } from './byte-writer.ts'
import {
  ALLOW_UNKNOWN, POLICYDB_CONFIG_MLS, POLICYDB_MAGIC, POLICYDB_STRING, POLICYDB_VERSION_INFINIBAND,
  POLICYDB_VERSION_MAX, POLICYDB_VERSION_MIN, POLICYDB_VERSION_NEVERAUDIT, POLICYDB_VERSION_PERMISSIVE,
  POLICYDB_VERSION_POLCAP, REJECT_UNKNOWN,
} from './constants.ts'
import type { Ebitmap } from './ebitmap.ts'
import { PolicyError } from './errors.ts'
import type { Policydb } from './policydb.ts'
import { writeGenfs, writeOcontexts } from './write-ocontexts.ts'
import {
  writeAvtab, writeConditionals, writeFilenameTransitions, writeRangeTransitions, writeRoleRules,
} from './write-rules.ts'
import { writeSymbols } from './write-symbols.ts'
import type { Target } from './write-symbols.ts'

export interface WriteOptions {
  /** The version to write, the policy's own if not said. */
  readonly version?: number
  /** Called for each part that the version cannot express, with a phrase. */
  readonly onDrop?: (what: string) => void
}

/** A wrong `version` is a PolicyError. */
const rules: OptionRules<WriteOptions> = { version: anything, onDrop: aFunction }

const SYMBOL_TABLES = 8

const configOf = ({ mls, rejectUnknown, allowUnknown }: Policydb): number =>
  (mls ? POLICYDB_CONFIG_MLS : 0) | (rejectUnknown ? REJECT_UNKNOWN : 0) | (allowUnknown ? ALLOW_UNKNOWN : 0)

const writeHeader = ({ w, version, drop }: Target, policy: Policydb): void => {
  w.u32(POLICYDB_MAGIC)
  w.string(POLICYDB_STRING)
  w.u32(version)
  w.u32(configOf(policy))
  w.u32(SYMBOL_TABLES)
  w.u32(version >= POLICYDB_VERSION_INFINIBAND ? 9 : 7)
  const since = (first: number, set: Ebitmap, what: string): void => {
    if (version >= first) w.ebitmap(set)
    else if (!set.isEmpty) drop(what)
  }
  since(POLICYDB_VERSION_POLCAP, policy.policycaps, 'the policy capabilities')
  since(POLICYDB_VERSION_PERMISSIVE, policy.permissive, 'the permissive types')
  since(POLICYDB_VERSION_NEVERAUDIT, policy.neveraudit, 'the types never audited')
}

/** Throws PolicyError `not-expressible` for what an older version may not silently lose. */
export const writePolicy = (policy: Policydb, options: WriteOptions = {}): Uint8Array => {
  checkOptions(options, rules, 'writePolicy')
  const { version = policy.version, onDrop = () => {} } = options
  if (!Number.isInteger(version) || version < POLICYDB_VERSION_MIN || version > POLICYDB_VERSION_MAX) {
    const hint = `versions ${POLICYDB_VERSION_MIN} to ${POLICYDB_VERSION_MAX} are written`
    throw new PolicyError('unsupported-version', `version ${version}`, -1, hint)
  }
  const w = new ByteWriter()
  const target: Target = { w, version, drop: (what) => onDrop(`${what}: not in version ${version}`) }
  writeHeader(target, policy)
  writeSymbols(target, policy)
  writeAvtab(target, policy.avtab)
  writeConditionals(target, policy.conditionals)
  writeRoleRules(target, policy)
  writeFilenameTransitions(target, policy.filenameTransitions)
  writeOcontexts(target, policy)
  writeGenfs(target, policy.genfs)
  writeRangeTransitions(target, policy.rangeTransitions)
  for (const attributes of policy.typeAttributes) w.ebitmap(attributes)
  return w.finish()
}
