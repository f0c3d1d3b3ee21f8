/** Bundles from a folder, or from files in memory: the same files give the same bytes, on every machine. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FleetError, reasonOf } from '../fleet-error.ts'
import { bundleBytes, sha256 } from './container.ts'
import { checkPartialSettings, checkSettings, manifestBytes, MOST_BUNDLE, MOST_PARTS } from './manifest.ts'
import type { BundleSettings, PartEntry } from './manifest.ts'
import { kindOfPath, partPaths } from './part-kinds.ts'

const SETTINGS = 'bundle.json'

const entryOf = (path: string, bytes: Uint8Array): PartEntry => {
  const kind = kindOfPath(path)
  if (kind !== null && path.length <= 200) return { path, kind, size: bytes.length, sha256: sha256(bytes) }
  throw new FleetError('bad-bundle', `\`${path}\` is not a part of a bundle`, {
    place: path, hint: partPaths.map(([, , words]) => words).join(', '),
  })
}

/** A text is UTF-8. */
export type PartSource = Uint8Array | string

const bytesOf = (part: PartSource, path: string): Uint8Array => {
  if (typeof part === 'string') return new TextEncoder().encode(part)
  if (part instanceof Uint8Array) return part
  throw new FleetError('bad-bundle', 'a part is bytes or a text', { place: path })
}

/** An unsigned bundle. Throws OptionError, and FleetError `bad-bundle` and `too-large`. */
export const buildBundle = (
  settings: BundleSettings, files: ReadonlyMap<string, PartSource> | Readonly<Record<string, PartSource>>,
): Uint8Array => {
  const checked = checkSettings(settings, 'buildBundle')
  const given: Iterable<[string, PartSource]> = files instanceof Map ? files : Object.entries(files)
  const list = [...given].map(([path, part]): [string, Uint8Array] => [path, bytesOf(part, path)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  if (list.length > MOST_PARTS) {
    throw new FleetError('too-large', `${list.length} parts, and at most ${MOST_PARTS} may be`)
  }
  const parts = list.map(([path, bytes]) => entryOf(path, bytes))
  const bytes = bundleBytes(manifestBytes(checked, parts), [], list.map(([, part]) => part))
  if (bytes.length > MOST_BUNDLE) {
    throw new FleetError('too-large', `the bundle has ${bytes.length} bytes, and at most ${MOST_BUNDLE} may be`)
  }
  return bytes
}

/** Files below a folder, without those whose names begin with a dot. A link is refused: it may lead anywhere. */
const filesBelow = async (folder: string, below = ''): Promise<Map<string, Uint8Array>> => {
  const files = new Map<string, Uint8Array>()
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) for (const [name, bytes] of await filesBelow(folder, path)) files.set(name, bytes)
    else if (entry.isFile()) files.set(path, new Uint8Array(await readFile(join(folder, path))))
    else throw new FleetError('bad-bundle', `\`${path}\` is neither a file nor a directory`, { place: folder })
    if (files.size > MOST_PARTS + 1) {
      throw new FleetError('too-large', `more than ${MOST_PARTS} files`, { place: folder })
    }
  }
  return files
}

/** A folder with `bundle.json`, and parts by their paths. Settings of yours come before those of the file. */
export const buildBundleOf = async (folder: string, settings: Partial<BundleSettings> = {}): Promise<Uint8Array> => {
  const own = checkPartialSettings(settings, 'buildBundleOf')
  let files: Map<string, Uint8Array>
  try {
    files = await filesBelow(folder)
  } catch (error) {
    if (error instanceof FleetError) throw error
    throw new FleetError('not-there', `\`${folder}\` cannot be read: ${reasonOf(error)}`, { cause: error })
  }
  const text = files.get(SETTINGS)
  if (text === undefined) {
    throw new FleetError('bad-bundle', `\`${folder}\` has no ${SETTINGS}`, {
      hint: '{ "name": "web", "version": "1", "epoch": 1 }',
    })
  }
  files.delete(SETTINGS)
  return buildBundle(settingsIn(text, own), files)
}

const settingsIn = (text: Uint8Array, own: Partial<BundleSettings>): BundleSettings => {
  try {
    const given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)) as BundleSettings
    return checkSettings({ ...given, ...own }, SETTINGS)
  } catch (error) {
    throw new FleetError('bad-bundle', reasonOf(error), { place: SETTINGS, cause: error })
  }
}
