/** The modules of a bundle's scenarios, each with the bundle's own policy: loaded when the bundle has one for them. */
import type { Lsm, Stack } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import type { LsmFactories } from '@lsmkit/testkit/scenario'
import { FleetError } from '../fleet-error.ts'
import type { Compiled } from './compiled-bundle.ts'
import type { CompiledKinds } from './kinds.ts'

type Made = Lsm | { readonly lsm: Lsm, readonly start: (stack: Stack) => void }
type Make = () => Made

type ModuleName = Exclude<keyof CompiledKinds, 'sandbox' | 'landlock'>

const loaders: { readonly [K in ModuleName]: (policy: CompiledKinds[K]) => Promise<Make> } = {
  selinux: async ({ binary }) => {
    const { selinux } = await import('@lsmkit/selinux')
    return () => selinux({ policy: binary })
  },
  smack: async ({ texts }) => {
    const { smack } = await import('@lsmkit/smack')
    return () => smack({ load: texts.join('\n') })
  },
  apparmor: async ({ binary }) => {
    const [{ apparmor }, { PolicyStore }] =
      await Promise.all([import('@lsmkit/apparmor'), import('@lsmkit/apparmor/query')])
    return () => {
      const policy = new PolicyStore()
      const rc = policy.load(binary, false)
      if (rc !== 0) throw new FleetError('bad-policy', `the profiles cannot be loaded: ${rc}`, { place: 'apparmor' })
      return apparmor({ policy })
    }
  },
  bpf: async ({ files }) => {
    const { bpf } = await import('@lsmkit/bpf')
    return () => {
      const lsm = bpf()
      return { lsm, start: (stack) => {
        for (const bytes of files.values()) lsm.load(stack, bytes).attachAll()
      } }
    }
  },
}

/** Options of a module would be another policy than the one that is proved. */
const plain = (name: string, make: Make) => (options: object = {}): Made => {
  checkOptions(options, {}, `scenario: options: ${name}`)
  return make()
}

const makerOf = async <K extends ModuleName>(name: K, policy: CompiledKinds[K] | undefined): Promise<Make> => {
  if (policy !== undefined) return loaders[name](policy)
  return () => {
    throw new FleetError('scenario-failed', `the scenario has \`${name}\`, and the bundle has no policy for it`)
  }
}

export const factoriesOf = async (compiled: Compiled): Promise<LsmFactories> => {
  const [{ capability }, { landlock }] = await Promise.all([import('@lsmkit/capability'), import('@lsmkit/landlock')])
  const factories: Record<string, (options?: object) => Made> = {
    capability: plain('capability', () => capability()), landlock: plain('landlock', () => landlock()),
  }
  for (const name of Object.keys(loaders) as ModuleName[]) {
    factories[name] = plain(name, await makerOf(name, compiled[name] as never))
  }
  return factories
}
