/** The setup column of the recorded cases, in its own words: what is handled, and what is granted where. */
import { ownValue } from '@lsmkit/abi'
import * as abi from '@lsmkit/abi'
import { aLayer } from './world.ts'
import type { Layer } from './world.ts'

const named = abi as unknown as Readonly<Record<string, number | undefined>>

const scopes: Readonly<Record<string, number>> = {
  SIGNAL: abi.LANDLOCK_SCOPE_SIGNAL, ABSTRACT_UNIX_SOCKET: abi.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
}

/** The sixteen rights of 6.12. */
const EVERYTHING = 0xffff

/** `REFER+MAKE_REG`: a mask of rights of the file system, of the network, or null for other words. */
export const rightsOf = (words: string): { readonly fs: number; readonly net: number } | null => {
  if (words === 'everything') return { fs: EVERYTHING, net: 0 }
  let [fs, net] = [0, 0]
  for (const word of words.split('+')) {
    const file = named[`LANDLOCK_ACCESS_FS_${word}`]
    const port = named[`LANDLOCK_ACCESS_NET_${word}`]
    if (file === undefined && port === undefined) return null
    fs |= file ?? 0
    net |= port ?? 0
  }
  return { fs, net }
}

const place = (word: string): string => (word === 'top' ? '.' : word)

/** One clause: `handled READ_FILE`, `READ_FILE on a`, `BIND_TCP port 0`, `scoped SIGNAL`. False for any other. */
const clause = (layer: Layer, text: string): boolean => {
  if (text === 'no rules' || text === '') return true
  const scoped = /^(?:handled )?scoped ([A-Z_+]+)$/.exec(text)
  if (scoped !== null) {
    for (const word of scoped[1]!.split('+')) layer.scoped |= ownValue(scopes, word) ?? 0
    return true
  }
  const handled = /^(?:handled |ruleset handles |handles )?([A-Z_+]+|everything)(?: handled)?(?: only)?$/.exec(text)
  if (handled !== null) {
    const rights = rightsOf(handled[1]!)
    if (rights === null) return false
    layer.fs |= rights.fs
    layer.net |= rights.net
    return true
  }
  const rule = /^([A-Z_+]+|everything) on ([\w/]+)(?: only)?$/.exec(text)
  if (rule !== null) {
    const rights = rightsOf(rule[1]!)
    if (rights === null) return false
    layer.fs |= rights.fs
    layer.paths.push({ access: rights.fs, path: place(rule[2]!) })
    return true
  }
  const port = /^([A-Z_+]+) (?:on )?port (\d+)$/.exec(text)
  if (port === null) return false
  const rights = rightsOf(port[1]!)
  if (rights === null) return false
  layer.net |= rights.net
  layer.ports.push({ access: rights.net, port: Number(port[2]) })
  return true
}

/** The layers in their order, and the clauses that are something else. */
export const readSetup = (text: string): { readonly layers: readonly Layer[]; readonly other: readonly string[] } => {
  const layers: Layer[] = []
  const other: string[] = []
  const numbered = new Map<string, Layer>()
  const last = (): Layer => layers.at(-1) ?? (layers[layers.length] = aLayer())
  for (const part of text === '-' ? [] : text.replace(/ \([^)]*\)/g, '').split(/[,;] /)) {
    const layered = /^layer ?(\d):? (.*)$/.exec(part)
    let layer: Layer | null = null
    if (layered !== null) {
      layer = numbered.get(layered[1]!) ?? null
      if (layer === null) numbered.set(layered[1]!, (layer = layers[layers.length] = aLayer()))
    }
    const probe = aLayer()
    const said = layered?.[2] ?? part
    if (clause(probe, said)) clause(layer ?? last(), said)
    else other.push(part)
  }
  return { layers, other }
}
