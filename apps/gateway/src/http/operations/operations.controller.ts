import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics } from '#observability';
import { Readiness } from './readiness.js';

/** What load balancers and Prometheus ask. */
@ApiTags('operations')
@Controller()
export class OperationsController {
  constructor(
    private readonly readiness: Readiness,
    private readonly registry: Metrics,
  ) {}

  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process is alive' })
  health(): object {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({
    summary: 'Whether calls can be served: the snapshot is loaded and the process is not stopping',
  })
  @HttpCode(200)
  ready(@Res({ passthrough: true }) reply: FastifyReply): object {
    const waitingFor = this.readiness.waitingFor();
    if (waitingFor.length > 0) void reply.status(503);
    return { status: waitingFor.length === 0 ? 'ready' : 'not_ready', waitingFor };
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Figures in the Prometheus text format' })
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, text } = await this.registry.expose();
    await reply.header('content-type', contentType).send(text);
  }
}
