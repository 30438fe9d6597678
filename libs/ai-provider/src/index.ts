export type { ModelCall, Operation, WireFormat } from './contract/model-call.js';
export type {
  AnswerHeaders,
  FailedAnswer,
  ProviderAdapter,
  ProviderCapabilities,
  StreamReader,
  UpstreamRequest,
  UpstreamTarget,
} from './contract/provider-adapter.js';
export { UpstreamClient } from './contract/upstream-client.js';
export type {
  ByteSink,
  ProbeResult,
  StreamEnd,
  UpstreamAnswer,
  UpstreamAttempt,
  UpstreamStream,
} from './contract/upstream-client.js';
