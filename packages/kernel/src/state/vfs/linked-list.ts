/**
 * A doubly linked list, as the kernel's: insertion and removal take constant time in a list of any length. (A Set or
 * Map rehashes when enough was removed, in time that grows with its size.)
 */
export class ListNode<T> {
  readonly value: T
  prev: ListNode<T> | null = null
  next: ListNode<T> | null = null

  constructor(value: T) {
    this.value = value
  }
}

export class LinkedList<T> implements Iterable<T> {
  #first: ListNode<T> | null = null
  #last: ListNode<T> | null = null
  size = 0

  get oldest(): ListNode<T> | null {
    return this.#first
  }

  /** Puts it at the end; the node is how to take it out again. */
  add(value: T): ListNode<T> {
    const node = new ListNode(value)
    this.put(node)
    return node
  }

  /** Puts it at the start; the node is how to take it out again. */
  addFirst(value: T): ListNode<T> {
    const node = new ListNode(value)
    node.next = this.#first
    if (this.#first === null) this.#last = node
    else this.#first.prev = node
    this.#first = node
    this.size++
    return node
  }

  /** Puts a node that is in no list at the end. */
  put(node: ListNode<T>): void {
    node.prev = this.#last
    node.next = null
    if (this.#last === null) this.#first = node
    else this.#last.next = node
    this.#last = node
    this.size++
  }

  /** A node of this list. A walk that stands on it goes on behind it. */
  remove(node: ListNode<T>): void {
    if (node.prev === null) this.#first = node.next
    else node.prev.next = node.next
    if (node.next === null) this.#last = node.prev
    else node.next.prev = node.prev
    this.size--
  }

  *nodes(): Generator<ListNode<T>> {
    for (let node = this.#first; node !== null; node = node.next) yield node
  }

  *[Symbol.iterator](): Generator<T> {
    for (let node = this.#first; node !== null; node = node.next) yield node.value
  }

  /** From the end, or from a node of this list on. */
  *newestFirst(from = this.#last): Generator<T> {
    for (let node = from; node !== null; node = node.prev) yield node.value
  }
}
