/** Imports of a component that its embedder gives. */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a function of the embedder has any parameters
export type GivenFunction = (...args: any[]) => unknown
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- and so has a class
export type GivenClass = abstract new (...args: any[]) => object

/**
 * Imports of a component: an interface by its name (`docs:log/sink@1.0.0`, or without the version), whose functions and
 * classes have the names of WIT or those in camelCase and PascalCase; a function that belongs to no interface by its
 * own name.
 */
export type GivenImports = Readonly<Record<string, GivenFunction | GivenInterface>>

export type GivenInterface = Readonly<Record<string, GivenFunction | GivenClass>>
