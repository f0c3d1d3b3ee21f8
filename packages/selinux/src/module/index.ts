/** `@lsmkit/selinux/module`: policy modules (.pp) to CIL. */
import { packageTextsToCil } from './context-lines.ts'
import { readPackage } from './package.ts'
import { readModule } from './read-module.ts'
import { moduleToCil } from './to-cil.ts'

export { isModule } from './package.ts'

/** A policy package, or a module alone, as CIL. `lms` marks name no line: a package has none. Throws PolicyError. */
export const packageToCil = (bytes: Uint8Array): { readonly name: string; readonly text: string } => {
  const found = readPackage(bytes)
  const module = readModule(found.module)
  return { name: module.name, text: `${[moduleToCil(module).trimEnd(), ...packageTextsToCil(found)].join('\n')}\n` }
}
