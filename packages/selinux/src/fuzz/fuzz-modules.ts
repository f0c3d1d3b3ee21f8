/**
 * Modules linked onto a binary policy, and stores of modules: damaged text makes a policy that reads back, or a typed
 * error with nothing half done.
 */
import { CilError } from '../cil/errors.ts'
import { linkModules, readStore, StoreError, storeFiles } from '../module/index.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { readPolicy } from '../policydb/reader.ts'
import { writePolicy } from '../policydb/writer.ts'
import { mutateText } from './mutate.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

const module = `(type web_t) (roletype system_r web_t) (typeattributeset domain (web_t)) (typeattribute webs)
(typeattributeset webs (web_t user_t)) (allow webs etc_t (file (read))) (type page_t) (roletype object_r page_t)
(typetransition init_t shell_exec_t file page_t) (rangetransition init_t page_t process ((s0) (s1 (c1))))
(boolean web_b true) (booleanif (and web_b user_sends) (true (allow web_t page_t (file (write)))))
(optional o (typeattributeset cil_gen_require home_t) (allow web_t home_t (file (read))))
(roleattributeset cil_gen_require web_roles) (typeattributeset gone (web_t)) (neverallow webs secret_t (file (write)))
(portcon tcp 80 (system_u object_r page_t ((s0) (s0)))) (user web_u) (userrole web_u user_r)
(userlevel web_u (s0)) (userrange web_u ((s0) (s1)))
`
const pieces = [
  '(', ')', 'domain', 'file_type', 'privileged', 'user_t', '(optional p', '(block b', '(in b', '(not', '(all)', 'self',
  '(typeattributeset domain (page_t))', '(typeattributeset gone2 (user_t))', '(roleattributeset gone3 (user_r))',
  '(type user_t)', '(booleanif (not user_sends)', '(true', '(typebounds web_t user_t)', '"', '(macro m ()', '(call m)',
]

export const linkTarget = (bytes: Uint8Array): FuzzTarget => ({
  make(random) {
    const [head, ...lines] = module.split('\n')
    const some = [head, ...lines.filter(() => random.below(4) > 0)].join('\n')
    return random.below(2) === 0 ? some : mutateText(some, pieces, random)
  },
  attempt(input) {
    const base = readPolicy(bytes)
    const before = writePolicy(base)
    const isTaken = links(base, input)
    if (Buffer.compare(writePolicy(base), before) !== 0) throw new Error('the policy itself was changed')
    return isTaken
  },
})

const links = (base: Policydb, input: Uint8Array): boolean => {
  const modules = [{ name: 'fuzzed.cil', text: textOf(input) }]
  try {
    readPolicy(writePolicy(linkModules(base, modules, { literal: input.length % 2 === 0 }).policy))
    return true
  } catch (error) {
    if (error instanceof CilError || error instanceof PolicyError) return false
    throw error
  }
}

const list = JSON.stringify({
  format: 1, disabled: ['b'], disableDontaudit: false, preserveTunables: true,
  modules: [{ name: 'a', priority: 100, language: 'cil' }, { name: 'b', priority: 400, language: 'pp' },
    { name: 'a', priority: 999, language: 'cil' }],
})
const storePieces = ['"', '{', '}', '[', ']', ',', ':', '-1', '1e9', '0.5', 'null', '"a"', '"../a"', '"__proto__"',
  '"cil"', '"pp"', '"\\u0000"', 'true', '400', '"modules"']

export const storeTarget = (): FuzzTarget => ({
  make: (random) => mutateText(list, storePieces, random),
  attempt(input) {
    try {
      const store = readStore({
        list: () => null, read: (path) => path === 'store.json' ? input : new TextEncoder().encode('(a)'),
      })
      for (const path of storeFiles(store).keys()) {
        if (!/^(store\.json|modules\/[0-9]+\/[A-Za-z][A-Za-z0-9_.-]*)$/.test(path)) throw new Error(`a path ${path}`)
      }
      store.sources()
      return true
    } catch (error) {
      if (error instanceof StoreError || error instanceof PolicyError) return false
      throw error
    }
  },
})
