/** The steps of ordering as values: lsm.debug prints them, explain() says them in words. */

export type OrderEvent =
  | { readonly kind: 'early'; readonly name: string; readonly enabled: boolean }
  | {
      readonly kind: 'ordered'
      readonly name: string
      readonly by: 'first' | 'builtin' | 'cmdline' | 'security=' | 'last'
      readonly enabled: boolean
    }
  /** `security=` chose another major. */
  | { readonly kind: 'not-chosen'; readonly name: string; readonly chosen: string }
  /** A name of the list that no LSM has; early LSMs cannot be named either. */
  | { readonly kind: 'unknown'; readonly name: string; readonly by: 'builtin' | 'cmdline' }
  /** An LSM that the list does not name. */
  | { readonly kind: 'skipped'; readonly name: string; readonly by: 'builtin' | 'cmdline' }
  /** More LSMs than there is room for. */
  | { readonly kind: 'full'; readonly name: string }
  /** `chosen` is the exclusive LSM: `name` itself, or the one that `name` is disabled for. */
  | { readonly kind: 'exclusive'; readonly name: string; readonly chosen: string }

const state = (enabled: boolean): string => (enabled ? 'enabled' : 'disabled')

/** The line the kernel prints with lsm.debug, without its `LSM: `. */
export const kernelLog = (event: OrderEvent): string => {
  switch (event.kind) {
    case 'early':
      return `early started: ${event.name} (${state(event.enabled)})`
    case 'ordered':
      return `${event.by} ordered: ${event.name} (${state(event.enabled)})`
    case 'not-chosen':
      return `security=${event.chosen} disabled: ${event.name} (only one legacy major LSM)`
    case 'unknown':
      return `${event.by} ignored: ${event.name} (not built into kernel)`
    case 'skipped':
      return `${event.by} skipped: ${event.name} (not in requested order)`
    case 'full':
      return `${event.name}: out of LSM static calls`
    case 'exclusive':
      return event.name === event.chosen ? `exclusive chosen:   ${event.name}` : `exclusive disabled: ${event.name}`
  }
}

/** Why an LSM is disabled, from the last of its events that says so; null for one that is enabled. */
export const reasonOf = (name: string, events: readonly OrderEvent[]): string | null => {
  let reason: string | null = null
  for (const event of events) {
    if (event.name !== name) continue
    if (event.kind === 'not-chosen') reason = `\`security=${event.chosen}\` chose another major`
    else if (event.kind === 'skipped') reason = reason ?? notNamed(event.by)
    else if (event.kind === 'full') reason = 'there are more LSMs than slots'
    else if (event.kind === 'exclusive' && event.chosen !== name) reason = `\`${event.chosen}\` is exclusive and came first`
    else if ((event.kind === 'ordered' || event.kind === 'early') && !event.enabled) reason ??= 'its own enabled variable is 0'
  }
  return reason
}

const notNamed = (by: 'builtin' | 'cmdline'): string => `${by === 'cmdline' ? '`lsm=`' : 'CONFIG_LSM'} does not name it`
