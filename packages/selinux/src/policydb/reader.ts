/**
 * Reads a kernel policy, versions 20 to 35, to its last byte: header, capabilities, symbols, rules, contexts.
 *
 * Everything is checked where it is read, so that whoever holds the value may index by what it says.
 */
import { ByteReader } from './byte-reader.ts'
import { checkSymbols } from './check-symbols.ts'
import {
  ALLOW_UNKNOWN, POLICYDB_CONFIG_MLS, POLICYDB_MAGIC, POLICYDB_STRING, POLICYDB_VERSION_FILENAME_TRANS,
  POLICYDB_VERSION_INFINIBAND, POLICYDB_VERSION_MAX, POLICYDB_VERSION_MIN, POLICYDB_VERSION_NEVERAUDIT,
  POLICYDB_VERSION_PERMISSIVE, POLICYDB_VERSION_POLCAP, REJECT_UNKNOWN,
} from './constants.ts'
import { Ebitmap } from './ebitmap.ts'
import type { Policydb } from './policydb.ts'
import { readAvtab } from './read-avtab.ts'
import { readConditionals } from './read-conditionals.ts'
import type { Limits } from './read-mls.ts'
import { readGenfs, readOcontexts } from './read-ocontexts.ts'
import { readSymbols } from './read-symbols.ts'
import {
  readFilenameTransitions, readRangeTransitions, readRoleAllows, readRoleTransitions,
} from './read-transitions.ts'

const MODULE_MAGICS: ReadonlySet<number> = new Set([0xf97cff8d, 0xf97cff8f])
const XEN_STRING = 'XenFlask'
const SYMBOL_TABLES = 8

const readTarget = (r: ByteReader): void => {
  const magic = r.u32('magic')
  if (MODULE_MAGICS.has(magic)) {
    r.fail('module', 'a policy module, not a kernel policy', 'link modules into a policy, or compile their CIL', 0)
  }
  if (magic !== POLICYDB_MAGIC) {
    r.fail('not-a-policy', `magic 0x${magic.toString(16)}`, 'no kernel policy begins like that', 0)
  }
  const at = r.at
  const length = r.u32('target')
  const target = length === POLICYDB_STRING.length ? r.text(length, 'target') : ''
  if (target === XEN_STRING) r.fail('unsupported-target', 'a policy of Xen', 'only policies of SELinux are read', at)
  if (target !== POLICYDB_STRING) r.fail('not-a-policy', 'the target is not `SE Linux`', null, at)
}

const readHeader = (r: ByteReader): { version: number; config: number } => {
  readTarget(r)
  const version = r.u32('version')
  if (version < POLICYDB_VERSION_MIN || version > POLICYDB_VERSION_MAX) {
    const hint = `versions ${POLICYDB_VERSION_MIN} to ${POLICYDB_VERSION_MAX} are read`
    r.fail('unsupported-version', `version ${version}`, hint, r.at - 4)
  }
  const config = r.u32('config')
  const symbols = r.u32('number of symbol tables')
  const ocontexts = r.u32('number of context tables')
  if (symbols !== SYMBOL_TABLES || ocontexts !== (version >= POLICYDB_VERSION_INFINIBAND ? 9 : 7)) {
    r.fail('bad-count', `${symbols} symbol tables and ${ocontexts} context tables`, null, r.at - 8)
  }
  return { version, config }
}

/** Throws PolicyError; the value owns its memory and keeps nothing of `bytes`. */
export const readPolicy = (bytes: Uint8Array): Policydb => {
  const r = new ByteReader(bytes)
  const { version, config } = readHeader(r)
  const mls = (config & POLICYDB_CONFIG_MLS) !== 0
  const policycaps = version >= POLICYDB_VERSION_POLCAP ? r.ebitmap('capabilities') : Ebitmap.empty
  const typesAt = r.at
  const permissive = version >= POLICYDB_VERSION_PERMISSIVE ? r.ebitmap('permissive types') : Ebitmap.empty
  const neveraudit = version >= POLICYDB_VERSION_NEVERAUDIT ? r.ebitmap('types never audited') : Ebitmap.empty
  const { symbols, offsets } = readSymbols(r, version)
  const limits: Limits = {
    classes: symbols.classes.nprim,
    roles: symbols.roles.nprim,
    types: symbols.types.nprim,
    users: symbols.users.nprim,
    sensitivities: symbols.sensitivities.nprim,
    categories: symbols.categories.nprim,
  }
  if (Math.max(permissive.max, neveraudit.max) > limits.types) {
    r.fail('bad-reference', 'a permissive type that there is not', null, typesAt)
  }
  checkSymbols(r, symbols, offsets, limits, mls)
  const process = symbols.classes.items.find(({ name }) => name === 'process')?.value ?? 0
  const avtab = readAvtab(r, version, limits, 'rules')
  const conditionals = readConditionals(r, version, limits, symbols.booleans.nprim)
  const roleTransitions = readRoleTransitions(r, version, limits, process)
  const roleAllows = readRoleAllows(r, limits)
  const filenameTransitions =
    version >= POLICYDB_VERSION_FILENAME_TRANS ? readFilenameTransitions(r, version, limits) : []
  const ocontexts = readOcontexts(r, version, mls, limits)
  const genfs = readGenfs(r, mls, limits)
  const rangeTransitions = readRangeTransitions(r, version, mls, limits, process)
  const typeAttributes: Ebitmap[] = []
  for (let i = 0; i < limits.types; i++) typeAttributes.push(r.setOf(limits.types, 'attributes of a type'))
  r.end()
  return {
    version,
    mls,
    rejectUnknown: (config & REJECT_UNKNOWN) !== 0,
    allowUnknown: (config & ALLOW_UNKNOWN) !== 0,
    policycaps,
    permissive,
    neveraudit,
    ...symbols,
    avtab,
    conditionals,
    roleTransitions,
    roleAllows,
    filenameTransitions,
    ...ocontexts,
    genfs,
    rangeTransitions,
    typeAttributes,
  }
}
