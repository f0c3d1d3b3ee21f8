/** The policy that `--policy` names, tried out before a machine is booted on it. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { PolicyError } from '@lsmkit/selinux/policydb'
import { FileContexts, FileContextsError, SecurityServer } from '@lsmkit/selinux/server'
import xz from 'xz-decompress'
import type { Flags } from './flags.mjs'
import { selinuxPolicy } from './selinux-policy.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'

/** Ours unless another is named; a sentence when it cannot be had. */
export const readPolicy = async (
  { policy, fileContexts }: Pick<Flags, 'policy' | 'fileContexts'>,
): Promise<SelinuxPolicy | string> => {
  if (policy === null) return selinuxPolicy()
  try {
    const binary = await bytesOf(policy)
    new SecurityServer().load(binary)
    return selinuxPolicy(binary, fileContexts === null ? null : await contextsOf(fileContexts))
  } catch (error) {
    if (error instanceof PolicyError) return `\`${policy}\` is not a policy: ${error.message}`
    if (error instanceof FileContextsError) return `\`${fileContexts}\`: ${error.message}`
    return `cannot read the policy: ${(error as Error).message}`
  }
}

/** Most bytes of a policy. */
const MOST = 64 * 2 ** 20

/** Packed files are unpacked. Paths count from the folder the command was typed in. */
const bytesOf = async (path: string): Promise<Uint8Array> => {
  const bytes = new Uint8Array(await readFile(resolve(process.env.INIT_CWD ?? process.cwd(), path)))
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, { maxOutputLength: MOST })
  if (bytes[0] !== 0xfd || bytes[1] !== 0x37) return bytes
  const unpacked = new xz.XzReadableStream(new Blob([bytes]).stream())
  return new Uint8Array(await new Response(unpacked).arrayBuffer())
}

const textOf = async (path: string): Promise<string> => new TextDecoder().decode(await bytesOf(path))

/** With what lies beside it, packed or not, as a policy's package has it. */
const contextsOf = async (path: string): Promise<FileContexts> => {
  const plain = path.replace(/\.(gz|xz)$/, '')
  const beside = async (suffix: string): Promise<string | undefined> => {
    for (const packing of ['', '.gz', '.xz']) {
      const text = await textOf(`${plain}.${suffix}${packing}`).catch(() => undefined)
      if (text !== undefined) return text
    }
    return undefined
  }
  const [base, homedirs, local, subs, subsDist] = await Promise.all([
    textOf(path), beside('homedirs'), beside('local'), beside('subs'), beside('subs_dist'),
  ])
  return new FileContexts({ base, homedirs, local, subs, subsDist })
}
