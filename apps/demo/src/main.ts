/** The demo system: a tour of a stacked kernel running real programs. */
export {}
