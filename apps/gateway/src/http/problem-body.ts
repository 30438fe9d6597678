import type { DomainError } from '#kernel';
import { errorCodes } from '#kernel';
import type { EdgeError } from './data-plane/edge-error.js';

/** RFC 9457 problem details, the errors of the admin API. */
export function problemBody({ details }: DomainError, edge: EdgeError): object {
  return {
    type: `urn:provider-account-pool:error:${edge.code}`,
    title: errorCodes[edge.code].when,
    status: edge.status,
    detail: edge.message,
    code: edge.code,
    requestId: edge.requestId,
    ...(edge.field === null ? {} : { field: edge.field }),
    ...(details.faults === undefined ? {} : { faults: details.faults }),
  };
}
