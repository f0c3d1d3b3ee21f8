/** The kit's samples reach every hook of the table: what is left out is left out on purpose. */
import { defineBlob, defineLsm, hookDefs, hookNames } from '@lsmkit/core'
import type { HookGroup } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { runSession } from './session.ts'
import { createWorld } from './world.ts'

const everywhere = () =>
  defineLsm({
    name: 'everywhere',
    abi: '1.0',
    id: 4000,
    // some hooks are not asked where there is no state, or no attribute to give
    blobs: { cred: defineBlob(() => 0), inode: defineBlob(() => 0), bdev: defineBlob(() => 0) },
    xattrs: 1,
    hooks: Object.fromEntries(hookNames.map((hook) => [hook, () => hookDefs[hook].default])) as HookGroup,
  })

test('every hook is asked, as root and as a user', () => {
  const heard = new Set(runSession(createWorld(everywhere), undefined).map(({ hook }) => hook))
  expect(hookNames.filter((hook) => !heard.has(hook))).toEqual([
    'sb_free_mnt_opts', 'getselfattr', 'setselfattr', 'getprocattr', 'setprocattr', 'release_secctx',
    'audit_rule_match', 'audit_rule_free',
  ])
})

test('what a hook is given is of the kind its table says: no pointer is missing', () => {
  const world = createWorld(everywhere)
  runSession(world, undefined)
  const faults = world.stack.audit.records.filter((record) => record.kind === 'fault')
  expect(faults).toEqual([])
})
