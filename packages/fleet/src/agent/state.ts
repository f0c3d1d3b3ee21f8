/** The folder of an agent: the last known good bundles, its keys, and the highest epoch that it has had. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  aString, checkOptions, listOf, oneOf, optionsOf, orNull, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { aTrust, pinOf } from '../bundle/keys.ts'
import type { Trust } from '../bundle/keys.ts'
import type { Highest } from '../bundle/verify.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'
import { codeOf, orNull as orMissing, randomName, syncFolder } from '../store/folder/disk.ts'

const FILE = 'state.json'

export interface AgentState {
  readonly format: 1
  readonly host: string
  /** Digest of the keys that the options named: others than those begin anew with the options' keys. */
  readonly pinned: string
  /** The keys that are trusted now. */
  readonly trust: Trust
  readonly highest: Highest | null
  /** Digests of files. */
  readonly enforced: string | null
  readonly permissive: string | null
}

const highestRules: OptionRules<Highest> = {
  epoch: required(wholeNumber(1)), id: required(aString), back: required(listOf(aString)),
}
const stateRules: OptionRules<AgentState> = {
  format: required(oneOf(1)), host: required(aString), pinned: required(aString), trust: required(aTrust),
  highest: required(orNull(optionsOf(highestRules))), enforced: required(orNull(aString)),
  permissive: required(orNull(aString)),
}

export const freshState = (host: string, trust: Trust): AgentState => ({
  format: 1, host, pinned: pinOf(trust), trust, highest: null, enforced: null, permissive: null,
})

/** The folder of one agent. */
export class StateFolder {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Throws FleetError `damaged` for a state that cannot be read: an epoch that was lost must not begin anew. */
  async read(host: string, trust: Trust): Promise<AgentState> {
    await mkdir(join(this.#path, 'bundles'), { recursive: true, mode: 0o700 })
    const text = await orMissing(readFile(join(this.#path, FILE), 'utf8'))
    if (text === null) return freshState(host, trust)
    const state = this.#parsed(text)
    if (state.host !== host) {
      throw new FleetError('damaged', `the folder is of the host \`${state.host}\``, { place: this.#path })
    }
    // whoever manages the host has named other keys
    return state.pinned === pinOf(trust) ? state : { ...state, pinned: pinOf(trust), trust }
  }

  #parsed(text: string): AgentState {
    try {
      const given: unknown = JSON.parse(text)
      checkOptions(given, stateRules, FILE)
      return given as AgentState
    } catch (error) {
      throw new FleetError('damaged', `the state of the agent cannot be read: ${reasonOf(error)}`, {
        place: join(this.#path, FILE), hint: 'take the folder away, and the host begins anew', cause: error,
      })
    }
  }

  /** Makes a file on the disk; the answer gives it its name, which needs no more room. */
  async #stage(name: string, bytes: Uint8Array | string): Promise<() => Promise<void>> {
    const draft = join(this.#path, `draft-${process.pid}-${randomName()}`)
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    return async () => {
      await rename(draft, join(this.#path, name))
      await syncFolder(join(this.#path, name, '..'))
    }
  }

  /**
   * Writes a state and its bundle, so that nothing is left that may fail for want of room. The answer makes it the
   * state of the host.
   */
  async stage(state: AgentState, digest: string, bytes: Uint8Array): Promise<() => Promise<void>> {
    const name = await this.#stage(join('bundles', digest), bytes)
    await name()
    const commit = await this.#stage(FILE, JSON.stringify(state))
    return async () => {
      await commit()
      await this.#clear(new Set([state.enforced, state.permissive]))
    }
  }

  /** Null where it is not there. */
  async bundle(digest: string): Promise<Uint8Array | null> {
    return orMissing(readFile(join(this.#path, 'bundles', digest)))
  }

  /** Bundles that are of no use any more, and drafts of an agent that was killed. */
  async #clear(used: ReadonlySet<string | null>): Promise<void> {
    const bundles = join(this.#path, 'bundles')
    const old = [
      ...(await readdir(bundles)).filter((name) => !used.has(name)).map((name) => join(bundles, name)),
      ...(await readdir(this.#path)).filter((name) => name.startsWith('draft-')).map((name) => join(this.#path, name)),
    ]
    for (const path of old) {
      await rm(path, { force: true }).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error
      })
    }
  }
}
