import type { Kept, Shelf } from '../accounts/shelf.js';
import { json } from './answers.js';
import type { Answer, InvalidRequest, NothingKept, Operation, OperationRequest, Reading } from './dialect.js';
import { reading } from './request-body.js';

/** A call about something that is kept: it costs nothing of the limits of models. */
export const aboutKept = (answer: Reading['answer']): Reading => reading({ model: '', cost: 'free', answer });

/** An operation on one thing, which is refused when the account keeps no such thing. */
export function onKept(
  name: string,
  kind: string,
  answer: (thing: Kept, request: OperationRequest & { readonly id: string }, nowMs: number) => Answer,
): Operation {
  return {
    name,
    read(request): Reading | InvalidRequest | NothingKept {
      const { pathModel: id, shelf } = request;
      const thing = shelf.get(kind, id);
      if (thing === undefined) return { kind: 'nothing_kept', what: kind, id };
      return aboutKept(({ nowMs }) => answer(thing, { ...request, id }, nowMs));
    },
  };
}

/** Shows a thing as it is. */
export const showKept = (name: string, kind: string): Operation =>
  onKept(name, kind, ({ shown }) => json(shown));

/** Hands out the content of a thing. */
export const contentOf = (name: string, kind: string, contentType: string): Operation =>
  onKept(name, kind, ({ content }) => ({ kind: 'whole', contentType, body: content ?? Buffer.alloc(0) }));

/** Replaces what is shown of a thing. */
export function renew(
  shelf: Shelf,
  id: string,
  thing: Kept,
  changes: Readonly<Record<string, unknown>>,
): Kept {
  const renewed = { ...thing, shown: { ...thing.shown, ...changes } };
  shelf.put(id, renewed);
  return renewed;
}
