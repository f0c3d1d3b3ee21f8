/** Policy packages (.pp): a module with its file contexts and users, as semodule_package puts them together. */
import { ByteReader } from '../policydb/byte-reader.ts'
import { MODULE_MAGIC } from './read-module.ts'

const PACKAGE_MAGIC = 0xf97cff8f
const FILE_CONTEXTS = 0xf97cff90
const USERS = 0x097cff91
const USER_PREFIXES = 0x097cff92

export interface PolicyPackage {
  readonly module: Uint8Array
  readonly fileContexts: string
  /** `login:user:range` lines. */
  readonly users: string
  /** `user NAME prefix P;` lines. */
  readonly userPrefixes: string
}

/** True of the first bytes of a package, or of a module alone. */
export const isModule = (bytes: Uint8Array): boolean => {
  if (bytes.length < 4) return false
  const magic = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  return magic === PACKAGE_MAGIC || magic === MODULE_MAGIC
}

/** A module alone is a package without the rest. Throws PolicyError. */
export const readPackage = (bytes: Uint8Array): PolicyPackage => {
  const r = new ByteReader(bytes)
  if (r.u32('magic number') === MODULE_MAGIC) return { module: bytes, fileContexts: '', users: '', userPrefixes: '' }
  r.at = 0
  if (r.u32('magic number') !== PACKAGE_MAGIC) r.fail('not-a-policy', 'this is not a policy package', null, 0)
  r.u32('version of the package')
  const starts = r.list(r.count(4, 'sections'), () => r.u32('section'))
  const sections = new Map<number, Uint8Array>()
  let module: Uint8Array | null = null
  for (const [i, start] of starts.entries()) {
    const end = starts[i + 1] ?? bytes.length
    if (start + 4 > end || end > bytes.length) r.fail('bad-value', `section ${i + 1} lies outside the file`)
    r.at = start
    const magic = r.u32('section')
    if (magic === MODULE_MAGIC) module = bytes.subarray(start, end)
    else sections.set(magic, bytes.subarray(start + 4, end))
  }
  if (module === null) return r.fail('bad-value', 'the package has no module')
  const text = (magic: number): string => new TextDecoder().decode(sections.get(magic) ?? new Uint8Array())
  return { module, fileContexts: text(FILE_CONTEXTS), users: text(USERS), userPrefixes: text(USER_PREFIXES) }
}
