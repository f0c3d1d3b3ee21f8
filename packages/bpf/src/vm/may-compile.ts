/** Whether code may be made from text here: a page can forbid it (Content-Security-Policy without `unsafe-eval`). */

let known: boolean | null = null

export const mayCompile = (): boolean => {
  if (known !== null) return known
  try {
    known = (new Function('return 1') as () => number)() === 1
  } catch {
    known = false
  }
  return known
}
