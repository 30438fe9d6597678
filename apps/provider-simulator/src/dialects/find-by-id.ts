import type { Operation, Route } from './dialect.js';

/** Finds an operation by method and path; `{id}` in a path stands for one segment. */
export function routesById(
  operations: Readonly<Record<string, Operation>>,
): (call: string) => Route | undefined {
  const patterns = Object.entries(operations).map(([call, operation]) => ({
    operation,
    pattern: new RegExp(`^${call.replace('{id}', '([^/]+)')}$`),
  }));
  return (call) => {
    for (const { operation, pattern } of patterns) {
      const match = pattern.exec(call);
      if (match !== null) return { operation, pathModel: match[1] ?? '' };
    }
    return undefined;
  };
}
