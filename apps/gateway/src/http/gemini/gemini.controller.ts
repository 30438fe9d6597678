import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataPlane } from '../data-plane/data-plane.js';
import { geminiEndpoint } from './endpoints.js';

/** The Gemini wire format. Bodies are forwarded as they come; see Google's API reference for their fields. */
@ApiTags('Gemini')
@ApiBearerAuth()
@Controller('v1beta/models')
export class GeminiController {
  constructor(private readonly dataPlane: DataPlane) {}

  /** The model's name may hold slashes (`google/gemini-2.5-flash`), so the rest of the path is taken as one. */
  @Post('*')
  @ApiOperation({ summary: 'generateContent, streamGenerateContent, embedContent, countTokens' })
  @ApiParam({ name: 'modelAndVerb', example: 'gemini-2.5-flash:generateContent' })
  async call(
    @Req() request: FastifyRequest<{ Params: { '*': string }; Querystring: { alt?: string } }>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const endpoint = geminiEndpoint(request.params['*'], request.query.alt);
    await this.dataPlane.serve(endpoint, request, reply);
  }
}
