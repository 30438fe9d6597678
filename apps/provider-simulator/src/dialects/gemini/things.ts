import type { Kept } from '../../accounts/shelf.js';
import { json } from '../answers.js';
import type {
  Answer,
  InvalidRequest,
  NothingKept,
  Operation,
  OperationRequest,
  Reading,
} from '../dialect.js';
import { aboutKept, onKept } from '../keeping.js';

/** Whether the account still keeps a thing, by the end it has told. */
export const isKept = ({ shown }: Kept, nowMs: number): boolean =>
  Date.parse(String(shown['expirationTime'] ?? shown['expireTime'])) > nowMs;

/** An operation on one thing whose time is not over. */
export function onLiving(
  kind: string,
  answer: (thing: Kept, request: OperationRequest & { readonly id: string }) => Answer,
): Operation {
  const operation = onKept(`${kind}s`, kind, answer);
  return {
    name: operation.name,
    read(request): Reading | InvalidRequest | NothingKept {
      const { shelf, pathModel: id, nowMs } = request;
      const thing = shelf.get(kind, id);
      if (thing !== undefined && !isKept(thing, nowMs)) shelf.drop(id);
      return operation.read(request);
    },
  };
}

/** One page of a collection: `pageSize`, and a `pageToken` that tells how many came before. */
export function listing(
  kind: string,
  member: string,
  show: (thing: Kept, nowMs: number) => Kept['shown'],
): Operation {
  return {
    name: `${kind}s`,
    read: ({ shelf, query, nowMs }) =>
      aboutKept(() => {
        const asked = new URLSearchParams(query);
        const from = Number(asked.get('pageToken') ?? 0);
        const until = from + Number(asked.get('pageSize') ?? 10);
        const all = shelf.all(kind).filter((thing) => isKept(thing, nowMs));
        const page = all.slice(from, until).map((thing) => show(thing, nowMs));
        return json({
          ...(page.length > 0 && { [member]: page }),
          ...(until < all.length && { nextPageToken: String(until) }),
        });
      }),
  };
}

/** Deletes a thing; nothing is told of it. */
export const removal = (kind: string): Operation =>
  onLiving(kind, (_thing, { shelf, id }) => {
    shelf.drop(id);
    return json({});
  });

/** An instant as Google writes it. */
export const instant = (ms: number): string => new Date(ms).toISOString();
