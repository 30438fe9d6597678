import type { TestGateway } from './test-gateway.js';

/** One operation of the admin API, as the document has it: path below `/admin/v1`, with `{id}` as it stands there. */
export interface Operation {
  readonly method: string;
  readonly path: string;
}

const methods = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** Every operation of the admin API, from the document a running gateway serves. */
export async function adminOperations({ url }: Pick<TestGateway, 'url'>): Promise<Operation[]> {
  const document = (await (await fetch(`${url}/docs-json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const prefix = '/admin/v1';
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith(`${prefix}/`))
    .flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => methods.has(method))
        .map((method) => ({ method: method.toUpperCase(), path: path.slice(prefix.length) })),
    );
}
