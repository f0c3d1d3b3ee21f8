import { describe, expect, test } from 'vitest'
import { brokenLsms, soundLsms } from '../../test/broken.ts'
import { TestkitError } from '../errors.ts'
import { conformanceKit } from './kit.ts'

/** What a check throws; null when it passes. */
const faultOf = async (run: () => void | Promise<void>): Promise<unknown> => {
  try {
    await run()
    return null
  } catch (error) {
    return error
  }
}

describe('an LSM that breaks a rule is found', () => {
  test.each(brokenLsms)('$check: $what', async ({ check, place, make, options }) => {
    const kit = conformanceKit(make, options)
    const { run } = kit.find(({ name }) => name.startsWith(check) || name.includes(check))!
    const fault = await faultOf(run)
    expect(fault).toBeInstanceOf(TestkitError)
    expect(fault).toMatchObject({ code: 'nonconforming', place })
  })

  test('by every check there is', () => {
    const unbroken = conformanceKit(soundLsms['nothing at all']!)
      .map(({ name }) => name)
      .filter((name) => !brokenLsms.some(({ check }) => name.includes(check)))
    expect(unbroken).toEqual([])
  })
})

describe.each(Object.entries(soundLsms))('%s', (_name, make) => {
  test.each(conformanceKit(make))('$name', async ({ run }) => {
    expect(await faultOf(run)).toBeNull()
  })
})
