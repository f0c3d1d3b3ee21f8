/** `--mount HOST:GUEST[:ro]`: a folder of the host, read-only in the kernel's tree. */
import { resolve } from 'node:path'
import type { BootMount } from '@lsmkit/kernel'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { CommandError } from '../command-error.ts'

/** Throws a usage error for a text of another shape, and for a folder that cannot be opened. */
export const parseMount = (text: string, index: number, cwd: string): BootMount => {
  const { host, target } = split(text)
  const path = resolve(cwd, host)
  try {
    return { type: hostfs({ path, type: index === 0 ? 'hostfs' : `hostfs${index}` }), target, source: host }
  } catch (error) {
    throw new CommandError('badInput', `\`${path}\` cannot be mounted: ${(error as Error).message}`)
  }
}

const split = (text: string): { host: string; target: string } => {
  const [, host, target, mode] = /^(.+?):(\/[^:]*)(?::([^:]*))?$/.exec(text) ?? []
  if (host === undefined || target === undefined) {
    const hint = 'HOST:GUEST:ro, with GUEST from the root: --mount ./data:/data:ro'
    throw new CommandError('usage', `\`${text}\` is no mount`, hint)
  }
  if (mode !== undefined && mode !== 'ro') {
    const message = `a folder of the host is mounted read-only, not \`${mode}\``
    throw new CommandError('usage', message, `${host}:${target}:ro`)
  }
  return { host, target }
}
