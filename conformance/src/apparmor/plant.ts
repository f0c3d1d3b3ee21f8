/** Stand-ins for profiles that a recording shows and whose loading is not in the table: names and modes alone. */
import { writePolicy } from '@lsmkit/apparmor/policydb'
import type { Profile, ProfileMode } from '@lsmkit/apparmor/policydb'
import type { PolicyStore } from '@lsmkit/apparmor/query'

const noPdb = { perms: null, dfa: null, start: null, dfaStart: null, transitions: null }

const standIn = (name: string, mode: ProfileMode): Profile => ({
  name, namespace: null, rename: null, attach: null, xmatch: noPdb, xmatchLength: 0, disconnected: null,
  flags: { hat: false, debug1: false, debug2: false }, mode, auditAll: false, pathFlags: null,
  caps: { allow: 0n, audit: 0n, quiet: 0n, dropped: 0n, extended: null },
  xattrs: null, rlimits: null, secmark: null, policydb: null, file: noPdb, data: null,
})

/** A name may hold line ends. */
const ENTRY = /(?::(?<namespace>[^:]+):)?(?<name>.*?) \((?<mode>enforce|complain|kill|unconfined|user)\)\n/gsy

/** Loads the profiles that the lines of the file `profiles` name, except for those that are already there. */
export const plant = (store: PolicyStore, lines: string, absent: readonly string[]): void => {
  const shown = [...lines.matchAll(ENTRY)].flatMap(({ groups }) => {
    const { namespace = null, name = '', mode } = groups ?? {}
    return absent.includes(name) ? [] : [{ namespace, name, mode: mode as ProfileMode }]
  })
  // the latest is shown first; a child follows its parent; blanks alone are a name that is shown as none
  for (const { namespace, name, mode } of shown.toReversed().toSorted(parentsFirst)) {
    store.load(writePolicy({ version: 7, namespace, profiles: [standIn(name === '' ? ' ' : name, mode)] }), true)
  }
}

const depth = ({ name }: { readonly name: string }): number => name.split('//').length
const parentsFirst = (a: { readonly name: string }, b: { readonly name: string }): number => depth(a) - depth(b)
