import { InProcessPoolStateStore } from './in-process-pool-state-store.js';
import { poolStateStoreContract } from './pool-state-store.contract.js';
import { replicatedPoolStateStoreContract } from './replicated-pool-state-store.contract.js';

const make = (): InProcessPoolStateStore => new InProcessPoolStateStore(() => 0.5);
poolStateStoreContract('InProcessPoolStateStore', make);
replicatedPoolStateStoreContract('InProcessPoolStateStore', make);
