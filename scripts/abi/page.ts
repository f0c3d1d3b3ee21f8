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

/** Hooks whose signature changed, since when, how, and what a function of ABI 1.0 gets. */
const changedHooks: readonly (readonly [hooks: string, since: string, changed: string, gets: string])[] = [
  [
    '`current_getsecid_subj`, `task_getsecid_obj`, `inode_getsecid`, `ipc_getsecid`, and `cred_getsecid` ' +
      'beside `cred_getlsmprop`',
    '6.13',
    'an `lsm_prop` with a part for each LSM takes the place of one number: `…_getlsmprop`',
    'a number; it goes into the part of your module',
  ],
  ['`audit_rule_match`', '6.13', 'an `lsm_prop`', 'the number of your module'],
  [
    '`secid_to_secctx`',
    '6.14',
    'a context with its maker\'s id; the answer is the length. 6.13 added `lsmprop_to_secctx`',
    'text and length; it is asked for both hooks',
  ],
  [
    '`release_secctx`',
    '6.14',
    'a context with its maker\'s id',
    'text and length, only of contexts that your module made',
  ],
  [
    '`inode_getsecctx`, `dentry_init_security`',
    '6.14',
    'a context with its maker\'s id',
    'text or bytes, and length',
  ],
  ['`dentry_create_files_as`', '6.14', 'the name is const', 'the same'],
  [
    '`bpf`, `bpf_map_create`, `bpf_prog_load`',
    '6.15',
    'one argument more: whether the kernel itself asks',
    'the same; the argument is there if you read it',
  ],
  ['`task_alloc`', '6.17', 'the flags have 64 bits', 'the same number'],
  [
    '`inode_listsecurity`',
    '7.0',
    'a buffer that moves on from LSM to LSM; each adds its name',
    'a buffer and its size',
  ],
  ['`mmap_file`', '7.0', 'programs must check that the file is there', 'the same: null always was possible'],
]

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
    '## Kernel releases: what a module must do',
    '',
    'Nothing. You write hooks with the names and signatures of Linux 6.12. `createStack({ profile: \'7.3\' })` has the',
    'hooks of 7.3, and translates those that changed; a hook that did not change keeps your own function, at no cost.',
    '`ctx.lsm` has the names and signatures of 6.12 in each release, too.',
    '',
    '| hook | since | what changed | what your function gets | you do |',
    '|---|---|---|---|---|',
    ...changedHooks.map((cells) => `| ${cells.join(' | ')} | nothing |`),
    '',
    'A module may be on hooks that came after 6.12 (`unix_find`, `uring_allowed`, `inode_file_getattr`,',
    '`inode_file_setattr`, `…_getlsmprop`, `lsmprop_to_secctx`). A release without the hook never asks it, and the',
    'same goes for `backing_file_alloc`, `backing_file_free` and `mmap_backing_file`, which 6.18.15 does not have.',
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
