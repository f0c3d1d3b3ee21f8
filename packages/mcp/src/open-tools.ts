/** A box with a folder of the host and tools in it. */
import { anObject, aString, optionsOf, required } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'
import { bash } from '@lsmkit/just-bash'
import { createSandbox, hostFolder, networkRules } from '@lsmkit/sandbox'
import type { Network, Policy, Sandbox } from '@lsmkit/sandbox'
import { checkConfig, hashOf } from './config.ts'
import type { Config } from './config.ts'
import { INLINE, Outputs } from './outputs.ts'
import { PROJECT } from './project.ts'
import { Prompts } from './prompts.ts'
import { Resources } from './resources.ts'
import { ToolGuard } from './tool-guard.ts'
import type { Offer, ToolHost } from './tool-host.ts'
import { callsOf, mostOf } from './tools.ts'

/** Nothing is written, and only the shell's commands are executed. */
export const defaultConfig: Config = { allow: { read: [PROJECT], exec: ['/bin'] } }

/** Where the policy says nothing else: calls that never end would keep others waiting. */
export const defaultLimits = {
  time: 30_000, memory: '256 MiB', output: '4 MiB',
} as const satisfies NonNullable<Policy['limits']>

export interface OpenToolsOptions {
  /** A folder of the host, mounted at `/project`. It can be changed where `allow.write` lets it. */
  readonly folder: string
  /** As the policy file holds it. */
  readonly config?: Config
  /** Functions of yours that look names up and open connections. */
  readonly network?: Network
}

export interface Tools extends Offer {
  readonly box: Sandbox
  readonly guard: ToolGuard
  close(): Promise<void>
}

const shape: OptionShape<OpenToolsOptions> = {
  takes: { folder: required(aString), config: anObject, network: optionsOf(networkRules) },
}

/** Something below the project may be written: modules decide where `allow` is not given. */
const writes = ({ allow, modules = [] }: Config): boolean =>
  allow === undefined
    ? modules.length > 0
    : (allow.write ?? []).some((path) => path === '/' || path === PROJECT || path.startsWith(`${PROJECT}/`))

/** Opens a box. Throws OptionError and SandboxError for an invalid config. */
export const openTools = async (options: OpenToolsOptions): Promise<Tools> => {
  const { folder: path, config: given = defaultConfig, network = {} } = plainOptions(options, shape, 'openTools')
  const config = checkConfig(given)
  const { tools, resources: reader = {}, prompts: promptFolder = null, ...policy } = config
  const folder = hostFolder(path, { writable: writes(config) })
  const box = await createSandbox({
    ...policy, limits: { ...defaultLimits, ...policy.limits }, inline: true, programs: 'threads',
    shell: bash(), network,
    mounts: { ...policy.mounts, [PROJECT]: folder },
  })
  const guard = new ToolGuard(box, hashOf(config), PROJECT)
  const outputs = new Outputs(reader === false ? Infinity : INLINE)
  const resources = new Resources(guard, outputs, PROJECT, reader === false ? {} : reader, mostOf(box))
  const prompts = new Prompts(guard, promptFolder)
  const host: ToolHost = {
    call: callsOf(guard, box, PROJECT, outputs, tools),
    resources: (cursor, context) => resources.list(cursor, context),
    read: (uri, context) => resources.read(uri, context),
    prompts: (context) => prompts.list(context),
    prompt: (name, args, context) => prompts.get(name, args, context),
  }
  return { box, config, guard, host, close: () => box.close() }
}
