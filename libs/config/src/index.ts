export { GATEWAY_CONFIG } from './gateway-config.js';
export type {
  AwsKmsSettings,
  GatewayConfig,
  GcpKmsSettings,
  NamedKey,
  StaticKey,
  VaultSettings,
} from './gateway-config.js';
export { parseEnvironment } from './environment/parse-environment.js';
export type { ParseOptions } from './environment/parse-environment.js';
export { ConfigurationError } from './config.errors.js';
export type { ConfigurationFault } from './config.errors.js';
export { ConfigModule } from './config.module.js';
