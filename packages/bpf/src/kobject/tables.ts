/** Tables of functions: they are there, are the same for all that have the same, and show nothing. */

const tables = new Map<unknown, Map<string, object>>()

export const tableOf = (owner: unknown, name: string): object => {
  let own = tables.get(owner)
  if (own === undefined) tables.set(owner, (own = new Map<string, object>()))
  let table = own.get(name)
  if (table === undefined) own.set(name, (table = {}))
  return table
}
