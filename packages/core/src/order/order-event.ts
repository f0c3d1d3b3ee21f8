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
      return event.name === event.chosen ? `exclusive chosen: ${event.name}` : `exclusive disabled: ${event.name}`
  }
}

/** Why an LSM is where it is, or why it is disabled: the last of its events that decided, in words. */
export const reasonOf = (name: string, events: readonly OrderEvent[]): string => {
  let reason = 'nobody named it'
  for (const event of events) {
    if (event.name !== name) continue
    switch (event.kind) {
      case 'early':
        reason = event.enabled ? 'started early, in front of all others' : ownVariable
        break
      case 'ordered':
        // of several reasons to be off the first is told
        if (!event.enabled) reason = reason.startsWith('`security=') ? reason : ownVariable
        else reason = places[event.by]
        break
      case 'not-chosen':
        reason = `\`security=${event.chosen}\` chose another major`
        break
      case 'skipped':
        if (!reason.startsWith('`security=')) reason = `not named by ${lists[event.by]}`
        break
      case 'full':
        reason = 'there are more LSMs than MAX_LSM_COUNT'
        break
      case 'exclusive':
        if (event.chosen !== name) reason = `\`${event.chosen}\` is exclusive too, and came first`
        break
      case 'unknown':
        break
    }
  }
  return reason
}

const ownVariable = 'its own enabled variable is 0'
const lists = { builtin: 'CONFIG_LSM', cmdline: '`lsm=`' }
const places = {
  first: 'always first',
  last: 'always last',
  builtin: 'named by CONFIG_LSM',
  cmdline: 'named by `lsm=`',
  'security=': 'chosen by `security=`',
}
