import type { TestGateway } from './test-gateway.js';

/** One operation of the admin API, as the document has it: path below `/admin/v1`, with `{id}` as it stands there. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  /** `x-required-scope`. */
  readonly scope: string;
  /** Names of its query parameters. */
  readonly queries: readonly string[];
}

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly 'x-required-scope'?: string;
}

const methods = new Set(['get', 'post', 'put', 'patch', 'delete']);
const prefix = '/admin/v1';

/** Every operation of the admin API, from the document a running gateway serves. */
export async function adminOperations({ url }: Pick<TestGateway, 'url'>): Promise<Operation[]> {
  const document = (await (await fetch(`${url}/docs-json`)).json()) as {
    paths: Record<string, Record<string, Described>>;
  };
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith(`${prefix}/`))
    .flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([method]) => methods.has(method))
        .map(([method, { parameters = [], 'x-required-scope': scope }]) => ({
          method: method.toUpperCase(),
          path: path.slice(prefix.length),
          scope: String(scope),
          queries: parameters.filter((each) => each.in === 'query').map(({ name }) => name),
        })),
    );
}
