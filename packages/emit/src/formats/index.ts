/** The formats by their names. */
import type { Format } from '../format.ts'
import { apparmor } from './apparmor.ts'
import { bubblewrap } from './bubblewrap.ts'
import { docker } from './docker.ts'
import { kubernetes } from './kubernetes.ts'
import { landlockJson, landlockToml } from './landlockconfig.ts'
import { oci } from './oci.ts'
import { sandboxRuntime } from './sandbox-runtime.ts'
import { systemd } from './systemd.ts'

export const formats = {
  landlockconfig: landlockJson,
  'landlockconfig-toml': landlockToml,
  'sandbox-runtime': sandboxRuntime,
  oci, docker, systemd, bubblewrap, apparmor,
  k8s: kubernetes,
} as const satisfies Readonly<Record<string, Format>>

export type FormatName = keyof typeof formats
export const formatNames = Object.keys(formats) as FormatName[]
