import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditOrigin } from './audit-event.js';

const current = new AsyncLocalStorage<AuditOrigin>();

/** This product by itself: jobs, the first start. */
export const systemOrigin: AuditOrigin = Object.freeze({
  actor: Object.freeze({ kind: 'system', id: null }),
  ip: null,
  requestId: null,
  correlationId: null,
});

/** Does work, the asynchronous parts too, of which every event comes from `origin`. */
export const auditedAs = <Result>(origin: AuditOrigin, work: () => Result): Result =>
  current.run(origin, work);

/** Where events of the work under way come from. */
export const currentOrigin = (): AuditOrigin => current.getStore() ?? systemOrigin;
