/** Threads as a box gives them to its shell: `@lsmkit/sandbox/inside` has the same. */

export type ThreadEnd = { readonly kind: 'memory' } | { readonly kind: 'error'; readonly error: Error }

export interface WorkThread {
  send(message: unknown): void
  receive(take: (message: unknown) => void): void
  onEnd(tell: (why: ThreadEnd) => void): void
  hold(isHeld: boolean): void
  end(): void
}

export type StartThread = (url: URL, data: unknown, transfer: readonly object[]) => WorkThread
