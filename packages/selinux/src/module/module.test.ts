/** A module that uses what modules can say, against what libsepol 3.8's converter makes of it, as compiled policy. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileCil } from '../cil/compile.ts'
import { differingLines, normalisePolicy, PolicyError } from '../policydb/index.ts'
import { isModule, packageToCil } from './index.ts'

const folder = join(import.meta.dirname, '../../cases/module')
const bytes = new Uint8Array(readFileSync(join(folder, 'small.pp')))

/** What the module requires, and what CIL that a converter made stands on. */
const base = `(handleunknown allow) (mls true) (typeattribute cil_gen_require) (roleattribute cil_gen_require)
(class file (read write getattr execute entrypoint ioctl)) (class dir (search add_name))
(class process (fork transition signal)) (class chr_file (ioctl)) (classorder (file dir process chr_file))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (category c1) (category c2) (categoryorder (c0 c1 c2))
(sensitivitycategory s0 (c0 c1 c2))
(type init_t) (type etc_t) (type shell_exec_t) (typeattribute domain) (typeattribute file_type)
(typeattributeset domain (init_t)) (typeattributeset file_type (etc_t shell_exec_t))
(role object_r) (role system_r) (role user_r) (roletype system_r init_t) (boolean secure_mode false)
(user system_u) (userrole system_u system_r) (userrole system_u object_r) (userlevel system_u (s0))
(userrange system_u ((s0) (s0 (c0 c1 c2))))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (system_u system_r init_t ((s0) (s0))))
(allow init_t etc_t (file (read)))
`
const mail = '(type mail_t) (typeattribute mailer) (typeattributeset mailer (mail_t))\n'

const compiled = (cil: string, more: string) => {
  const files = [{ name: 'base.cil', text: base + more }, { name: 'small.cil', text: cil }]
  const { policy, fileContexts } = compileCil(files, { asSecilc: true, disableNeverallow: true, version: 33 })
  return { lines: normalisePolicy(policy, { generated: /_typeattr_\d+$/ }), fileContexts, policy }
}

test.each([['with what the optional block needs', mail], ['without it', '']])('%s', (_what, more) => {
  const { name, text } = packageToCil(bytes)
  expect(name).toBe('small')
  const [ours, theirs] = [compiled(text, more), compiled(readFileSync(join(folder, 'small.cil'), 'utf8'), more)]
  expect(differingLines(ours.lines, theirs.lines)).toEqual({ onlyA: [], onlyB: [] })
  expect(ours.fileContexts).toBe(theirs.fileContexts)
  expect(ours.policy.avtab.length).toBeGreaterThan(10)
})

test('any cut or changed byte is an error or a module, never anything else', () => {
  expect(isModule(bytes)).toBe(true)
  for (let end = 0; end < bytes.length - 200; end += 37) {
    expect(() => packageToCil(bytes.subarray(0, end))).toThrow(PolicyError)
  }
  let seed = 7
  for (let i = 0; i < 600; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    const changed = bytes.slice()
    changed[(seed >>> 8) % bytes.length]! ^= 1 << (seed & 7)
    try {
      packageToCil(changed)
    } catch (error) {
      expect(error).toBeInstanceOf(PolicyError)
    }
  }
})
