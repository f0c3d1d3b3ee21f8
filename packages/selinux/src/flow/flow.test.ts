import { describe, expect, test } from 'vitest'
import { classMap } from '../class-map.ts'
import { compileCil } from '../cil/compile.ts'
import { kernelClassesCil } from '../kernel-classes-cil.ts'
import {
  defaultPermissionMap, DomainTransitions, InformationFlows, parsePermissionMap, PermissionMapError, permissionMapText,
} from './index.ts'

const policyOf = (text: string) => compileCil([{ name: 'classes.cil', text: kernelClassesCil() }, {
  name: 'test.cil', text: `(mls false) (user u) (role r) (userrole u r)
    (sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
    (userlevel u (s0)) (userrange u ((s0) (s0)))
    ${['kernel_t', 'web_t', 'cgi_t', 'log_t', 'mail_t', 'spool_t', 'secret_t', 'cgi_exec_t', 'web_exec_t']
      .map((type) => `(type ${type})`).join(' ')}
    (typeattribute domain) (typeattributeset domain (web_t cgi_t mail_t))
    (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r kernel_t ((s0) (s0)))) (roletype r domain)
    (roletype r kernel_t) ${text}`,
}]).policy

const policy = policyOf(`
  (boolean mail_logs false)
  (allow mail_t secret_t (file (read)))
  (allow mail_t spool_t (file (write)))
  (allow cgi_t spool_t (file (read getattr)))
  (allow cgi_t log_t (file (append)))
  (allow domain domain (process (signull)))
  (booleanif mail_logs (true (allow mail_t log_t (file (write)))))
  (allow web_t cgi_t (process (transition)))
  (allow web_t cgi_exec_t (file (execute))) (allow cgi_t cgi_exec_t (file (entrypoint)))
  (typetransition web_t cgi_exec_t process cgi_t)
  (allow cgi_t mail_t (process (dyntransition))) (allow cgi_t self (process (setcurrent)))
  (allow mail_t web_t (process (transition))) (allow mail_t self (process (setexec)))
  (allow mail_t web_exec_t (file (execute))) (allow web_t web_exec_t (file (entrypoint)))
  (allow cgi_t web_t (process (transition))) (allow cgi_t web_exec_t (file (execute)))
`)

describe('information flow', () => {
  test('goes over what is written and read again', () => {
    const flows = new InformationFlows(policy, { minWeight: 8 })
    expect([...flows.shortest('secret_t', 'log_t')]).toEqual([{ path: ['secret_t', 'mail_t', 'log_t'], weight: 10 }])
    expect([...flows.all('secret_t', 'log_t', 4)].map(({ path }) => path.join(' ')))
      .toEqual(['secret_t mail_t log_t', 'secret_t mail_t spool_t cgi_t log_t'])
    expect(flows.rulesOf('spool_t', 'cgi_t')).toEqual(['allow cgi_t spool_t:file { getattr read };'])
  })

  test('booleans put rules in force', () => {
    const path = (booleans: Record<string, boolean>) =>
      [...new InformationFlows(policy, { minWeight: 8, booleans }).shortest('secret_t', 'log_t')][0]?.path.length
    expect(path({})).toBe(5)
    expect(path({ mail_logs: true })).toBe(3)
  })

  test('small weights count when they are asked for', () => {
    expect([...new InformationFlows(policy).shortest('web_t', 'mail_t')])
      .toEqual([{ path: ['web_t', 'mail_t'], weight: 3 }])
    expect([...new InformationFlows(policy, { minWeight: 4 }).shortest('web_t', 'mail_t')])
      .toEqual([{ path: ['web_t', 'cgi_t', 'mail_t'], weight: 7 }])
    expect([...new InformationFlows(policy, { minWeight: 8 }).shortest('web_t', 'mail_t')]).toEqual([])
  })

  test('nothing flows through what is left out; an attribute stands for its types', () => {
    const without = new InformationFlows(policy, { minWeight: 8, exclude: ['mail_t'] })
    expect([...without.shortest('secret_t', 'log_t')]).toEqual([])
    const flows = new InformationFlows(policy, { minWeight: 8 })
    expect(flows.first('secret_t', 'log_t', { exclude: ['mail_t'] })).toBe(null)
    expect(flows.first('spool_t', 'log_t', { steps: 1 })).toBe(null)
    expect(flows.first('web_t', 'mail_t', { minWeight: 3 })).toEqual({ path: ['web_t', 'mail_t'], weight: 3 })
    expect([...flows.shortest('domain', 'log_t')].map(({ path }) => path[0]))
      .toEqual(['cgi_t', 'mail_t'])
  })

  test('names and options are checked', () => {
    const flows = new InformationFlows(policy)
    const hint: unknown = expect.stringContaining('secret_t')
    expect(() => [...flows.shortest('secrt_t', 'log_t')]).toThrow(expect.objectContaining({ hint }))
    expect(() => new InformationFlows(policy, { booleans: { mail_log: true } })).toThrow('no boolean')
    expect(() => new InformationFlows(policy, { minWeight: 11 })).toThrow('from 1 to 10')
  })
})

describe('domain transitions', () => {
  const domains = new DomainTransitions(policy)

  test('by exec through a program, with type_transition or setexec, and dynamically', () => {
    expect([...domains.from('web_t')])
      .toEqual([{ source: 'web_t', target: 'cgi_t', entrypoints: ['cgi_exec_t'], dynamic: false }])
    expect([...domains.from('cgi_t')])
      .toEqual([{ source: 'cgi_t', target: 'mail_t', entrypoints: [], dynamic: true }])
    expect([...domains.to('web_t')])
      .toEqual([{ source: 'mail_t', target: 'web_t', entrypoints: ['web_exec_t'], dynamic: false }])
  })

  test('chains of them', () => {
    const chains = Array.from(domains.shortest('web_t', 'mail_t'), (chain) => chain.map(({ target }) => target))
    expect(chains).toEqual([['cgi_t', 'mail_t']])
    expect([...new DomainTransitions(policy, { exclude: ['cgi_exec_t'] }).shortest('web_t', 'mail_t')]).toEqual([])
    expect([...domains.all('web_t', 'mail_t', 1)]).toEqual([])
  })
})

describe('permission maps', () => {
  test('ours says something of every permission of the kernel, and is read back', () => {
    const map = defaultPermissionMap()
    const missing = Object.entries(classMap).flatMap(([tclass, permissions]) =>
      permissions.filter((name) => !map.get(tclass)!.has(name)).map((name) => `${tclass}:${name}`))
    expect(missing).toEqual([])
    expect(parsePermissionMap(permissionMapText(map))).toEqual(map)
  })

  test('what a map does not know is told', () => {
    const map = parsePermissionMap('1\nclass file 2\n read r 10\n write w\n')
    expect(map.get('file')!.get('write')).toEqual({ direction: 'w', weight: 10 })
    expect(new InformationFlows(policy, { map }).unmapped()).toContain('file:append')
  })

  test.each(['', 'many', '1\nfile 1', '1\nclass file 0', '1\nclass file 1\nread x 3', '1\nclass file 1\nread r 11',
    '1\nclass file 2\nread r 1', '1\nclass file 1\nread r 1\nclass dir 1\nread r 1'])('%j is not a map', (text) => {
    expect(() => parsePermissionMap(text)).toThrow(PermissionMapError)
  })
})
