/** A policy whose boxes run under a profile of AppArmor. */
import { expect, test } from 'vitest'
import { createSandbox } from './index.ts'
import type { ModuleSource } from './index.ts'
import { tool } from './testing/programs.ts'

const [cat, cp] = [tool('cat'), tool('cp')]
const module: ModuleSource = {
  module: '@lsmkit/apparmor/text',
  export: 'apparmor',
  options: {
    profiles: 'include <tunables>\nprofile reader { /** ix, @{data}/** r, deny @{data}/secret r, /home/guest/** rw, }',
    files: { tunables: '@{data}=/srv' },
  },
}

test.each([true, false])('programs run under the profile, inline %s', async (inline) => {
  const box = await createSandbox({ inline, modules: [module], label: 'reader' })
  await box.fs.mkdir('/srv')
  for (const name of ['list', 'secret']) await box.fs.writeFile(`/srv/${name}`, name)
  expect(await box.run(cat, { args: ['/srv/list'] })).toMatchObject({ stdout: 'list', denials: [] })
  const { denials, status } = await box.run(cat, { args: ['/srv/secret'] })
  expect(status).toBe(1)
  expect(denials.map(({ by, sentence }) => [by, sentence])).toEqual([[
    'apparmor',
    '`/srv/secret`: open refused by apparmor, the profile `reader` denies `r`',
  ]])
  const wrote = await box.run(cp, { args: ['/srv/list', '/srv/copy'] })
  expect(wrote.denials).toMatchObject([{ by: 'apparmor', act: 'write', path: '/srv/copy', permit: null }])
  await box.close()
})

test('a name that is no profile', async () => {
  const box = await createSandbox({ inline: true, modules: [module], label: 'writer' })
  await expect(box.run(cat)).rejects.toThrow('`writer` cannot be the label: ENOENT')
  await box.close()
})

test('a mistake in a profile', async () => {
  const wrong: ModuleSource = {
    module: '@lsmkit/apparmor/text', export: 'apparmor', options: { profiles: 'profile a { /x q, }' },
  }
  await expect(createSandbox({ inline: true, modules: [wrong] })).rejects.toThrow(/q/)
})
