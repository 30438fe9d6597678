import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { RoutesService, type RouteTiers, type RouteView } from '#ai-routing';
import type { Page } from '#kernel';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { IfMatch } from '../if-match.js';
import { PageQuery } from '../paging.dto.js';
import { CreateRouteDto, RouteDto, RoutePageDto, UpdateRouteDto } from './route.dto.js';

/** Routes: public model names and where their calls go. */
@AdminController('routes')
export class RoutesController {
  constructor(private readonly routes: RoutesService) {}

  @Post()
  @Access('admin:write')
  @ApiCreatedResponse({ type: RouteDto })
  create(@Body() { name, tiers }: CreateRouteDto): Promise<RouteView> {
    return this.routes.create({ name, tiers: withWeights(tiers) });
  }

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: RoutePageDto })
  list(@Query() page: PageQuery): Promise<Page<RouteView>> {
    return this.routes.list(page);
  }

  @Get(':id')
  @Access('admin:read')
  @ApiOkResponse({ type: RouteDto })
  get(@Param('id') id: string): Promise<RouteView> {
    return this.routes.get(id);
  }

  @Patch(':id')
  @Access('admin:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The version the change is based on' })
  @ApiOkResponse({ type: RouteDto })
  update(
    @Param('id') id: string,
    @IfMatch() version: number,
    @Body() { name, tiers }: UpdateRouteDto,
  ): Promise<RouteView> {
    return this.routes.update(id, version, {
      ...(name === undefined ? {} : { name }),
      ...(tiers === undefined ? {} : { tiers: withWeights(tiers) }),
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin:write')
  @ApiNoContentResponse()
  remove(@Param('id') id: string): Promise<void> {
    return this.routes.remove(id);
  }
}

function withWeights(tiers: RouteTiers): RouteTiers {
  return tiers.map((tier) => tier.map(({ weight = 1, ...target }) => ({ ...target, weight })));
}
