/** A box with tools in it, and MCP servers that offer them. */
import { anObject, aString, checkOptions, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { bash } from '@lsmkit/just-bash'
import { createSandbox, hostFolder } from '@lsmkit/sandbox'
import type { Sandbox } from '@lsmkit/sandbox'
import { McpServer } from '@modelcontextprotocol/server'
import { checkConfig, hashOf } from './config.ts'
import type { Config } from './config.ts'
import { ToolGuard } from './tool-guard.ts'
import { registerTools } from './tools.ts'

/** Where the folder is mounted, and where tools begin. */
export const PROJECT = '/project'

/** Nothing is written, and nothing but the shell's commands is executed. */
export const defaultConfig: Config = { allow: { read: [PROJECT], exec: ['/bin'] } }

export interface OpenToolsOptions {
  /** A folder of the host, mounted at `/project`. It can be changed where `allow.write` lets it. */
  readonly folder: string
  /** As the policy file holds it. */
  readonly config?: Config
}

export interface Tools {
  readonly box: Sandbox
  readonly guard: ToolGuard
  readonly config: Config
  close(): Promise<void>
}

const rules: OptionRules<OpenToolsOptions> = { folder: required(aString), config: anObject }

/** Something below the project may be written: modules decide where `allow` is not given. */
const writes = ({ allow, modules = [] }: Config): boolean =>
  allow === undefined
    ? modules.length > 0
    : (allow.write ?? []).some((path) => path === '/' || path === PROJECT || path.startsWith(`${PROJECT}/`))

/** Opens a box. Throws OptionError and SandboxError for a config that is none. */
export const openTools = async (options: OpenToolsOptions): Promise<Tools> => {
  checkOptions(options, rules, 'openTools')
  const config = checkConfig(options.config ?? defaultConfig)
  const { tools: _tools, ...policy } = config
  const folder = hostFolder(options.folder, { writable: writes(config) })
  const box = await createSandbox({
    ...policy, inline: true, shell: bash(), mounts: { ...policy.mounts, [PROJECT]: folder },
  })
  return { box, config, guard: new ToolGuard(box, hashOf(config), PROJECT), close: () => box.close() }
}

/** A server of these tools; as many as there are connections. */
export const createServer = ({ box, guard, config }: Tools): McpServer => {
  const server = new McpServer({ name: 'lsmkit', version: VERSION })
  registerTools(server, guard, box, PROJECT, config.tools)
  return server
}

const VERSION = '0.1.0'
