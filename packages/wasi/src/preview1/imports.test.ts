import { capability } from '@lsmkit/capability'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { guestOn } from '../testing/guest.ts'
import { preview1Import, preview1Imports } from './imports.ts'
import { preview1Table } from './table.ts'

test('one handler is the same whether all are made or its group alone', () => {
  const { process } = guestOn(bootForTest([capability()]))
  const all = preview1Imports(process)
  for (const name of Object.keys(preview1Table) as (keyof typeof preview1Table)[]) {
    const single = preview1Import(process)
    expect(String(single(name)), name).toBe(String(all[name]))
    expect(single(name).length, name).toBe(all[name].length)
    // made once
    expect(single(name)).toBe(single(name))
  }
})
