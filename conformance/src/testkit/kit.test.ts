/** lsmkit's own LSMs under the kit that third-party ones are held to. */
import { capability } from '@lsmkit/capability'
import type { Lsm } from '@lsmkit/core'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { smack } from '@lsmkit/smack'
import { conformanceKit } from '@lsmkit/testkit'
import { yama } from '@lsmkit/yama'
import { describe, expect, test } from 'vitest'

const lsms: readonly { readonly name: string; readonly make: () => Lsm }[] = [
  { name: 'capability', make: () => capability() },
  { name: 'smack', make: () => smack() },
  { name: 'yama', make: () => yama() },
  { name: 'landlock', make: () => landlock() },
  { name: 'lockdown', make: () => lockdown() },
  { name: 'safesetid', make: () => safesetid() },
  { name: 'loadpin', make: () => loadpin() },
]

describe.each(lsms)('$name', ({ make }) => {
  test.each(conformanceKit(make))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})
