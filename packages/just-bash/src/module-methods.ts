/**
 * Bun has accessors where Node has methods of `node:module`, and just-bash's defense in depth refuses to start where it
 * cannot replace them. Here they become methods, as it expects. On Bun that guards callers of the method alone: Bun's
 * own `import` and `require` do not ask it.
 */
interface Scope {
  readonly process?: { readonly getBuiltinModule?: (name: string) => { readonly Module?: object } | undefined }
}

const METHODS = ['_resolveFilename', '_load'] as const

/** Call it before a shell of just-bash is made in this thread. It does nothing on Node. */
export const methodsOfModule = (scope: Scope = globalThis as Scope): void => {
  const module = scope.process?.getBuiltinModule?.('node:module')?.Module
  if (module === undefined) return
  for (const name of METHODS) {
    const property = Object.getOwnPropertyDescriptor(module, name)
    if (property?.get === undefined || property.configurable !== true) continue
    const value: unknown = Reflect.get(module, name)
    Object.defineProperty(module, name, { value, writable: true, enumerable: true, configurable: true })
  }
}
