/** The policy of `policy/`, compiled. */
import { readdirSync, readFileSync } from 'node:fs'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { compileCil } from '@lsmkit/selinux/cil'

const folder = new URL('../policy/', import.meta.url)

const sources = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cil'))
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

/** Throws CilError, with file and line, for what does not compile; `more` is put behind the policy. */
export const compilePolicy = (more = '') => {
  const files = [{ name: 'classes.cil', text: kernelClassesCil() }, ...sources(), { name: 'more.cil', text: more }]
  return compileCil(files, { version: 33 }).policy
}
