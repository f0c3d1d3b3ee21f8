/** Features that this browser lacks to run programs beside a page that stays awake; empty if it has all. */

const api = WebAssembly as { readonly Suspending?: unknown; readonly promising?: unknown }

export const lacking: readonly string[] =
  typeof api.Suspending === 'function' && typeof api.promising === 'function'
    ? []
    : [
      'This browser has no JavaScript promise integration for WebAssembly (JSPI), by which a program waits without ' +
          'stopping its kernel. Chrome and Edge have it from 137 on. Here neither programs run nor Compare, which ' +
          'runs some; scenarios and the other views work.',
    ]
