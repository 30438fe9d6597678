export type {
  ModelCall,
  ObjectKind,
  ObjectPath,
  Operation,
  Upload,
  WireFormat,
} from './contract/model-call.js';
export type {
  AnswerHeaders,
  AnswerTranslation,
  AnswerHold,
  FailedAnswer,
  FailureClassifier,
  PromptCaching,
  ProviderAdapter,
  ProviderCapabilities,
  StreamReader,
  UpstreamRequest,
  UpstreamTarget,
} from './contract/provider-adapter.js';
export { CallAbort } from './contract/call-signal.js';
export type { CallSignal, CallSignalListener } from './contract/call-signal.js';
export { UpstreamClient } from './contract/upstream-client.js';
export type {
  ByteSink,
  LimitListener,
  ModelsResult,
  ProbeResult,
  StreamEnd,
  UpstreamAnswer,
  UpstreamAttempt,
  UpstreamStream,
} from './contract/upstream-client.js';
export { AiProviderModule } from './ai-provider.module.js';
export type { AiProviderOptions } from './ai-provider.module.js';
export { guardedConnector, hostFault } from './client/dial-guard.js';
export type { HostFault } from './client/dial-guard.js';
export { readAllowances, tellsAllowances } from './limits/allowance.js';
export type { Allowance } from './limits/allowance.js';
export { passableHeaders } from './client/passable-headers.js';
export { UndiciUpstreamClient } from './client/undici-upstream-client.js';
export type { UpstreamOptions } from './client/upstream-options.js';
export { ProviderRegistry, providerKinds } from './provider-registry.js';
export { operatorClasses, usualScope } from './failure/operator-rule.js';
export type { OperatorRule, RuleMatch } from './failure/operator-rule.js';
export { ProviderJudge } from './failure/provider-judge.js';
export type { ChangedVerdict, DryRun } from './failure/provider-judge.js';
export type { RecentFailure } from './failure/recent-failures.js';
export { translateCall } from './translation/translate-call.js';
export type { TranslatedCall, Translation, UntranslatableCall } from './translation/translate-call.js';
export { TranslatingAdapter } from './translation/translating-adapter.js';
export { withoutForeignState } from './translation/foreign-state.js';
