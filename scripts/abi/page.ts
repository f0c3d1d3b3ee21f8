/** docs/module-abi.md: which core takes which module, from the releases that the snapshot lists. */

export interface Release {
  readonly core: string
  readonly abi: string
}

/** `1.0`, `1.0 and 1.1`, `1.0 to 1.4`. */
const taken = (abi: string): string => {
  const [major, minor] = abi.split('.').map(Number)
  if (minor === 0) return abi
  return `${major}.0 ${minor === 1 ? 'and' : 'to'} ${abi}`
}

/** Releases that follow each other with one ABI are one row. */
const rowsOf = (releases: readonly Release[]): string[] => {
  const rows: { first: string; last: string; abi: string }[] = []
  for (const { core, abi } of releases) {
    const open = rows.at(-1)
    if (open?.abi === abi) open.last = core
    else rows.push({ first: core, last: core, abi })
  }
  return rows.map(({ first, last, abi }) =>
    `| ${first === last ? first : `${first} to ${last}`} | ${abi} | ${taken(abi)} |`)
}

export const abiPage = (releases: readonly Release[]): string =>
  [
    '# Module ABI: which core takes which module',
    '',
    'This page says which version of core takes a module that was written for another one.',
    '',
    'A module says what it was written for: `defineLsm({ abi: \'1.0\', … })`. `createStack` takes it when core has the',
    'same major and at least that minor, and otherwise throws `abi-mismatch`, which names every module that does not',
    "fit, its package (`defineLsm({ package: '@me/my-lsm' })`), both versions, and the command to run.",
    'Printed by `scripts/abi.mjs` from `packages/core/module-abi.json`.',
    '',
    '| @lsmkit/core | module ABI | takes modules written for |',
    '|---|---|---|',
    ...rowsOf(releases),
    '',
    '## When the numbers grow',
    '',
    '| change | ABI | release of core |',
    '|---|---|---|',
    '| a new hook, a new field of an object, a new function of the host | minor | minor |',
    '| a hook or field that is gone, or has another signature, order, default or meaning | major | major |',
    '| anything else | stays | any |',
    '',
    'A hook stays what it is for as long as the major does: the tables are compared with those of the last release,',
    'and a change that is not announced fails the merge gate. Modules ask for core as a peer from the release they',
    'were written for up to its next major (`>=0.1.0 <1`), so that a minor of core installs beside them.',
    '',
    '## What others read from the record of a module',
    '',
    'Core and a kernel know no module by its name or id. A module\'s record has flags for the rules that apply to it',
    'and not to others; a module of your own can set the same.',
    '',
    '| field of `defineLsm` | read by | effect |',
    '|---|---|---|',
    '| `order`, `early`, `enabled` | core | where the module stands, and what the command line can do |',
    '| `legacyMajor`, `exclusive` | core | `security=` may choose it; at most one is on |',
    '| `carriesPrograms` | core | attached programs run at its place; it is registered without hooks; one in a stack |',
    '| `blobs`, `xattrs` | core | state on objects, attributes of new inodes |',
    '| `taskLabels` | kernel | how a new task is given a label |',
    '| `attrFiles` | kernel | the directory `/proc/PID/attr/NAME` and its files |',
    '| `pseudoFs` | kernel | file systems, and files in securityfs and /proc/sys |',
    '',
  ].join('\n')
