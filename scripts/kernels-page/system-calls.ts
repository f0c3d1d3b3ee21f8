/** System calls of x86-64 that came after 6.12: numbers from 7.3's table, releases from the types of the images. */
import type { Profile } from '../../packages/core/src/kernel-rules.ts'
import { syscallTable } from '../../packages/kernel/src/syscalls/table.ts'

const later: readonly (readonly [nr: number, name: string, since: Profile])[] = [
  [336, 'uprobe', '6.18'], [463, 'setxattrat', '6.18'], [464, 'getxattrat', '6.18'], [465, 'listxattrat', '6.18'],
  [466, 'removexattrat', '6.18'], [467, 'open_tree_attr', '6.18'], [468, 'file_getattr', '6.18'],
  [469, 'file_setattr', '6.18'], [470, 'listns', '7.3'], [471, 'rseq_slice_yield', '7.3'], [472, 'fchroot', '7.3'],
]

const levelOf = (name: string): string =>
  Object.hasOwn(syscallTable, name) ? syscallTable[name as keyof typeof syscallTable].level : 'absent: answers ENOSYS'

/** The calls that a release brought, and how much of each our kernel has. */
export const systemCallLines = (release: Profile): readonly string[] => {
  const rows = later.filter(([, , since]) => since === release)
  return rows.length === 0 ? [] : [
    '### System calls', '', '| number | call | in our kernel |', '|---|---|---|',
    ...rows.map(([nr, name]) => `| ${nr} | \`${name}\` | ${levelOf(name)} |`), '',
  ]
}
