/** Types of its own for what a domain makes: the log of a first run, its module, and the answers of its policy. */
import { expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { writePolicy } from '../policydb/index.ts'
import { TeRules } from '../query/index.ts'
import { FileContexts, SecurityServer } from '../server/index.ts'
import { learnDomain, readDenials } from './index.ts'

const base = `(mls false) (class process (transition sigchld)) (class filesystem (associate)) (class fd (use))
(class file (create write open read getattr execute map entrypoint append unlink)) (class fifo_file (read write))
(class dir (add_name remove_name write search create)) (class sock_file (create))
(classorder (process filesystem fd file fifo_file dir sock_file)) (sid kernel) (sidorder (kernel))
(type init_t) (type tmp_t) (type var_log_t) (type var_run_t) (type fs_t) (typeattribute file_type)
(typeattributeset file_type (tmp_t var_log_t var_run_t)) (allow file_type fs_t (filesystem (associate)))
(role r) (role object_r) (roletype r init_t) (roletype object_r file_type) (roletype object_r fs_t)
(user u) (userrole u r) (userrole u object_r) (category c0) (categoryorder (c0))
(sensitivity s0) (sensitivityorder (s0))
(sensitivitycategory s0 (c0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u r init_t ((s0) (s0))))
`
const policy = new TeRules(compileCil([{ name: 'base.cil', text: base }]).policy)

const denial = (permissions: string, rest: string, target: string, tclass: string): string =>
  `avc:  denied  { ${permissions} } for  pid=7 comm="web" ${rest} scontext=u:r:init_t tcontext=u:object_r:${target} ` +
    `tclass=${tclass}`

const log = [
  denial('add_name', 'name="web.x1"', 'tmp_t', 'dir'), denial('create', 'name="web.x1"', 'tmp_t', 'file'),
  denial('write open', 'path="/tmp/web.x1"', 'tmp_t', 'file'), denial('read', 'path="/tmp/theirs"', 'tmp_t', 'file'),
  denial('create', 'name="web"', 'var_log_t', 'dir'), denial('create', 'name="access"', 'var_log_t', 'file'),
  denial('append', 'path="/var/log/web/access"', 'var_log_t', 'file'),
  denial('create', 'name="web.sock"', 'var_run_t', 'sock_file'),
  denial('create', 'name=226120220A7829', 'var_run_t', 'file'),
].join('\n')

const learned = learnDomain(readDenials(log), { name: 'web', program: '/usr/bin/web', policy, from: 'init_t' })

test('what is made in a shared place has a type of its own, and what others made has not', () => {
  expect(learned.types).toEqual(['web_t', 'web_exec_t', 'web_tmp_t', 'web_log_t', 'web_runtime_t'])
  const rules = learned.rules.map(({ target, tclass, permissions }) =>
    `${target}:${tclass} ${permissions.join(' ')}`)
  expect(rules).toEqual([
    'tmp_t:dir add_name', 'tmp_t:file read', 'web_log_t:dir create', 'web_log_t:file append create',
    'web_runtime_t:file create', 'web_runtime_t:sock_file create', 'web_tmp_t:file create open write',
  ])
})

test('a policy with the module labels new files, lets them be on the file system, and refuses one step more', () => {
  const { policy: db, fileContexts } = compileCil([
    { name: 'base.cil', text: base }, { name: 'web.cil', text: learned.cil },
  ])
  const server = new SecurityServer({ mode: 'libsepol' })
  server.load(writePolicy(db))
  const sid = (type: string, role = 'object_r'): number => server.contextToSid(`u:${role}:${type}`)
  const view = new TeRules(db)
  const made = (parent: string, tclass: string): string | number =>
    server.sidToContext(server.transitionSidUser(sid('web_t', 'r'), sid(parent), view.view.tclass(tclass)))
  expect([made('tmp_t', 'file'), made('var_log_t', 'dir'), made('web_log_t', 'file'), made('tmp_t', 'dir')])
    .toEqual(['u:object_r:web_tmp_t', 'u:object_r:web_log_t', 'u:object_r:web_log_t', 'u:object_r:tmp_t'])
  const allows = (source: string, target: string, tclass: string, permission: string): boolean =>
    [...view.search({ kinds: ['allow'], source, target, classes: [tclass], permissions: [permission] })].length > 0
  expect(['web_tmp_t', 'web_log_t', 'web_runtime_t'].map((type) => allows(type, 'fs_t', 'filesystem', 'associate')))
    .toEqual([true, true, true])
  expect(allows('web_t', 'web_tmp_t', 'file', 'write')).toBe(true)
  expect([allows('web_t', 'tmp_t', 'file', 'write'), allows('web_t', 'web_tmp_t', 'file', 'unlink')])
    .toEqual([false, false])
  const labels = new FileContexts({ base: fileContexts })
  expect(['/var/log/web/access', '/run/web.sock', '/tmp/web.x1'].map((path) => labels.lookup(path, 0)))
    .toEqual(['u:object_r:web_log_t', 'u:object_r:web_runtime_t', null])
  expect(fileContexts).not.toContain('x)')
})
