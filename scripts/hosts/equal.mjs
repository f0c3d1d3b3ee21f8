/** Throws if `got` is not `wanted`. */
export const equal = (got, wanted) => {
  if (got !== wanted) throw new Error(`${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`)
}
