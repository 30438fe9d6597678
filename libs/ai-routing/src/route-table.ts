import { Injectable } from '@nestjs/common';
import type { DomainError } from '#kernel';
import { AccountScheduler } from '#provider-account-pool';
import { reachable } from './reachable.js';
import type { RelayCaller } from './relay-contract.js';
import { planRoute, type RouteTiers } from './route-plan.js';

/** The routes in force, in memory. Replaced as a whole, never changed in place. */
@Injectable()
export class RouteTable {
  private routes: ReadonlyMap<string, RouteTiers> = new Map();

  constructor(private readonly scheduler: AccountScheduler) {}

  /** Puts a new set of routes in force. */
  replace(routes: ReadonlyMap<string, RouteTiers>): void {
    this.routes = routes;
  }

  /** @returns tiers in order of trial, or `null` when nothing serves the model */
  plan(model: string): RouteTiers | null {
    return planRoute(model, this.routes, this.isProvider);
  }

  /** @returns what of the plan the caller may reach, or why there is nothing */
  reachable(model: string, caller: Pick<RelayCaller, 'permit'>): RouteTiers | DomainError {
    return reachable(this.plan(model), model, caller);
  }

  /** Names of all routes, for model listings. */
  names(): readonly string[] {
    return [...this.routes.keys()];
  }

  private readonly isProvider = (name: string): boolean => this.scheduler.hasPool(name);
}
