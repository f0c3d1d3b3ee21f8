/** The policy of `policy/`, compiled, and what it answers. */
import { readdirSync, readFileSync } from 'node:fs'
import { kernelClassesCil } from '@lsmkit/selinux'
import { compileCil } from '@lsmkit/selinux/cil'
import { readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import { explainAccess, TeRules } from '@lsmkit/selinux/query'
import type { PermissionAnswer } from '@lsmkit/selinux/query'
import { SecurityServer } from '@lsmkit/selinux/server'

const folder = new URL('../policy/', import.meta.url)

const sources = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cil'))
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

/** Throws CilError, with file and line, for what does not compile; `more` is put behind the policy. */
export const compilePolicy = (more = ''): Uint8Array => {
  const files = [{ name: 'classes.cil', text: kernelClassesCil() }, ...sources(), { name: 'more.cil', text: more }]
  return writePolicy(compileCil(files, { version: 33 }).policy)
}

/** Answers by type: `access('app_t', 'app_conf_t', 'file', 'read')` tells yes or no, and by which rules or why not. */
export const openPolicy = (bytes = compilePolicy()) => {
  const server = new SecurityServer()
  server.load(bytes)
  const rules = new TeRules(readPolicy(bytes))
  const access = (source: string, target: string, tclass: string, permission: string): PermissionAnswer =>
    explainAccess(server, rules, `u:r:${source}`, `u:object_r:${target}`, tclass, [permission]).permissions[0]!
  return { access, setBooleans: (booleans: Record<string, boolean>) => server.setBooleans(booleans) }
}
