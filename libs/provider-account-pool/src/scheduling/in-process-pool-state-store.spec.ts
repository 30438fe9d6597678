import { InProcessPoolStateStore } from './in-process-pool-state-store.js';
import { poolStateStoreContract } from './pool-state-store.contract.js';

poolStateStoreContract('InProcessPoolStateStore', () => new InProcessPoolStateStore(() => 0.5));
