/** A thread that writes two texts by turns to the same memory, until its process ends. */
import { workerData } from 'node:worker_threads'

const { shared, texts } = workerData as { shared: Uint8Array; texts: readonly Uint8Array[] }
for (;;) {
  for (const one of texts) for (let i = 0; i < 50; i++) shared.set(one)
}
