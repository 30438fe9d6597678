import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LlmClient } from './llm-client/llm-client.js';
import { ObjectRelay } from './objects/object-relay.js';
import { PinnedObjectEntity } from './persistence/pinned-object.entity.js';
import { PostgresPinStore } from './persistence/postgres-pin-store.js';
import { RouteRepository } from './persistence/route-repository.js';
import { RouteEntity } from './persistence/route.entity.js';
import { NoPinStore, PinStore } from './pins/pin-store.js';
import { Pins } from './pins/pins.js';
import { RelayCall } from './relay-call.js';
import { RouteRefresher } from './route-refresher.js';
import { RouteTable } from './route-table.js';
import { RoutesService } from './routes.service.js';

/** How the module is set up. */
export interface AiRoutingOptions {
  /** `none`: no routes, models are named `provider/model`, no database is needed. */
  readonly storage: 'postgres' | 'none';
}

/**
 * Routes calls to pools. Needs the doors of `#ai-provider`, `#provider-account-pool` and `#billing` as global modules,
 * `ScheduleModule.forRoot()`,
 * and with `postgres` a TypeORM data source and a ChangeFeed.
 */
@Module({})
export class AiRoutingModule {
  static forRoot({ storage }: AiRoutingOptions): DynamicModule {
    const relaying = [RouteTable, RelayCall, ObjectRelay, Pins, LlmClient];
    if (storage === 'none') {
      const pinStore = { provide: PinStore, useClass: NoPinStore };
      return { module: AiRoutingModule, providers: [...relaying, pinStore], exports: relaying };
    }
    const pinStore = { provide: PinStore, useClass: PostgresPinStore };
    return {
      module: AiRoutingModule,
      imports: [TypeOrmModule.forFeature([RouteEntity, PinnedObjectEntity])],
      providers: [...relaying, pinStore, RouteRepository, RouteRefresher, RoutesService],
      exports: [...relaying, RoutesService],
    };
  }
}
