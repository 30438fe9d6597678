import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataPlane } from '../data-plane/data-plane.js';
import { anthropicEndpoints } from './endpoints.js';

/** The Anthropic wire format. Bodies are forwarded as they come; see Anthropic's API reference for their fields. */
@ApiTags('Anthropic')
@ApiBearerAuth()
@Controller('v1/messages')
export class AnthropicController {
  constructor(private readonly dataPlane: DataPlane) {}

  @Post()
  @ApiOperation({ summary: 'Create a message, plain or streamed' })
  messages(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(anthropicEndpoints.messages, request, reply);
  }

  @Post('count_tokens')
  @ApiOperation({ summary: 'Count the tokens of a message' })
  countTokens(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(anthropicEndpoints.countTokens, request, reply);
  }
}
