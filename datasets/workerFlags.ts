/**
 * V8's flags for a worker process. The data worker streams: what it allocates is dead in a moment, and a large young generation (Node's default
 * grows to some 100 MB) would only be memory that an import of any size never needs.
 */
export const workerFlags = (kind: string): string[] => (kind === 'data' ? ['--max-semi-space-size=8'] : [])
