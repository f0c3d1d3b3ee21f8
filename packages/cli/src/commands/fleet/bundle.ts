/** `lsm fleet bundle …`: builds, signs, verifies and compares bundles. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  buildBundleOf, bundleChanges, compileBundle, FleetError, generateKeys, keyId, parsePublicKey, parseSecretKey,
  proveBundle, readBundle, signBundle, signerOf, thisHost, verifyBundle,
} from '@lsmkit/fleet'
import type { Bundle } from '@lsmkit/fleet'
import { CommandError } from '../../command-error.ts'
import { isFolder, reading, readHostFile, readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, tableWithin } from '../../output.ts'
import { writeFiles } from '../../output-files.ts'

interface JsonFlag {
  readonly json?: boolean
}

export interface BuildFlags extends JsonFlag {
  readonly out: string
  readonly epoch?: number
  readonly expires?: string
  readonly back?: readonly string[]
}

const put = (io: Io, name: string, bytes: Uint8Array | string, mode = 0o644): void =>
  writeFiles(io, [{ name, contents: bytes, mode }])

const bundleIn = (io: Io, file: string): Bundle => readBundle(readHostFile(io, file), file)

export const buildCommand = async (io: Io, folder: string, flags: BuildFlags): Promise<number> => {
  const { out, epoch, expires, back } = flags
  if (!isFolder(io, folder)) throw new CommandError('badInput', `there is no folder \`${folder}\``)
  const bytes = await buildBundleOf(resolve(io.cwd, folder), {
    ...(epoch === undefined ? {} : { epoch }), ...(expires === undefined ? {} : { expires }),
    ...(back === undefined ? {} : { back: back.map((file) => bundleIn(io, file).id) }),
  })
  put(io, out, bytes)
  const { id, manifest } = readBundle(bytes)
  if (flags.json === true) printJson(io, { id, size: bytes.length, parts: manifest.parts.length })
  else io.print(`${out}: ${counted(manifest.parts.length, 'part')}, ${bytes.length} bytes, ${id}`)
  return EXIT.ok
}

export const keygenCommand = async (io: Io, name: string, { json }: JsonFlag): Promise<number> => {
  const { id, secret, public: open } = await generateKeys()
  reading(`${name}.key`, () => writeFileSync(resolve(io.cwd, `${name}.key`), `${JSON.stringify(secret)}\n`, {
    mode: 0o600, flag: 'wx',
  }), 'written')
  put(io, `${name}.pub`, `${JSON.stringify(open)}\n`)
  if (json === true) printJson(io, { id, secret: `${name}.key`, public: `${name}.pub` })
  else io.print(`${id}: ${name}.key, ${name}.pub`)
  return EXIT.ok
}

export const signCommand = async (
  io: Io, file: string, { key, json }: JsonFlag & { readonly key: readonly string[] },
): Promise<number> => {
  let bytes = readHostFile(io, file)
  const keys = key.map((name) => parseSecretKey(readHostText(io, name), name))
  for (const one of keys) bytes = await signBundle(bytes, one)
  put(io, file, bytes)
  const ids = keys.map(keyId)
  if (json === true) printJson(io, { signed: ids })
  else io.print(`${file}: signed by ${ids.join(', ')}`)
  return EXIT.ok
}

export interface VerifyFlags extends JsonFlag {
  readonly key: readonly string[]
  readonly needed: number
  readonly tenant?: string
  readonly feature?: readonly string[]
}

/** A file that is not a bundle is bad input; a bundle that a host would refuse is a finding. */
export const verifyCommand = async (io: Io, file: string, flags: VerifyFlags): Promise<number> => {
  const bytes = readHostFile(io, file)
  readBundle(bytes, file)
  const keys = flags.key.map((name) => parsePublicKey(readHostText(io, name), name))
  try {
    const bundle = await verifyBundle(bytes, {
      trust: { keys, needed: flags.needed }, tenant: flags.tenant ?? null, highest: null,
      host: thisHost(flags.feature ?? []), now: Date.now(),
    })
    const proved = await proveBundle(bundle, await compileBundle(bundle))
    if (flags.json === true) printJson(io, { verified: true, id: bundle.id, ...proved })
    else {
      io.print(`${file}: verified; ${counted(proved.questions, 'question')} and ${
        counted(proved.scenarios, 'scenario')} pass`)
    }
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    const { code, place, summary, hint } = error
    if (flags.json === true) printJson(io, { verified: false, code, place, message: summary, hint })
    else io.print(`${file}: refused: ${String(error)}`)
    return EXIT.denied
  }
}

export const inspectCommand = (io: Io, file: string, { json }: JsonFlag): number => {
  const { id, manifest, signatures } = bundleIn(io, file)
  const signers = signatures.map((signature) => signerOf(signature) ?? '?')
  if (json === true) {
    printJson(io, { id, manifest, signers })
    return EXIT.ok
  }
  const { name, version, epoch, tenant, notBefore, expires, least, needs, back, keys, parts } = manifest
  const lines: readonly (readonly [string, string | null])[] = [
    ['bundle', `${name} ${version}`], ['id', id], ['epoch', String(epoch)], ['tenant', tenant],
    ['from', notBefore], ['until', expires],
    ['least', Object.keys(least).length === 0 ? null : JSON.stringify(least)],
    ['needs', Object.keys(needs).length === 0 ? null : JSON.stringify(needs)],
    ['back to', back.length === 0 ? null : back.join(', ')],
    ['new keys', keys === null ? null : keys.keys.map(keyId).join(', ')],
    ['signed by', signers.length === 0 ? 'no key' : signers.join(', ')],
  ]
  for (const line of tableWithin(lines.filter(([, value]) => value !== null) as [string, string][])) io.print(line)
  io.print('')
  for (const line of tableWithin(parts.map(({ path, kind, size }) => [path, kind, `${size} bytes`]))) io.print(line)
  return EXIT.ok
}

const MARKS = { more: '+', less: '-', other: '~' } as const

export const diffCommand = async (io: Io, before: string, after: string, { json }: JsonFlag): Promise<number> => {
  const changes = await bundleChanges(bundleIn(io, before), bundleIn(io, after))
  if (json === true) printJson(io, { same: changes.length === 0, changes })
  else {
    for (const { kind, effect, subject, words } of changes) io.print(`${MARKS[effect]} ${kind}: ${subject}: ${words}`)
  }
  return changes.length === 0 ? EXIT.ok : EXIT.denied
}
