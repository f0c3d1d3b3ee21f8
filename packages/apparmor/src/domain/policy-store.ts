/** All that is loaded: the root namespace, the switches that hold for everybody, and numbers given out. */
import { aFunction, checkOptions, instanceOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { loadPolicy } from './load.ts'
import { Namespace } from './objects.ts'
import type { ProfileMode } from '../policydb/policy.ts'
import type { LoadContext, PolicyRecord } from './policy-record.ts'
import { removePolicy } from './remove.ts'

/** Values of the module parameter `audit` (audit_mode_names). */
export const auditModes = ['normal', 'quiet_denied', 'quiet', 'noquiet', 'all'] as const
export type AuditMode = (typeof auditModes)[number]

export interface ChangeOptions {
  /** The namespace whose files the change is written to; the root unless given. */
  readonly namespace?: Namespace
  /** Called with each record that a kernel would log. */
  readonly record?: (record: PolicyRecord) => void
}

const rules: OptionRules<ChangeOptions> = { namespace: instanceOf(Namespace), record: aFunction }

export class PolicyStore {
  readonly root = new Namespace('root', null)
  /** Parameter `mode`: holds beside the mode of each profile. */
  mode: ProfileMode = 'enforce'
  /** Parameter `audit`: where it is not normal, it holds for every profile. */
  audit: AuditMode = 'normal'
  /** Parameter `hash_policy`: profiles and streams have checksums. */
  hashPolicy = true
  /** Parameter `export_binary`: what was written is kept, and can be read back. */
  exportBinary = true

  /** Loads the profiles of a binary, with `replace` in place of those there are. 0, or -errno and nothing is loaded. */
  load(bytes: Uint8Array, replace: boolean, options: ChangeOptions = {}): number {
    checkOptions(options, rules, 'load')
    return loadPolicy(bytes, replace, this.#context(options))
  }

  /** Removes `profile`, `:namespace:profile`, or a namespace with all in it: `:namespace:`. 0 or -errno. */
  remove(fqname: string, options: ChangeOptions = {}): number {
    checkOptions(options, rules, 'remove')
    return removePolicy(fqname, this.#context(options))
  }

  #context({ namespace = this.root, record = () => {} }: ChangeOptions): LoadContext {
    return { namespace, record, hashPolicy: this.hashPolicy, exportBinary: this.exportBinary }
  }
}

/** As AUDIT_MODE of a profile. */
export const auditModeOf = (store: PolicyStore, profile: { readonly auditAll: boolean }): AuditMode =>
  store.audit !== 'normal' ? store.audit : profile.auditAll ? 'all' : 'normal'
