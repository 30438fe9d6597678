import type { Operation } from '../../contract/model-call.js';

/** Where each operation lives behind the bare host. */
export const paths: Readonly<Partial<Record<Operation, string>>> = {
  messages: '/v1/messages',
  count_tokens: '/v1/messages/count_tokens',
};

/** Lists models: free, and refused without a valid key. */
export const probePath = '/v1/models?limit=1';
