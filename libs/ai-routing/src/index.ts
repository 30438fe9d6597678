export { AiRoutingModule } from './ai-routing.module.js';
export type { AiRoutingOptions } from './ai-routing.module.js';
export { RelayCall } from './relay-call.js';
export type { AnsweredBy, RelayAnswer, RelayCaller, RelayRequest } from './relay-contract.js';
export { ObjectRelay } from './objects/object-relay.js';
export type { ObjectRequest } from './objects/object-relay.js';
export { keptMs } from './pins/pin.js';
export type { Pin, PinPage, PinSeeker } from './pins/pin.js';
export { Pins } from './pins/pins.js';
export type { RouteTarget, RouteTiers } from './route-plan.js';
export { RoutesService } from './routes.service.js';
export type { RouteDraft, RouteView } from './routes.service.js';
export { RouteTable } from './route-table.js';
export { LlmClient } from './llm-client/llm-client.js';
export type {
  ChatAnswer,
  ChatChunk,
  ChatRequest,
  EmbeddingAnswer,
  EmbeddingRequest,
  LlmCallOptions,
} from './llm-client/llm-requests.js';
