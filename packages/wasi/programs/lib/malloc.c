/*
 * Memory for the tools: a list of free blocks for each power of two. The allocator of wasi-libc would be two thirds of
 * most of them.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HEAD 16 /* keeps what is given out aligned; the power of two stands in it */
#define SMALLEST 5
#define LARGEST 30
#define PAGE 65536

struct block {
  uint32_t power;
  struct block *next; /* of those that are free */
};

static struct block *free_blocks[LARGEST + 1];
static uintptr_t top, end;
extern char __heap_base;

/* New memory behind all other; NULL when there is none. */
static struct block *take(size_t size) {
  if (top == 0) {
    top = ((uintptr_t)&__heap_base + HEAD - 1) & ~(uintptr_t)(HEAD - 1);
    end = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE;
  }
  if (end - top < size) {
    size_t pages = (size - (end - top) + PAGE - 1) / PAGE;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return NULL;
    end += pages * PAGE;
  }
  struct block *block = (struct block *)top;
  top += size;
  return block;
}

static struct block *head_of(void *memory) { return (struct block *)((char *)memory - HEAD); }

void *malloc(size_t size) {
  uint32_t power = SMALLEST;
  while (power <= LARGEST && ((size_t)1 << power) - HEAD < size) power++;
  struct block *block = power > LARGEST ? NULL : free_blocks[power];
  if (block != NULL) free_blocks[power] = block->next;
  else if (power > LARGEST || (block = take((size_t)1 << power)) == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  block->power = power;
  return (char *)block + HEAD;
}

void free(void *memory) {
  if (memory == NULL) return;
  struct block *block = head_of(memory);
  block->next = free_blocks[block->power];
  free_blocks[block->power] = block;
}

void *calloc(size_t count, size_t size) {
  size_t whole;
  if (__builtin_mul_overflow(count, size, &whole)) {
    errno = ENOMEM;
    return NULL;
  }
  void *memory = malloc(whole);
  return memory == NULL ? NULL : memset(memory, 0, whole);
}

void *realloc(void *memory, size_t size) {
  if (memory == NULL) return malloc(size);
  size_t room = ((size_t)1 << head_of(memory)->power) - HEAD;
  if (size <= room) return memory;
  void *larger = malloc(size);
  if (larger == NULL) return NULL;
  memcpy(larger, memory, room);
  free(memory);
  return larger;
}
