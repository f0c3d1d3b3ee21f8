/** The format of a file by its contents. */
import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import type { FormatName } from './formats/index.ts'

const parsed = (parse: (text: string) => unknown, text: string): Record<string, unknown> | null => {
  try {
    const value = parse(text)
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : null
  } catch {
    return null
  }
}

const ofJson = (value: Record<string, unknown>): FormatName | null => {
  if ('ociVersion' in value || 'linux' in value) return 'oci'
  if ('defaultAction' in value) return 'docker'
  if ('ruleset' in value || 'pathBeneath' in value || 'netPort' in value) return 'landlockconfig'
  if ('filesystem' in value || 'network' in value) return 'sandbox-runtime'
  return 'securityContext' in value ? 'k8s' : null
}

const TOML = /^\s*(?:abi\s*=|\[\[(?:ruleset|path_beneath|net_port|variable)\]\])/m

/** Null where nothing in it is of one format alone. */
export const formatOf = (text: string): FormatName | null => {
  const json = parsed(JSON.parse, text)
  if (json !== null) return ofJson(json)
  if (TOML.test(text) && parsed(parseToml, text) !== null) return 'landlockconfig-toml'
  if (/^\s*\[Service\]\s*$/m.test(text)) return 'systemd'
  if (/^\s*(?:abi <|profile\s|@\{|#?include\s|\/\S*[^{\n]*\{)/m.test(text) && text.includes('{')) return 'apparmor'
  if (/^\s*(?:\S*bwrap\b|--(?:ro-)?bind|--unshare)/m.test(text)) return 'bubblewrap'
  const yaml = parsed((one) => parseYaml(one, { logLevel: 'error' }) as unknown, text)
  return yaml !== null && 'securityContext' in yaml ? 'k8s' : null
}
