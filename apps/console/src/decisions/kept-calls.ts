/** The last calls by their numbers. Calls in which something was refused have room of their own, and stay longer. */
export class KeptCalls<T> {
  readonly #most: number
  readonly #mostRefused: number
  readonly #allowed = new Map<number, T>()
  readonly #refused = new Map<number, T>()

  constructor(most: number, mostRefused: number) {
    this.#most = most
    this.#mostRefused = mostRefused
  }

  set(serial: number, call: T, isRefused: boolean): void {
    const calls = isRefused ? this.#refused : this.#allowed
    calls.set(serial, call)
    if (calls.size > (isRefused ? this.#mostRefused : this.#most)) calls.delete(calls.keys().next().value!)
  }

  get(serial: number): T | undefined {
    return this.#allowed.get(serial) ?? this.#refused.get(serial)
  }

  /** In no order. */
  values(): T[] {
    return [...this.#refused.values(), ...this.#allowed.values()]
  }

  clear(): void {
    this.#allowed.clear()
    this.#refused.clear()
  }
}
