/** Members of kernel structs that answer 0 to every program are listed, each with the reason. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { World } from '../hook-trace/world.ts'
import { isAbsent, prepare } from '../suites/hook-trace.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'
import { MemberSurvey } from './member-survey.ts'

/** `struct.member`, and why no object has it. */
const WITHOUT_VALUE: Readonly<Record<string, string>> = {
  'cgroup.ss': 'the state of a group itself is no controller\'s, as in Linux',
  'dentry.first': 'children of a directory are in a table, not in a list that runs through them',
  'dentry.hash': 'the hash of a name begins with the address of its directory',
  'group_info.usage': 'supplementary groups are not counted',
  'kernfs_node.id': 'nodes of a device in sysfs have no number; those of control groups do',
  'mnt_idmap.count': 'no operation here is on a mount that maps ids',
  'mnt_idmap.first': 'no operation here is on a mount that maps ids',
  'mnt_idmap.lower_first': 'no operation here is on a mount that maps ids',
  'qstr.hash': 'the hash of a name begins with the address of its directory',
  'seq_file.size': 'a text has no end while it is written',
}

const path = new URL('../../recorded/hook-trace.tsv.gz', import.meta.url)
const columns = ['n', 'id', 'setup', 'calls', 'errno', 'syscalls', 'hooks']
/** Rows that are played for each hook. */
const ENOUGH = 6

/** Rows whose hooks have not been seen often enough. */
function* chosen(rows: readonly TableRow[]): Generator<TableRow> {
  const times = new Map<string, number>()
  for (const row of rows) {
    const hooks = new Set(row.hooks!.match(/[a-z_]{3,}/g))
    const isNew = [...hooks].some((hook) => (times.get(hook) ?? 0) < ENOUGH)
    if (!isNew || isAbsent(row)) continue
    for (const hook of hooks) times.set(hook, (times.get(hook) ?? 0) + 1)
    yield row
  }
}

test('members without a value are those that are listed, and reading one never throws', () => {
  const survey = new MemberSurvey()
  for (const row of chosen(parseTable(gunzipSync(readFileSync(path)).toString(), path.pathname, columns))) {
    const world = new World((kernel, stack) => {
      survey.watch(stack)
      return kernel
    })
    world.record(prepare(world, row))
  }
  expect([...survey.thrown]).toEqual([])
  expect(survey.missing).toEqual(Object.keys(WITHOUT_VALUE))
  // as many as hooks of the table hand over
  expect(survey.structs.length).toBeGreaterThan(50)
})
