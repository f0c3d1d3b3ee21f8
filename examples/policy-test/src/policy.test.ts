/** Policies as they lie in a repository, and what they must and must not allow. */
import { readFileSync } from 'node:fs'
import { compileCil } from '@lsmkit/selinux/cil'
import { selinuxPolicy } from '@lsmkit/selinux/query'
import { smackPolicy } from '@lsmkit/smack/engine'
import { extendExpect, lsmMatchers } from '@lsmkit/testkit'
import { describe, expect as plainExpect, test } from 'vitest'

const expect = extendExpect(plainExpect)

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

describe('SELinux: web.cil', () => {
  const { policy } = compileCil([{ name: 'web.cil', text: read('web.cil') }])
  const web = 'system_u:system_r:web_t:s0'
  const [page, upload, shadow] = ['page_t', 'upload_t', 'shadow_t'].map((type) => `system_u:object_r:${type}:s0`)

  test('the server reads its pages and does not change them', () => {
    expect(selinuxPolicy(policy)).toAllow(web, page!, 'file', ['open', 'read'])
    expect(selinuxPolicy(policy)).toDeny(web, page!, 'file', 'write')
  })

  test('nothing at all of the password file', () => {
    expect(selinuxPolicy(policy)).toDeny(web, shadow!, 'file', ['open', 'read', 'write'])
  })

  test('uploads are a boolean', () => {
    expect(selinuxPolicy(policy)).toDeny(web, upload!, 'file', 'write')
    expect(selinuxPolicy(policy, { booleans: { web_uploads: true } })).toAllow(web, upload!, 'file', 'write')
  })

  test('a failure says what is missing', () => {
    const { message } = lsmMatchers.toAllow(selinuxPolicy(policy) as never, web, upload, 'file', ['write'])
    expect(message()).toContain('write is denied: a boolean keeps the rule from being in force')
    expect(message()).toContain('set web_uploads=on')
  })

  test('misspelt names are mistakes of the test, not denials', () => {
    expect(() => selinuxPolicy(policy).check(web, page!, 'file', 'raed')).toThrow()
    expect(() => selinuxPolicy(policy, { booleans: { uploads: true } })).toThrow('there is no boolean `uploads`')
  })
})

describe('Smack: browser.smack', () => {
  const rules = smackPolicy(read('browser.smack'))

  test('the browser writes downloads, not the system', () => {
    expect(rules).toAllow('Browser', 'Downloads', 'rwx')
    expect(rules).toAllow('Browser', 'System', 'rx')
    expect(rules).toDeny('Browser', 'System', 'wa')
  })

  test('the backup reads downloads and no more', () => {
    expect(rules).toAllow('Backup', 'Downloads', 'r')
    expect(rules).toDeny('Backup', 'Downloads', 'wxat')
    expect(rules).toDeny('Backup', 'System', 'rwx')
    expect(() => rules.check('Backup', 'System', 'q')).toThrow('is not a mode')
  })
})
