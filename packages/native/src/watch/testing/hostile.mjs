/** Calls with arguments that cannot be read, or are too long: each errno is printed, as JSON. */
import { createRequire } from 'node:module'

const koffi = createRequire(process.argv[2])('koffi')
const libc = koffi.load(null)
const openat = libc.func('int openat(int, intptr_t, int, int)')
const mmap = libc.func('intptr_t mmap(intptr_t, size_t, int, int, int, long)')
const munmap = libc.func('int munmap(intptr_t, size_t)')
const connect = libc.func('int connect(int, intptr_t, uint)')
const memset = libc.func('intptr_t memset(intptr_t, int, size_t)')
const rename = libc.func('int rename(intptr_t, intptr_t)')

const errno = (rc) => (rc < 0 ? koffi.errno() : 0)
const open = (address) => errno(openat(-100, address, 0, 0))
const [READ_WRITE, PRIVATE_ANONYMOUS, PAGE] = [3, 0x22, 4096]
const pages = Number(mmap(0, 4 * PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0))
munmap(pages + 3 * PAGE, PAGE)
memset(pages, 'a'.charCodeAt(0), 3 * PAGE)

const results = {
  null: open(0),
  low: open(8),
  // beyond the address space of a program
  kernel: open(0xffff800000000000n),
  odd: open(0xdeadbeef000n),
  // ends at a page that is not there, without a NUL
  cut: open(pages + 3 * PAGE - 10),
  long: open(pages),
  address: errno(connect(0, 8, 16)),
  size: errno(connect(0, pages, 0xfffffff0)),
  second: errno(rename(pages, 8)),
}
memset(pages + 3 * PAGE - 1, 0, 1)
results.edge = open(pages + 3 * PAGE - 3)
process.stdout.write(JSON.stringify(results))
