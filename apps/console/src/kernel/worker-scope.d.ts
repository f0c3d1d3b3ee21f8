/** What a worker has of its own. The whole of TypeScript's library for it hides names of ours. */
declare const self: {
  postMessage: (message: unknown, options: { readonly transfer: Transferable[] }) => void
  addEventListener: <T>(type: 'message', listener: (event: { readonly data: T }) => void) => void
}
type Transferable = ArrayBuffer
