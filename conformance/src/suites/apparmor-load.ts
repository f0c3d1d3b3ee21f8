/** Policy binaries written to AppArmor's `.replace` in order: what each write answers, and what was in it. */
import { createHash } from 'node:crypto'
import { errnoName } from '@lsmkit/abi'
import { ApparmorError, nameBytes, readPolicy } from '@lsmkit/apparmor/policydb'
import { PolicyStore } from '@lsmkit/apparmor/query'
import { percentText } from '../apparmor/percent.ts'
import { openPolicies, printLeftOut } from '../apparmor/policies.ts'
import type { Policies } from '../apparmor/policies.ts'
import type { Options, Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'

const columns = ['set', 'order', 'file', 'sha256', 'size', 'profiles', 'errno']

/** Names of the profiles in a binary in order, or the errno of the reader. */
const profilesIn = (bytes: Uint8Array): string => {
  try {
    const { namespace, profiles } = readPolicy(bytes)
    const names = profiles.map(({ name }) => percentText(nameBytes(name)))
    return names.map((name) => (namespace === null ? name : `:${namespace}:${name}`)).join('; ')
  } catch (error) {
    if (!(error instanceof ApparmorError)) throw error
    return errnoName(-error.errno)
  }
}

async function* replay(rows: readonly TableRow[], policies: Policies): AsyncGenerator<Row> {
  const stores = new Map<string, PolicyStore>()
  const absent = new Set<string>()
  for (const row of rows) {
    const { set = '', order = '', file = '', sha256, size, profiles, errno } = row
    const bytes = await policies.read(set, file)
    if (bytes === null) {
      absent.add(`${set}/${file}`)
      continue
    }
    const store = stores.get(set) ?? new PolicyStore()
    stores.set(set, store)
    const rc = store.load(bytes, true)
    const hash = createHash('sha256').update(bytes).digest('hex')
    const got = `${rc === 0 ? 'OK' : errnoName(rc)} ${profilesIn(bytes)} ${bytes.length} ${hash}`
    // the table has namespaces as Python prints bytes
    const names = profiles?.replaceAll(/:b'([^']*)':/g, ':$1:')
    yield { id: `${set} ${order} ${file}`, expected: `${errno} ${names} ${size} ${sha256}`, got }
  }
  printLeftOut(absent.size, absent)
}

export const apparmorLoad: Suite = {
  options: ['policies'],
  async *run(inputs, options: Options): AsyncGenerator<Row> {
    const policies = await openPolicies(options, 'apparmor-load')
    for (const { text, path } of inputs) yield* replay(parseTable(text, path, columns), policies)
  },
}
