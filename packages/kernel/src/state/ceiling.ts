/**
 * The limit on the memory of all files in memory together: those of each tmpfs and ramfs, memfds and shared memory.
 * Each file system has limits of its own as well.
 */
import { PAGE_SIZE } from '@lsmkit/abi'

/** Bytes that an inode counts. Further names and attributes count as well. */
export const BOGO_INODE_SIZE = 1024

/** How much more memory files may take. */
export interface Growth {
  /** Bytes of contents; Infinity: no limit. */
  readonly files: number
  readonly inodes: number
  /** Bytes of a file that is executed, all of which is read into memory; holes count as well. Default: no limit. */
  readonly images?: number
}

export class Ceiling {
  /** Pages, and bytes of inodes, that all file systems hold. */
  pages = 0
  ispace = 0
  #maxPages = Infinity
  #maxIspace = Infinity
  #maxImage = Infinity
  readonly #holds = new Set<{ readonly pages: number; readonly ispace: number; readonly images: number }>()

  hasPages(more: number): boolean {
    return this.pages + more <= this.#maxPages
  }
  hasIspace(more: number): boolean {
    return this.ispace + more <= this.#maxIspace
  }

  /** Whether a file of so many bytes may be executed. */
  hasImage(bytes: number): boolean {
    return bytes <= this.#maxImage
  }

  /** Until the answer is called, no more than this is added; where several hold, the lowest ceiling counts. */
  hold({ files, inodes, images = Infinity }: Growth): () => void {
    const hold = {
      pages: this.pages + Math.floor(files / PAGE_SIZE), ispace: this.ispace + inodes * BOGO_INODE_SIZE,
      images,
    }
    this.#holds.add(hold)
    this.#settle()
    return () => {
      this.#holds.delete(hold)
      this.#settle()
    }
  }
  #settle(): void {
    this.#maxPages = Math.min(...[...this.#holds].map(({ pages }) => pages))
    this.#maxIspace = Math.min(...[...this.#holds].map(({ ispace }) => ispace))
    this.#maxImage = Math.min(...[...this.#holds].map(({ images }) => images))
  }
}
