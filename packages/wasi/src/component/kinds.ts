/**
 * Marks of objects that components and JavaScript give each other, so that `instanceof` knows them whichever copy of
 * this package made them: an inline box may run on scripts that were made of it.
 */
export const KIND: unique symbol = Symbol.for('lsmkit.component.kind')

export const isOfKind = (value: unknown, kind: 'resource' | 'stream'): boolean =>
  typeof value === 'object' && value !== null && (value as { readonly [KIND]?: unknown })[KIND] === kind
