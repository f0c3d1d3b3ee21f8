/** Extended attributes of one inode (struct simple_xattrs): a chain while they are few, as nearly always. */
const FEW = 8

class Entry {
  readonly name: string
  value: Uint8Array
  next: Entry | null

  constructor(name: string, value: Uint8Array, next: Entry | null) {
    this.name = name
    this.value = value
    this.next = next
  }
}

export class SimpleXattrs {
  /** Bytes that they count against the limit of inodes. */
  space = 0
  #first: Entry | null = null
  #count = 0
  /** All of them, once there are many. */
  #many: Map<string, Uint8Array> | null = null

  get(name: string): Uint8Array | null {
    return (this.#many !== null ? this.#many.get(name) : this.#find(name)?.value) ?? null
  }

  /** Does not copy the value. */
  set(name: string, value: Uint8Array): void {
    if (this.#many !== null) {
      this.#many.set(name, value)
      return
    }
    const known = this.#find(name)
    if (known !== null) known.value = value
    else if (this.#count < FEW) {
      this.#first = new Entry(name, value, this.#first)
      this.#count++
    } else {
      this.#many = new Map()
      for (const entry of this.#chain().reverse()) this.#many.set(entry.name, entry.value)
      this.#many.set(name, value)
      this.#first = null
    }
  }

  delete(name: string): void {
    if (this.#many !== null) {
      this.#many.delete(name)
      return
    }
    let before: Entry | null = null
    for (let entry = this.#first; entry !== null; before = entry, entry = entry.next) {
      if (entry.name !== name) continue
      if (before === null) this.#first = entry.next
      else before.next = entry.next
      this.#count--
      return
    }
  }

  /** In the order in which they were set first. */
  names(): string[] {
    return this.#many === null ? this.#chain().map(({ name }) => name).reverse() : [...this.#many.keys()]
  }

  /** The newest first. */
  #chain(): Entry[] {
    const entries: Entry[] = []
    for (let entry = this.#first; entry !== null; entry = entry.next) entries.push(entry)
    return entries
  }

  #find(name: string): Entry | null {
    let entry = this.#first
    while (entry !== null && entry.name !== name) entry = entry.next
    return entry
  }
}
