export { GATEWAY_CONFIG } from './gateway-config.js';
export type { GatewayConfig, NamedKey, StaticKey } from './gateway-config.js';
