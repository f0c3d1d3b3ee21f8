import { expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { kernelClassesCil } from '../kernel-classes-cil.ts'
import { coveredLines, PolicyCoverage } from './index.ts'

const rules = { name: 'rules.cil', text: `(allow web_t page_t (file (read write)))
(allow domain page_t (file (getattr)))
(allow web_t self (process (fork)))
(booleanif b (true (allow web_t page_t (file (append)))))
(macro m ((type t)) (allow t page_t (dir (search))))
` }
const sources = [{ name: 'base.cil', text: `${kernelClassesCil()}
(mls false) (user u) (role r) (userrole u r) (roletype r domain) (boolean b false)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0))) (sid kernel) (sidorder (kernel))
(sidcontext kernel (u r web_t ((s0) (s0))))
(type web_t) (type cgi_t) (type page_t) (typeattribute domain) (typeattributeset domain (web_t cgi_t))` }, rules]

test('rules and lines, by what was granted', () => {
  const coverage = new PolicyCoverage(compileCil(sources).policy)
  coverage.note({ source: 'web_t', target: 'page_t', tclass: 'file', permissions: ['read'] })
  coverage.note({ source: 'cgi_t', target: 'page_t', tclass: 'file', permissions: ['getattr'] })
  coverage.note({ source: 'cgi_t', target: 'page_t', tclass: 'file', permissions: ['getattr'] })
  coverage.note({ source: 'web_t', target: 'cgi_t', tclass: 'process', permissions: ['fork'] })
  coverage.note({ source: 'gone_t', target: 'page_t', tclass: 'file', permissions: ['read'] })
  const found = coverage.rules()
  expect(found.used).toBe(2)
  expect(found.rules.find(({ text }) => text.includes('write'))).toEqual(
    { text: 'allow web_t page_t:file { read write };', used: ['read'], unused: ['write'] })
  expect(found.rules.find(({ text }) => text.includes('append'))?.used).toEqual([])
  expect(coveredLines(coverage, [rules])).toEqual([1, 2, 3, 4].map((line) =>
    ({ file: 'rules.cil', line, hits: line <= 2 ? 1 : 0 })))
})
