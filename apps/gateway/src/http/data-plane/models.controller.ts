import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { RouteTable } from '#ai-routing';
import type { AccessPermit } from '#api-keys';
import { DomainError } from '#kernel';
import { AccountScheduler, ModelCatalogue } from '#provider-account-pool';
import { wireFormatOf } from '../wire-format-of.js';
import { callerOf } from './authenticated-request.js';
import { modelListings } from './model-listing.js';

/** Lists the models a caller may use, in the language it asks in. */
@ApiTags('Models')
@ApiBearerAuth()
@Controller()
export class ModelsController {
  constructor(
    private readonly routes: RouteTable,
    private readonly scheduler: AccountScheduler,
    private readonly catalogue: ModelCatalogue,
  ) {}

  @Get(['v1/models', 'v1beta/models'])
  @ApiOperation({ summary: 'List the models the key may use' })
  list(@Req() request: FastifyRequest): object {
    return listingFor(request).list(this.modelsOf(request), new URLSearchParams(request.url.split('?')[1]));
  }

  @Get(['v1/models/*', 'v1beta/models/*'])
  @ApiOperation({ summary: 'Show one model' })
  get(@Param('*') model: string, @Req() request: FastifyRequest): object {
    if (this.modelsOf(request).includes(model)) return listingFor(request).one(model);
    throw new DomainError('model_not_found', `The model '${model}' does not exist.`, { field: 'model' });
  }

  /** Names of routes, and `provider/model` for all that providers list, as far as the key reaches them. */
  private modelsOf(request: FastifyRequest): readonly string[] {
    const { permit } = callerOf(request);
    const names = new Set(
      this.routes.names().filter((name) => permit === null || this.hasTarget(name, permit)),
    );
    for (const provider of this.scheduler.poolNames()) {
      for (const model of this.catalogue.modelsOf(provider)) {
        const name = `${provider}/${model}`;
        if (permit === null || permit.reaches(name, provider, model)) names.add(name);
      }
    }
    return [...names].sort();
  }

  private hasTarget(name: string, permit: AccessPermit): boolean {
    const targets = this.routes.plan(name)?.flat() ?? [];
    return targets.some(({ provider, model }) => permit.reaches(name, provider, model));
  }
}

function listingFor(request: FastifyRequest): (typeof modelListings)['openai'] {
  return modelListings[wireFormatOf(request) ?? 'openai'];
}
