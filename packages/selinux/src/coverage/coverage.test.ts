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
(type web_t) (type cgi_t) (type page_t) (type log_t) (type tmp_t)
(typeattribute domain) (typeattributeset domain (web_t cgi_t))` }, rules]

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

const moves = { name: 'moves.cil', text: `(typetransition domain page_t file log_t)
(typetransition web_t page_t file "index" tmp_t)
(typetransition web_t page_t dir tmp_t)
(typetransition web_t self process cgi_t)
(booleanif b (true (typetransition web_t log_t file tmp_t)) (false (typetransition web_t log_t file page_t)))
(macro m2 ((type t)) (typetransition t page_t dir log_t))
` }

test('transitions: the rule that decided, by name before all others, and of a condition the branch in force', () => {
  const coverage = new PolicyCoverage(compileCil([...sources, moves]).policy)
  const made = (source: string, target: string, tclass: string, name: string | null, result: string): void =>
    coverage.noteTransition({ source, target, tclass, name, result })
  made('web_t', 'page_t', 'file', 'index', 'tmp_t')
  made('web_t', 'log_t', 'file', 'index', 'page_t')
  made('cgi_t', 'page_t', 'dir', null, 'page_t')
  made('gone_t', 'page_t', 'dir', null, 'tmp_t')
  const textsOf = () => coverage.transitions().rules.filter(({ uses }) => uses.length > 0).map(({ text }) => text)
  expect(textsOf()).toEqual([
    'type_transition web_t log_t:file page_t; [ b ]:False', 'type_transition web_t page_t:file tmp_t index;',
  ])
  expect(coverage.transitions()).toMatchObject({ used: 2, rules: { length: 7 } })
  const hits = () => coveredLines(coverage, [moves]).map((one) => [one.line, one.hits])
  expect(hits()).toEqual([[1, 0], [2, 1], [3, 0], [4, 0], [5, 0], [5, 1]])
  made('web_t', 'page_t', 'file', 'other', 'log_t')
  made('cgi_t', 'page_t', 'file', 'index', 'log_t')
  made('web_t', 'web_t', 'process', null, 'cgi_t')
  expect(hits()).toEqual([[1, 2], [2, 1], [3, 0], [4, 1], [5, 0], [5, 1]])
})
