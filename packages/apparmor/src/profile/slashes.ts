/** Slashes of paths: several count as one, but two at the very beginning are a name of their own. */
export const oneSlash = (path: string): string => {
  if (!path.includes('//')) return path
  const keeps = path.startsWith('//') && path[2] !== '/'
  const rest = (keeps ? path.slice(2) : path).replace(/\/+/gu, '/')
  if (!keeps) return rest
  // What follows the two is a name's first letter, or nothing.
  return `//${rest}`
}
